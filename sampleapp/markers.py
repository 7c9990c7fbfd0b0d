"""What a marker is: a numbered document of a series, written only to see whether writing works. Pure: no I/O, no Flask.

Markers lie beside the entries and not among them, so that no visitor reads them and none is counted.
"""

import json
import re
from dataclasses import dataclass

from sampleapp.entries import BadInput

_SERIES = re.compile(r"[a-z0-9]{6,32}")
NUMBER_MAX = 99_999


@dataclass(frozen=True, kw_only=True)
class Marker:
    """One marker, stored or not."""

    series: str
    number: int

    @property
    def id(self) -> str:
        """Its `_id`: a marker that is sent twice cannot be there twice."""
        return f"{self.series}:{self.number:05d}"


def from_json(body: bytes) -> Marker:
    """The marker in a JSON document."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInput('The body is not JSON. Send {"series": "…", "number": 1}.') from error
    if not isinstance(document, dict):
        raise BadInput('The body is not a JSON object. Send {"series": "…", "number": 1}.')
    number = document.get("number")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= NUMBER_MAX:
        raise BadInput(f"number must be a whole number from 0 to {NUMBER_MAX}.")
    return Marker(series=checked(document.get("series")), number=number)


def checked(series: object) -> str:
    """The name of a series, refused when it is none."""
    if not (isinstance(series, str) and _SERIES.fullmatch(series)):
        raise BadInput("series must be 6 to 32 small letters and digits.")
    return series
