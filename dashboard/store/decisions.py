"""What an autoscaler's status says of its last rescale: from, to, and the figures it was decided by. Pure.

The status is written once with the decision and overwritten 15 s later, so only the status that was written with the
rescale itself counts: its figures are the ones that decided.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from dashboard.store.hpa_rows import utilization
from dashboard.store.pod_status import condition
from dashboard.store.times import seconds

SAME_MOMENT_S = 5.0
"""Between a rescale's Event and its status, both in whole seconds and written one after the other."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One rescale with its figures; `at` in seconds since 1970, `limit` in words."""

    at: float
    before: int
    size: int
    cpu_percent: int | None
    cpu_target: int | None
    limit: str | None

    def explains(self, *, size: int, at: float | None) -> bool:
        """Whether this is the rescale to `size` that an Event told of."""
        return self.size == size and at is not None and abs(self.at - at) <= SAME_MOMENT_S

    @property
    def reason(self) -> str | None:
        """`CPU 201 % of request, target 50 %: would want 5, limited to +2 pods per 30 s`, as far as it is known."""
        cpu, target = self.cpu_percent, self.cpu_target
        if cpu is None or not target:
            return None
        figures = f"CPU {cpu} % of request, target {target} %"
        if self.limit is None:
            return figures
        # By the figures alone; how many of the pods counted at that moment, the status does not say.
        return f"{figures}: would want {math.ceil(self.before * cpu / target)}, {self.limit}"


def decision(hpa: Any) -> Decision | None:
    """The rescale that this status was written with; None when it was written for something else."""
    status = hpa.status
    able = condition(hpa, "AbleToScale")
    at = seconds(status.last_scale_time)
    before, size = status.current_replicas, status.desired_replicas
    if able is None or able.reason != "SucceededRescale" or at is None or before is None or size in (None, before):
        return None
    return Decision(
        at=at,
        before=before,
        size=size,
        cpu_percent=utilization(status.current_metrics, "current"),
        cpu_target=utilization(hpa.spec.metrics, "target"),
        limit=_limit(hpa),
    )


def _limit(hpa: Any) -> str | None:
    limited = condition(hpa, "ScalingLimited")
    if limited is None or limited.status != "True":
        return None
    behavior = hpa.spec.behavior
    if limited.reason == "ScaleUpLimit":
        return _rate(behavior.scale_up if behavior else None, sign="+")
    if limited.reason == "ScaleDownLimit":
        return _rate(behavior.scale_down if behavior else None, sign="−")
    if limited.reason == "TooManyReplicas":
        return f"limited by its maximum of {hpa.spec.max_replicas}"
    return None


def _rate(rules: Any, *, sign: str) -> str:
    """With several policies the API does not say which one it was."""
    policies = rules.policies if rules is not None else None
    if not policies or len(policies) != 1 or not policies[0].value or not policies[0].period_seconds:
        return "limited by its scaling policies"
    (policy,) = policies
    many = "pod" if policy.value == 1 else "pods"
    what = f"{policy.value} {many}" if policy.type == "Pods" else f"{policy.value} %"
    return f"limited to {sign}{what} per {policy.period_seconds} s"
