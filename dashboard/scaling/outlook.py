"""What the newest figures lead to at the controller's next sync. Pure.

The HPA's status tells of its last sync; the pods' own figures are newer. What comes of them is worked out here, before
the controller says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.scaling.algorithm import Decision, decide, outside, usage
from dashboard.scaling.algorithm.terms import counted
from dashboard.scaling.measuring import Measured, fresh, is_cpu_share
from dashboard.scaling.moment import Moment
from dashboard.scaling.observing import standing
from dashboard.scaling.reading import figures_of, settings_of


@dataclass(frozen=True, slots=True)
class Outlook:
    """`decision` is None when nothing can be worked out; then no change is to be expected."""

    at: float
    size: int | None
    measured: Measured
    decision: Decision | None

    @property
    def replicas(self) -> int | None:
        """How many the target is going to have."""
        return self.size if self.decision is None else self.decision.desired

    @property
    def text(self) -> str:
        """For people."""
        if self.decision is None or not self.size:  # at 0 the controller computes nothing
            return "At its next sync the HPA looks again."
        wanted = self.decision.desired
        if wanted == self.size:
            return f"By the newest figures it stays at {counted(wanted)}."
        return f"By the newest figures it goes from {self.size} to {counted(wanted)} at its next sync."


def outlook(now: Moment) -> Outlook | None:
    """None before the controller's rhythm is known."""
    at = now.next_sync
    if at is None:
        at = now.now if now.hpa.get("conditions") else None
    if at is None:
        return None
    used = None if _lacks_requests(now) else usage(figures_of(now.pods), now=at)
    measured = fresh(now.hpa, size=now.size, used=used)
    return Outlook(at, now.size, measured, _decision(now, at, measured))


def _decision(now: Moment, at: float, measured: Measured) -> Decision | None:
    if now.size is None or now.target is None:
        return None
    settings, step = settings_of(now.hpa), measured.step
    if step is None:
        return outside(now.size, settings)
    if not measured.is_whole and step.replicas < now.size:
        return None  # growth goes on by the metrics that work, shrinking waits until all do
    dated = now.seen.dated(at)
    return decide(dated, now.size, step, settings, standing(now, dated))


def _lacks_requests(now: Moment) -> bool:
    """A single container without a request, and there is no share of requests to count."""
    if not any(is_cpu_share(each) for each in now.hpa.get("metrics") or ()):
        return False
    return any(pod.get("cpu_request_millicores") is None for pod in now.pods if not pod.get("deleted_at"))
