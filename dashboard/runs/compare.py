"""Two to four runs side by side: their samples on one axis, and a table of what differs. Pure; it reads documents.

The axis is the seconds since the load of each run began. No value is made up between samples, and a gap stays a gap.
The first run is the one that the others are measured by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from dashboard.errors import Refused
from dashboard.runs.reaction import GAP_S
from dashboard.store.times import seconds

Document = Mapping[str, Any]
Row = Mapping[str, Any]
Better = Literal["lower", "higher"] | None
Verdict = Literal["better", "worse", "same", "differs", "unknown"]

FEWEST, MOST = 2, 4
SERIES = ("users", "rps", "p95_ms", "failed_percent", "cpu_percent", "cpu_target", "replicas", "ready")
SETTINGS = ("target", "users", "spawn_rate", "duration_s", "profile", "workers", "keep_alive", "scenario",
            "p95_limit_ms", "failed_limit_percent")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table. `better`: which way is good; None where neither is."""

    name: str
    label: str
    unit: str
    better: Better
    of: Callable[[Document], float | None]


def compared(documents: Sequence[Document]) -> dict[str, Any]:
    """{runs, axis, series, table, settings, revisions}; see the functions below. Raises Refused for too few or many."""
    ids = [document["run_id"] for document in documents]
    if not FEWEST <= len(ids) <= MOST or len(set(ids)) != len(ids):
        raise Refused(f"Choose {FEWEST} to {MOST} different runs to compare.", status=422)
    series = [points(document) for document in documents]
    known = [t for each in series for t in each["t"]]
    return {
        "runs": [
            {name: document.get(name) for name in ("run_id", "name", "state", "started_at", "load_at", "profile")}
            for document in documents
        ],
        "axis": {"from_s": min(known, default=None), "to_s": max(known, default=None)},
        "series": series,
        "table": table(documents),
        "settings": settings(documents),
        "revisions": revisions(documents),
    }


def points(document: Document) -> dict[str, Any]:
    """A run's samples by name, with `t` in seconds since its load began; a gap is one point of nulls.

    A run whose load nobody saw begin starts when it was asked for; `from_load` is false then.
    """
    start = seconds(document.get("load_at"))
    zero = start if start is not None else seconds(document["started_at"]) or 0.0
    columns: dict[str, list[Any]] = {name: [] for name in ("t", *SERIES)}
    before: float | None = None
    for sample in document["samples"]:
        t = round(sample["t"] / 1000 - zero, 3)
        if before is not None and t - before > GAP_S:
            _append(columns, round((before + t) / 2, 3), {})
        _append(columns, t, sample)
        before = t
    flags = [
        {"t": round(at - zero, 3), "kind": flag["kind"], "text": flag["text"]}
        for flag in document["flags"]
        if (at := seconds(flag["t"])) is not None
    ]
    return {"run_id": document["run_id"], "from_load": start is not None, **columns, "flags": flags}


def table(documents: Sequence[Document]) -> list[dict[str, Any]]:
    """One line a measure: the value of each run, and of all but the first how it differs from the first.

    A difference is {absolute, percent, verdict}: better, worse, same, differs (neither way is good) or unknown.
    """
    lines = []
    for measure in MEASURES:
        values = [measure.of(document) for document in documents]
        lines.append({
            "name": measure.name, "label": measure.label, "unit": measure.unit, "better": measure.better,
            "values": values,
            "differences": [difference(values[0], value, better=measure.better) for value in values[1:]],
        })  # fmt: skip
    return lines


def difference(first: float | None, other: float | None, *, better: Better) -> dict[str, Any]:
    """How `other` differs from `first`; a percentage of nothing is unknown."""
    if first is None or other is None:
        return {"absolute": None, "percent": None, "verdict": "unknown"}
    absolute = round(other - first, 3)
    percent = round(100 * absolute / abs(first), 1) if first else (0.0 if not absolute else None)
    return {"absolute": absolute, "percent": percent, "verdict": _verdict(absolute, better)}


