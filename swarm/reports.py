"""Reads one worker's report: the endpoints, the failures, which pods answered, and how it fares itself; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from swarm.statistics import Report
from swarm.tallies import Failure

KEY = "surgeboard"
"""Under which a worker's own additions stand in a report."""
SHARE = "share"
"""The message that tells a worker how many requests a second it may make."""


@dataclass(frozen=True, slots=True)
class Told:
    """One report, about the second before it. `final`: the worker makes no more requests."""

    worker: str
    reports: Sequence[Report] = ()
    failures: Sequence[Failure] = ()
    pods: Mapping[str | None, int] = field(default_factory=dict)
    pod: str | None = None
    node: str | None = None
    cpu_percent: float | None = None
    late_ms: float | None = None
    held_back: int = 0
    cut: int = 0
    final: bool = False


def told(worker: str, data: Mapping[str, Any]) -> Told:
    """What is in a worker's message."""
    own: Mapping[str, Any] = data.get(KEY) or {}
    return Told(
        worker=worker,
        reports=[_report(one) for one in data.get("stats", [])],
        failures=[_failure(one) for one in data.get("errors", {}).values()],
        pods={pod or None: count for pod, count in own.get("pods", {}).items()},
        pod=own.get("pod"),
        node=own.get("node"),
        cpu_percent=own.get("cpu_percent"),
        late_ms=own.get("late_ms"),
        held_back=own.get("held_back", 0),
        cut=own.get("cut", 0),
        final=bool(own.get("final")),
    )


def _report(one: Mapping[str, Any]) -> Report:
    return Report(
        method=one["method"] or "",
        name=one["name"],
        requests=one["num_requests"],
        failures=one["num_failures"],
        response_times={int(ms): count for ms, count in one["response_times"].items()},
    )


def _failure(one: Mapping[str, Any]) -> Failure:
    return Failure(one["method"] or "", one["name"], str(one["error"]), one["occurrences"])
