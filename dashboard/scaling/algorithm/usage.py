"""The usage a metric is judged by: which pods count, which are not ready, which have no figure.

A pod's CPU says little while it starts. For the first five minutes of its life a pod counts only while it is Ready and
once it was measured for a whole window since; later only a pod that has never really been Ready does not count. Pods
that fail or end do not count at all (https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
#algorithm-details).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

INITIALIZATION_S = 300
"""The controller's --horizontal-pod-autoscaler-cpu-initialization-period."""
READINESS_DELAY_S = 30
"""Its --horizontal-pod-autoscaler-initial-readiness-delay."""


@dataclass(frozen=True, slots=True)
class PodFigure:
    """One pod of the target; times in seconds, None where unknown.

    `used` and `requested` in the same unit; `requested` is None for metrics that are not a share of a request.
    """

    name: str
    used: float | None
    requested: float | None
    phase: str | None = "Running"
    ready: bool = True
    started_at: float | None = None
    ready_changed_at: float | None = None
    measured_at: float | None = None
    window_s: float = 0
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """`average`: in percent of the requests, over `counted` pods.

    `unready`, `missing`: names of pods without weight so far, and what they request of all that is requested.
    """

    average: float
    counted: int
    unready: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    used: float = 0
    requested: float = 0
    unready_requested: float = 0
    missing_requested: float = 0

    def filled(self, *, growing: bool, target: float) -> Usage | None:
        """With the pods that do not count taken as idle (growing) or as full (shrinking); None when all count.

        Pods that are not ready are left out when shrinking.
        """
        idle = len(self.unready) if growing and self.unready else 0
        if not idle and not self.missing:
            return None
        used = self.used if growing else self.used + self.missing_requested * max(100, target) / 100
        requested = self.requested + self.missing_requested + (self.unready_requested if idle else 0)
        return Usage(_percent(used, requested), self.counted + len(self.missing) + idle)


def usage(pods: Iterable[PodFigure], *, now: float, young_cpu: bool = True) -> Usage | None:
    """Of the pods of a target at `now`; None when no pod counts. `young_cpu` False: a metric that is no CPU."""
    counting: list[PodFigure] = []
    unready: list[PodFigure] = []
    missing: list[PodFigure] = []
    for pod in pods:
        if pod.leaving or pod.phase == "Failed":
            continue
        if pod.phase == "Pending":
            unready.append(pod)
        elif pod.used is None:
            missing.append(pod)
        else:
            (unready if young_cpu and is_young(pod, now=now) else counting).append(pod)
    # Quantities are read in whole thousandths, rounded up.
    used, requested = float(sum(math.ceil(pod.used or 0) for pod in counting)), _requested(counting)
    if not counting or not requested:
        return None
    return Usage(
        _percent(used, requested), len(counting), _names(unready), _names(missing), used, requested,
        _requested(unready), _requested(missing),
    )  # fmt: skip


def is_young(pod: PodFigure, *, now: float) -> bool:
    """Whether a measured pod's CPU is that of its start."""
    if pod.started_at is None or pod.ready_changed_at is None:
        return True
    if pod.started_at + INITIALIZATION_S > now:
        return not pod.ready or (pod.measured_at or 0) < pod.ready_changed_at + pod.window_s
    return not pod.ready and pod.started_at + READINESS_DELAY_S > pod.ready_changed_at


def _percent(used: float, requested: float) -> float:
    """In whole percent, as the controller counts it."""
    return float(100 * used // requested) if requested else 0.0


def _requested(pods: Iterable[PodFigure]) -> float:
    return sum(pod.requested or 0 for pod in pods)


def _names(pods: Iterable[PodFigure]) -> tuple[str, ...]:
    return tuple(sorted(pod.name for pod in pods))
