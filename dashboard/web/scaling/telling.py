"""Rows about one HPA → what the Scaling page and the Stage's card say on the first paint. Pure.

static/js/scaling_explained.js says the same from then on; a browser test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.runs.wording import UNKNOWN, number
from dashboard.scaling.algorithm.working import IDLE
from dashboard.scaling.states import STATES
from dashboard.store.times import seconds
from dashboard.web.scaling.gauge import gauge

Row = Mapping[str, Any]

NOTHING_YET = "Once an autoscaler is deployed, this says what it does and why, with its own numbers."
CONFIDENCE = {
    "seen": "The API says so itself: in a condition, an Event or the object's status.",
    "computed": "Worked out again here by the documented algorithm, from the figures that the HPA reported.",
    "inferred": "Nothing in the API says so; of all that would explain what was seen, this fits.",
}
KINDS = {"condition": "condition", "Event": "Event", "event": "Event", "metric": "metric", "object": "object"}
EVERY_S = 15
"""The controller's usual rhythm, for the bar below a countdown to its next look."""


def explained(row: Row, *, now: float) -> dict[str, Any]:
    """One row of the view `why`; `now` in seconds since 1970. Of an empty row everything is unknown."""
    confidence = str(row.get("confidence") or "")
    steps = [sum_step(each, place) for place, each in enumerate(row.get("sum") or [])]
    return {
        "known": bool(row),
        "word": word_of(row),
        "tone": tone_of(row),
        "sentence": row.get("sentence") or NOTHING_YET,
        "sum": steps,
        "short_sum": [each for each in steps if each["deciding"] or each["value"] not in IDLE],
        "confidence": confidence,
        "confidence_text": CONFIDENCE.get(confidence, ""),
        "advice": row.get("advice") or "",
        "gauge": gauge(row.get("gauge")),
        "countdowns": countdowns(row, now=now),
        "evidence": [evidence(each, place, now=now) for place, each in enumerate(row.get("evidence") or [])],
        "metrics": [metric(each, place) for place, each in enumerate(row.get("metrics") or [])],
        "source": source(row, now=now),
    }


def word_of(row: Row) -> str:
    """The state for people."""
    state = STATES.get(str(row.get("state")), STATES["unknown"])
    return str(row.get("word") or state.word)


def tone_of(row: Row) -> str:
    """How the state is drawn: colour and shape."""
    state = STATES.get(str(row.get("state")), STATES["unknown"])
    return str(row.get("tone") or state.tone)


def sum_step(step: Row, place: int) -> dict[str, Any]:
    """One line of the sum."""
    value = step.get("value")
    return {
        "key": place,
        "label": step.get("label") or "",
        "value": UNKNOWN if value is None else str(value),
        "deciding": bool(step.get("deciding")),
    }


def countdowns(row: Row, *, now: float) -> list[dict[str, Any]]:
    """What is waited for, with the seconds that are left; what is over is not told any more."""
    rows: Sequence[Row] = row.get("countdowns") or []
    if not rows and row.get("next_decision_at"):
        rows = [{"kind": "sync", "text": "next decision", "ends_at": row["next_decision_at"]}]
    found = []
    for each in rows:
        ends = seconds(each.get("ends_at"))
        rest = None if ends is None else ends - now
        if rest is None or (rest <= 0 and each.get("kind") != "sync"):
            continue
        length = each.get("length_s") or (EVERY_S if each.get("kind") == "sync" else None)
        found.append(
            {
                "key": f"{each.get('kind')} {each.get('text')}",
                "kind": each.get("kind"),
                "text": each.get("text") or "",
                "ends_at": each.get("ends_at"),
                "left": f"in {age(rest)}" if rest > 0 else "now",
                "length": length,
                "bar": 0 if not length else max(0, min(length, round(length - rest))),
            }
        )
    return found


def evidence(each: Row, place: int, *, now: float) -> dict[str, Any]:
    """One thing the explanation rests on, with its age."""
    at = seconds(each.get("at"))
    return {
        "key": f"{place} {each.get('kind')} {each.get('name') or ''}",
        "kind": KINDS.get(str(each.get("kind")), str(each.get("kind") or "")),
        "name": each.get("name") or "",
        "text": each.get("text") or "",
        "at": each.get("at") or "",
        "age": "" if at is None else f"{age(now - at)} ago",
    }


def metric(each: Row, place: int) -> dict[str, Any]:
    """One metric of the HPA; of one that is not worked out here that is said."""
    computed = bool(each.get("computed"))
    return {
        "key": f"{place} {each.get('type')} {each.get('name')}",
        "name": each.get("name") or UNKNOWN,
        "type": each.get("type") or UNKNOWN,
        "current": figure(each.get("current")),
        "target": figure(each.get("target")),
        "ratio": number(each.get("ratio"), digits=2),
        "wants": number(each.get("wants")),
        "computed": computed,
        "text": each.get("text") or ("" if computed else "Not worked out here: only the HPA itself reads this metric."),
    }


def figure(value: Any) -> str:
    """A metric's value as it is told: a number, or text with its unit."""
    if isinstance(value, int | float):
        return number(value)
    return UNKNOWN if value in (None, "") else str(value)


def source(row: Row, *, now: float) -> str:
    """How old the figures are."""
    measured = seconds(row.get("metrics_at"))
    return "" if measured is None else f"from metrics {age(now - measured)} old"


def age(value: float) -> str:
    """`4 s`, `3 min`, `2 h`; as static/js/format.js has it."""
    if value < 90:
        return f"{max(0, round(value))} s"
    return f"{round(value / 60)} min" if value < 5400 else f"{round(value / 3600)} h"