def settings(documents: Sequence[Document]) -> list[dict[str, Any]]:
    """What was asked of each run; `same` tells whether it was the same of all."""
    asked = [document.get("request") or {} for document in documents]
    return [_text_line(name, [each.get(name) for each in asked]) for name in SETTINGS if any(name in a for a in asked)]


def revisions(documents: Sequence[Document]) -> list[dict[str, Any]]:
    """What was deployed under each run, by bundle."""
    deployed = [document.get("revisions") or {} for document in documents]
    names = sorted({name for each in deployed for name in each})
    return [_text_line(name, [(each.get(name) or {}).get("revision") for each in deployed]) for name in names]


def _text_line(name: str, values: list[Any]) -> dict[str, Any]:
    return {"name": name, "values": values, "same": all(value == values[0] for value in values)}


def _append(columns: dict[str, list[Any]], t: float, sample: Row) -> None:
    columns["t"].append(t)
    for name in SERIES:
        columns[name].append(sample.get(name))


def _verdict(absolute: float, better: Better) -> Verdict:
    if not absolute:
        return "same"
    if better is None:
        return "differs"
    return "better" if (absolute < 0) == (better == "lower") else "worse"


def _under_load(document: Document, name: str) -> list[float]:
    """The known values of a series while there were load users."""
    samples = document["samples"]
    return [sample[name] for sample in samples if (sample["users"] or 0) > 0 and sample[name] is not None]


def _median(name: str) -> Callable[[Document], float | None]:
    return lambda document: round(median(values), 1) if (values := _under_load(document, name)) else None


def _peak(name: str) -> Callable[[Document], float | None]:
    return lambda document: max(_under_load(document, name), default=None)


def _plain(name: str) -> Callable[[Document], float | None]:
    return lambda document: document.get(name)


def _reaction(name: str) -> Callable[[Document], float | None]:
    return lambda document: document["reaction"].get(name)


def _failed_percent(document: Document) -> float | None:
    requests, failures = document.get("requests"), document.get("failures")
    return None if not requests or failures is None else round(100 * failures / requests, 2)


def _ceiling(document: Document) -> float | None:
    return (document.get("ceiling") or {}).get("rps")


MEASURES = (
    Measure("requests", "requests", "", None, _plain("requests")),
    Measure("rps_median", "requests/s, median under load", "/s", "higher", _median("rps")),
    Measure("rps_peak", "requests/s, peak", "/s", "higher", _peak("rps")),
    Measure("p95_median", "p95, median under load", "ms", "lower", _median("p95_ms")),
    Measure("p95_peak", "p95, peak", "ms", "lower", _peak("p95_ms")),
    Measure("failures", "failed requests", "", "lower", _plain("failures")),
    Measure("failed_percent", "failed", "%", "lower", _failed_percent),
    Measure("peak_users", "load users, peak", "", None, _plain("peak_users")),
    Measure("cpu_peak", "CPU of request, peak", "%", None, _peak("cpu_percent")),
    Measure("peak_replicas", "replicas ready, peak", "", None, _plain("peak_replicas")),
    Measure("load_to_decision_s", "load to HPA decision", "s", "lower", _reaction("load_to_decision_s")),
    Measure("load_to_new_pod_s", "load to first new pod", "s", "lower", _reaction("load_to_new_pod_s")),
    Measure("load_to_ready_s", "load to new pod Ready", "s", "lower", _reaction("load_to_ready_s")),
    Measure("load_to_latency_ok_s", "load to p95 under its limit again", "s", "lower",
            _reaction("load_to_latency_ok_s")),
    Measure("stop_to_scale_down_s", "stop to scale-down", "s", "lower", _reaction("stop_to_scale_down_s")),
    Measure("ceiling_rps", "highest sustained requests/s", "/s", "higher", _ceiling),
)  # fmt: skip
