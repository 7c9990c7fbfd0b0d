"""What samples tell of the work there was: CPU figures as they came, the controller's rhythm, how long pods take. Pure.

A sample repeats the last figure of metrics.k8s.io until the next one comes, so a figure belongs to the pods that were
ready when it came and not to those of each second. Work is in percent of one pod's request: 120 % on 3 pods are 360.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

SYNC_S = 15.0
"""The controller's --horizontal-pod-autoscaler-sync-period."""
RESOLUTION_S = 15.0
"""metrics-server's own --metric-resolution, and the window its figures cover."""
SOONEST_S = 13.0
"""A figure does not come sooner after the last one, but for the jitter of both."""
HELD_MAX_S = 40.0
"""A figure that seems to stand longer is taken for a new one of the same value."""
LEAVING_S = 5.0
"""For so long after a scale-down the pods that leave drop out of the average, which changes without a new figure."""
CHANGES_MAX = 240
"""Changes that are compared with one another; an HPA makes four a minute at most."""

Sample = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the CPU: when it came (seconds), how much work it told of, the average it was."""

    at: float
    work: float
    percent: float


@dataclass(frozen=True, slots=True)
class Second:
    """A sample with the figure that held then; None where it is not known. `t` in seconds."""

    t: float
    replicas: int | None
    ready: int | None
    figure: Figure | None


def seconds_of(samples: Sequence[Sample]) -> Iterator[Second]:
    """Each sample with its figure, in the order of time."""
    figure: Figure | None = None
    fell_at, before = float("-inf"), None
    for sample in samples:
        t, ready = sample["t"] / 1000, sample.get("ready")
        if before is not None and ready is not None and ready < before:
            fell_at = t
        before = ready if ready is not None else before
        figure = _figure(sample, t, figure, is_leaving=t - fell_at <= LEAVING_S)
        yield Second(t, sample.get("replicas"), ready, figure)


def _figure(sample: Sample, t: float, last: Figure | None, *, is_leaving: bool) -> Figure | None:
    percent, ready = sample.get("cpu_percent"), sample.get("ready")
    if percent is None or not ready:
        return None
    if last is not None:
        age = t - last.at
        if percent == last.percent and age <= HELD_MAX_S:
            return last
        if is_leaving and age < SOONEST_S:
            return Figure(last.at, last.work, percent)
    return Figure(t, percent * ready, percent)


def rhythm(samples: Sequence[Sample]) -> float | None:
    """A moment at which the controller looked, found from when replicas changed; None when they never did."""
    changed = [now for _, now, _, _ in _changes(samples)][-CHANGES_MAX:]
    return min(changed, key=lambda each: sum(_apart(each, other) for other in changed), default=None)


def start_seconds(samples: Sequence[Sample]) -> float | None:
    """The median of the seconds from more replicas to as many ready pods; None when no pod was seen to start."""
    took = []
    for i, now, before, after in _changes(samples):
        if after > before:
            ready_at = _ready_at(samples[i:], wanted=after)
            if ready_at is not None:
                took.append(ready_at - now)
    return median(took) if took else None


def _changes(samples: Sequence[Sample]) -> Iterator[tuple[int, float, int, int]]:
    """Index, time, replicas before and after."""
    before: int | None = None
    for i, sample in enumerate(samples):
        replicas = sample.get("replicas")
        if before is not None and replicas is not None and replicas != before:
            yield i, sample["t"] / 1000, before, replicas
        before = replicas


def _ready_at(samples: Sequence[Sample], *, wanted: int) -> float | None:
    """When as many were ready, as long as no more and no fewer were wanted."""
    for sample in samples:
        if sample.get("replicas") != wanted:
            return None
        if (sample.get("ready") or 0) >= wanted:
            return float(sample["t"]) / 1000
    return None


def _apart(one: float, other: float) -> float:
    """Seconds between two moments of a rhythm."""
    apart = (one - other) % SYNC_S
    return min(apart, SYNC_S - apart)
