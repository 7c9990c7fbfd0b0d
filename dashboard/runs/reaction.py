"""How fast the stack reacted, from the samples of a run and the moments of start and stop. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def reaction(
    *, samples: Sequence[Row], spans: Iterable[Row], decisions: Sequence[float], started: float, stopped: float | None
) -> dict[str, float | None]:
    """Seconds from load to decision, to the first new pod and to its readiness, and from stop to scale-down.

    `samples`: rows with `t` (ms) and `replicas`. `spans`: `created` and `ready` of the target's pods, in seconds
    since the epoch or None. `decisions`: when the HPA rescaled, likewise. `started`, `stopped`: of the load.
    None where it did not happen or is not known.
    """
    until = stopped if stopped is not None else float("inf")
    created = [span for span in spans if span["created"] is not None and started < span["created"] <= until]
    ready = [span["ready"] for span in created if span["ready"] is not None]
    return {
        "load_to_decision_s": _since(started, [t for t in decisions if started < t <= until]),
        "load_to_new_pod_s": _since(started, [span["created"] for span in created]),
        "load_to_ready_s": _since(started, ready),
        "stop_to_scale_down_s": None if stopped is None else _since(stopped, [_fell_at(samples, stopped)]),
    }


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


def _since(start: float, moments: Iterable[float | None]) -> float | None:
    known = [moment for moment in moments if moment is not None]
    return round(min(known) - start, 1) if known else None
