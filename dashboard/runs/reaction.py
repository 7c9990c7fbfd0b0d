"""How fast the stack reacted, from the samples of a run and the moments of start and stop. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

NAMES = (
    "load_to_decision_s", "load_to_new_pod_s", "load_to_ready_s", "load_to_latency_ok_s", "stop_to_scale_down_s",
)  # fmt: skip
P95_LIMIT_MS = 1000
"""The limit of a run whose request names none."""

LATENCY_OK_S = 10.0
"""Seconds that p95 must stay under its limit to count as back."""

GAP_S = 2.5
"""More seconds than this between two samples are a gap: what happened in it is not known."""


def load_start(samples: Sequence[Row], *, asked: float) -> float | None:
    """When the first load users were there, in seconds since the epoch; None when none came or nobody saw them come."""
    before: float | None = None
    for sample in samples:
        t = sample["t"] / 1000
        if t >= asked and (sample["users"] or 0) > 0:
            return None if before is None or t - before > GAP_S else float(t)
        if sample["users"] is not None:
            before = t
    return None


def reaction(
    *,
    samples: Sequence[Row],
    spans: Iterable[Row],
    decisions: Sequence[float],
    started: float | None,
    stopped: float | None,
    p95_limit_ms: float = P95_LIMIT_MS,
) -> dict[str, float | None]:
    """Seconds from load to decision, first new pod, its readiness and p95 under its limit again; stop to scale-down.

    `samples`: rows with `t` (ms), `replicas` and `p95_ms`. `spans`: `created` and `ready` of the target's pods, in
    seconds since the epoch or None. `decisions`: when the HPA rescaled, likewise. `started`, `stopped`: of the load.
    None where it did not happen or is not known.
    """
    until = stopped if stopped is not None else float("inf")
    first = started if started is not None else float("inf")
    created = [span for span in spans if span["created"] is not None and first < span["created"] <= until]
    ready = [span["ready"] for span in created if span["ready"] is not None]
    return {
        "load_to_decision_s": _since(started, [t for t in decisions if first < t <= until]),
        "load_to_new_pod_s": _since(started, [span["created"] for span in created]),
        "load_to_ready_s": _since(started, ready),
        "load_to_latency_ok_s": _since(started, [_latency_ok_at(samples, first, until, p95_limit_ms)]),
        "stop_to_scale_down_s": _since(stopped, [_fell_at(samples, stopped)] if stopped is not None else []),
    }


def _latency_ok_at(samples: Sequence[Row], started: float, until: float, limit: float) -> float | None:
    """The first moment under load from which p95 stays under its limit for a while, after it had passed it.

    A second without a figure breaks the while, since p95 may have been anything.
    """
    has_passed, since, last = False, None, None
    for sample in samples:
        t, p95 = sample["t"] / 1000, sample["p95_ms"]
        if not started <= t <= until:
            continue
        if p95 is None or (last is not None and t - last > GAP_S):
            since = None
        if p95 is not None and p95 > limit:
            has_passed, since = True, None
        elif p95 is not None and has_passed:
            since = t if since is None else since
            if t - since >= LATENCY_OK_S:
                return float(since)
        last = t
    return None


def _fell_at(samples: Sequence[Row], stopped: float) -> float | None:
    """When the replicas first went down after the stop."""
    before: int | None = None
    for sample in samples:
        t, replicas = sample["t"] / 1000, sample["replicas"]
        if replicas is None:
            continue
        if t > stopped and before is not None and replicas < before:
            return float(t)
        before = replicas
    return None


def _since(start: float | None, moments: Iterable[float | None]) -> float | None:
    known = [moment for moment in moments if moment is not None]
    return round(min(known) - start, 1) if known and start is not None else None
