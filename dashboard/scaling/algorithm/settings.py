"""What a HorizontalPodAutoscaler was told: bounds, target and behavior, with the defaults of Kubernetes. Data only.

https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#configurable-scaling-behavior
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

TOLERANCE = 0.1
"""The controller's --horizontal-pod-autoscaler-tolerance, where `behavior` names none for the direction."""
CALM_S = 300
"""The controller's --horizontal-pod-autoscaler-downscale-stabilization."""

Select = Literal["Max", "Min", "Disabled"]


@dataclass(frozen=True, slots=True)
class Policy:
    """At most `value` Pods, or `value` Percent of what there was at its start, within `period_s`."""

    type: Literal["Pods", "Percent"]
    value: int
    period_s: int


@dataclass(frozen=True, slots=True)
class Rules:
    """One direction. `select`: the policy that counts allows most (Max) or least (Min); Disabled: no change at all."""

    stabilization_s: int
    select: Select = "Max"
    policies: tuple[Policy, ...] = ()
    tolerance: float = TOLERANCE

    @property
    def memory_s(self) -> int:
        """How long what happened can still matter to this direction."""
        return max((self.stabilization_s, *(policy.period_s for policy in self.policies)))


@dataclass(frozen=True, slots=True)
class Behavior:
    """Both directions. `written` False: the HPA has no `spec.behavior`, so that Kubernetes' older rules hold.

    These are: at most twice the replicas (but four are always allowed) a sync on the way up, anything on the way down
    after five minutes of calm.
    """

    up: Rules
    down: Rules
    written: bool = True

    @classmethod
    def defaults(cls) -> Behavior:
        """What Kubernetes fills in where `spec.behavior` leaves something out."""
        return cls(
            up=Rules(0, policies=(Policy("Pods", 4, 15), Policy("Percent", 100, 15))),
            down=Rules(CALM_S, policies=(Policy("Percent", 100, 15),)),
        )

    @classmethod
    def unwritten(cls) -> Behavior:
        """The rules for an HPA without `spec.behavior`."""
        return cls(up=Rules(0), down=Rules(CALM_S), written=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """`target_percent`: of the request. `min` and `max`: replicas."""

    min: int
    max: int
    target_percent: float
    behavior: Behavior = field(default_factory=Behavior.unwritten)
