"""What a run is held to: reads `p95_ms<800,failures<1%,peak_replicas>=3` and says of each whether the run met it. Pure.

An unknown value meets nothing: nobody may pass because nobody knows.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.cli.options import ASSERT_NAMES, Misused
from dashboard.runs.reaction import NAMES as REACTIONS
from dashboard.store.times import seconds

Row = Mapping[str, Any]

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq,
}  # fmt: skip
_ONE = re.compile(r"\s*([a-z0-9_]+)\s*(<=|>=|==|<|>)\s*([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*(%?)\s*\Z")


@dataclass(frozen=True, slots=True)
class Assert:
    """`name operator limit`; `is_percent`: of failures, the share of all requests is meant."""

    text: str
    name: str
    operator: str
    limit: float
    is_percent: bool = False


def read(expression: str) -> tuple[Assert, ...]:
    """Assertions set apart by commas. Raises Misused with what cannot be read, and what could be."""
    return tuple(_one(each) for each in expression.split(","))


def judged(asserts: Sequence[Assert], document: Row) -> list[dict[str, Any]]:
    """Each with the value that the run has (null: unknown), whether it is met, and a sentence."""
    return [_judged(each, value_of(each, document)) for each in asserts]


def value_of(one: Assert, document: Row) -> float | None:
    """What the run's document tells of it; None where it does not."""
    name = one.name
    if name in REACTIONS:
        return _number((document.get("reaction") or {}).get(name))
    if name == "failures" and one.is_percent:
        requests, failures = _number(document.get("requests")), _number(document.get("failures"))
        return None if not requests or failures is None else 100 * failures / requests
    if name in ("p95_ms", "p99_ms"):
        return _number((document.get("totals") or {}).get(name))
    if name == "rps":
        return _rate(document)
    return _number(document.get(name))


def _one(text: str) -> Assert:
    found = _ONE.match(text)
    if found is None:
        example = "such as p95_ms<800 or failures<1%; operators are " + " ".join(OPERATORS)
        raise Misused(
            f"--assert {text.strip()!r} cannot be read: it takes a name, an operator and a number, {example}."
        )
    name, sign, limit, percent = found.groups()
    if name not in ASSERT_NAMES:
        raise Misused(f"--assert {text.strip()!r}: there is no {name}; there are {', '.join(ASSERT_NAMES)}.")
    if percent and name != "failures":
        raise Misused(f"--assert {text.strip()!r}: only failures can be a percentage.")
    return Assert(f"{name}{sign}{limit}{percent}", name, sign, float(limit), bool(percent))


def _judged(one: Assert, value: float | None) -> dict[str, Any]:
    is_met = value is not None and OPERATORS[one.operator](value, one.limit)
    unit = "%" if one.is_percent else ""
    told = "unknown" if value is None else f"{value:.3f}".rstrip("0").rstrip(".") + unit
    sentence = f"{one.text} {'holds' if is_met else 'is not met'}: {one.name} is {told}"
    return {"assert": one.text, "name": one.name, "value": value, "met": is_met, "sentence": sentence}


def _rate(document: Row) -> float | None:
    """Requests a second from the first load user to the stop."""
    began, ended = seconds(document.get("load_at")), seconds(document.get("stopped_at"))
    requests = _number(document.get("requests"))
    if began is None or ended is None or ended <= began or requests is None:
        return None
    return requests / (ended - began)


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
