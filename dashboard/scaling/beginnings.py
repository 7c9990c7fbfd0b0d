"""What can be known of an HPA's past when it is seen for the first time: its rescales, as Events tell them. Pure.

What it recommended, no object says; but where it has gone to lately, it wished to go at least that far.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dashboard.scaling.algorithm import Change, History, Recommendation
from dashboard.scaling.moment import Moment
from dashboard.scaling.reading import behavior_of, moment

_SCALED = re.compile(r"^Scaled (?:up|down) replica set \S+ from (\d+) to (\d+)$")
SAME_MOMENT_S = 2.0
"""Between a rescale's time in the status and that of the Deployment's Event, in whole seconds."""


def of(now: Moment) -> History:
    """As far as it still counts; the last rescale is left to the status, if that was written with it."""
    at, size = moment(now.hpa.get("last_scale_at")), now.hpa.get("desired")
    changes = tuple(sorted(_changes(now, but=at if _is_told(now) else None), key=lambda each: each.at))
    wishes = (Recommendation(at, size),) if at is not None and size is not None else ()
    return History(wishes, changes).kept(now.now, behavior_of(now.hpa.get("behavior")))


def _is_told(now: Moment) -> bool:
    return now.condition("AbleToScale").get("reason") == "SucceededRescale"


def _changes(now: Moment, *, but: float | None) -> Iterator[Change]:
    """Equal rescales that are counted in one Event have only the time of the last one."""
    for event in now.events:
        found, at = _SCALED.match(event["message"]), moment(event["at"])
        if found is not None and at is not None and (but is None or abs(at - but) > SAME_MOMENT_S):
            yield Change(at, int(found[2]) - int(found[1]))
