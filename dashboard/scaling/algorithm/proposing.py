"""What one metric asks for: current × usage ÷ target, rounded up, unless the ratio is within the tolerance of 1.

https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from dashboard.scaling.algorithm.settings import Behavior, Settings
from dashboard.scaling.algorithm.usage import Usage


@dataclass(frozen=True, slots=True)
class Step:
    """One metric's answer.

    `ratio`: usage ÷ target over the `counted_plainly` pods that count. `softened`: the same over `counted` pods, where
    those without weight yet were filled in against the change; None where there are none. `replicas`: what it asks for.
    `lowest`, `highest`: the ratios between which nothing changes. `name`: of the metric, for people; `is_bytes`: so are
    its `usage` and `target`.
    """

    current: int
    usage: float
    target: float
    ratio: float
    softened: float | None
    counted_plainly: int
    counted: int
    replicas: int
    lowest: float
    highest: float
    name: str = "CPU"
    is_bytes: bool = False

    @property
    def within_tolerance(self) -> bool:
        """Whether the ratio is too near to 1 to be worth a change."""
        return self.lowest <= self.ratio <= self.highest

    @property
    def plain(self) -> int:
        """What it would ask for if only the pods existed that count."""
        return self.current if self.within_tolerance else math.ceil(self.ratio * self.counted_plainly)

    @property
    def held_back(self) -> bool:
        """Whether pods without weight yet are why it asks for another size."""
        return self.softened is not None and self.replicas != self.plain


def propose(current: int, utilisation_percent: float, settings: Settings) -> Step:
    """For a utilisation over `current` pods of which all are ready and measured."""
    used = Usage(utilisation_percent, counted=current)
    return proposal(used, current=current, target=settings.target_percent, behavior=settings.behavior)


def proposal(
    used: Usage, *, current: int, target: float, behavior: Behavior, name: str = "CPU", is_bytes: bool = False
) -> Step:
    """For usage as pods reported it. `target`: in the unit of the usage."""
    lowest, highest = 1 - behavior.down.tolerance, 1 + behavior.up.tolerance
    ratio = used.average / target
    filled = used.filled(growing=ratio > 1, target=target) if ratio != 1 else None
    softened = None if filled is None else filled.average / target
    counted = used.counted if filled is None else filled.counted
    if softened is None:
        replicas = current if lowest <= ratio <= highest else math.ceil(ratio * counted)
    else:
        replicas = _softly(softened, before=ratio, current=current, counted=counted, calm=lowest <= softened <= highest)
    return Step(
        current, used.average, target, ratio, softened, used.counted, counted, replicas, lowest, highest, name, is_bytes
    )  # fmt: skip


def _softly(softened: float, *, before: float, current: int, counted: int, calm: bool) -> int:
    """Doubt may soften a change but never turn it round."""
    replicas = math.ceil(softened * counted)
    turned = (before - 1) * (softened - 1) < 0 or (replicas - current) * (softened - 1) < 0
    return current if calm or turned else replicas
