"""Why an HPA wants the replicas it wants: a state, one sentence, the sum with its numbers, what it rests on.

A pure function of one moment. The API hides the controller's own proposals, so the sum is worked out again from what
the HPA last reported (https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from dashboard.scaling import blockers, obstacles, verdict
from dashboard.scaling.algorithm import Term
from dashboard.scaling.countdowns import Countdown, countdowns
from dashboard.scaling.evidence import Evidence, evidence
from dashboard.scaling.finding import Finding
from dashboard.scaling.measuring import Measured
from dashboard.scaling.metric_words import Metric
from dashboard.scaling.moment import GRACE_S, Moment
from dashboard.scaling.outlook import Outlook, outlook
from dashboard.scaling.states import STATES
from dashboard.scaling.told import Told, told
from dashboard.store.times import iso


@dataclass(frozen=True, slots=True)
class Explanation:
    """`sum`: the last decision worked out, empty where there was none. `next`: what the newest figures lead to.

    `gauge`: the metric of the largest wish, None where there is none.
    """

    finding: Finding
    sum: tuple[Term, ...]
    metrics: tuple[Metric, ...]
    gauge: Metric | None
    countdowns: tuple[Countdown, ...]
    evidence: tuple[Evidence, ...]
    next: Outlook | None

    @property
    def state(self) -> str:
        """One of the closed set in `states`."""
        return self.finding.state

    @property
    def sentence(self) -> str:
        """For people."""
        return self.finding.sentence

    @property
    def changes_at(self) -> float | None:
        """When it has to be told anew though nothing new was seen; None only before the rhythm is known."""
        overdue = [] if self.next is None else [self.next.at + GRACE_S]
        return min((*overdue, *(each.ends_at for each in self.countdowns)), default=None)


def explain(now: Moment) -> Explanation:
    """The explanation of one moment."""
    last, next_ = told(now), outlook(now)
    finding = obstacles.find(now, next_)
    computes = finding is None
    finding = finding or blockers.find(now, next_) or verdict.judge(now, last)
    measured = _shown(last, next_, computes=computes)
    decision = last.decision if computes else None
    return Explanation(
        finding, decision.terms if decision else (), measured.metrics, measured.gauge,
        countdowns(now, decision, next_), evidence(now), next_,
    )  # fmt: skip


def unexplained(error: Exception) -> Explanation:
    """Of an HPA that ours cannot work with; what it is made of is in the log."""
    sentence = f"This HPA cannot be explained: the dashboard fails at it ({type(error).__name__}: {error})."
    advice = "kubectl describe hpa tells its conditions and Events; the dashboard's log has the whole error. Report it."
    return Explanation(Finding("unknown", sentence, advice, "inferred"), (), (), None, (), (), None)


def row_of(hpa: Any, found: Explanation) -> dict[str, Any]:
    """A row of the view `why`, but for the time of the newest figure."""
    state, next_ = STATES[found.state], found.next
    return {
        "hpa": {"namespace": hpa["namespace"], "name": hpa["name"], "uid": hpa["uid"]},
        "state": state.id,
        "word": state.word,
        "tone": state.tone,
        "sentence": found.sentence,
        "sum": [_flat(term) for term in found.sum],
        "confidence": found.finding.confidence,
        "advice": found.finding.advice,
        "next_decision_at": iso(next_.at) if next_ is not None else None,
        "next": None if next_ is None else {"at": iso(next_.at), "replicas": next_.replicas, "text": next_.text},
        "countdowns": [{**_flat(each), "ends_at": iso(each.ends_at)} for each in found.countdowns],
        "evidence": [_flat(each) for each in found.evidence],
        "metrics": [_flat(each, but=("percent", "each")) for each in found.metrics],
        "gauge": _gauge(found.gauge),
    }


def _gauge(metric: Metric | None) -> dict[str, Any]:
    """The two figures in percent where it is a share of requests; in words, whatever it is."""
    if metric is None:
        return {"current_percent": None, "target_percent": None}
    current, target = metric.percent or (None, None)
    return {
        "current_percent": current, "target_percent": target, "name": metric.name, "current": metric.current,
        "target": metric.target, "ratio": metric.ratio,
    }  # fmt: skip


def _flat(value: Any, *, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """Its fields are plain already; `asdict` would copy each of them."""
    return {each.name: getattr(value, each.name) for each in fields(value) if each.name not in but}


def _shown(last: Told, next_: Outlook | None, *, computes: bool) -> Measured:
    """The metrics as the HPA read them; while it reads none, as the pods have them."""
    return last.measured if computes or next_ is None else next_.measured
