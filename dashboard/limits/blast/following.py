"""What is known of the experiment that is followed, and the row that says so. It must not ask the cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dashboard.kube.lending import Lent
from dashboard.limits.blast import judging, picture
from dashboard.limits.blast.control import Control
from dashboard.limits.blast.plan import BlastPlan
from dashboard.limits.blast.variants import DEADLINE_S
from dashboard.store.times import iso, seconds

PHASES = {
    "waiting": "starting: its pods are waited for",
    "before": "all answer; the leak begins in a moment",
    "leaking": "it leaks",
    "after": "looking on until all answer again",
    "over": "over; everything is being removed",
}
TAKEN_UP = "taken up from another dashboard"
Row = dict[str, Any]


@dataclass(slots=True)
class Running:
    """`born` and `heard` by the clock: when it began, and when its prober was last heard."""

    plan: BlastPlan
    control: Control
    objects: list[Row]
    born: float
    heard: float
    document: Row = field(default_factory=dict)
    pods: list[Row] = field(default_factory=list)
    has_pods: bool = False
    """Whether any was ever seen."""
    died: dict[str, Row] = field(default_factory=dict)
    started_at: str = ""
    is_taken_up: bool = False
    """Started by another process of the dashboard, which may follow it still."""
    is_spent: bool = False
    """Its Job had ended when it was taken up."""
    denied: str | None = None
    """Why its prober may not be asked."""
    over_at: float | None = None
    ending: tuple[str, str | None] | None = None
    """State and reason it ends with, once its objects are deleted and only its pods are waited for."""
    ended_at: float = 0.0
    removed_at: float = 0.0
    stopped_by: str | None = None
    nodes_at: float = 0.0
    lent: Lent = field(default_factory=Lent)
    """In whose name it is ended after their request."""

    @property
    def are_gone(self) -> bool:
        """Whether pods of it were seen, and there are none any more."""
        return self.has_pods and not self.pods


def row_of(running: Running, state: str, reason: str | None = None) -> Row:
    """For the view `blast`; `reason`: why it ended, if not as `running` has it."""
    plan, document = running.plan, running.document
    died = sorted(running.died.values(), key=lambda each: str(each["at"]))
    over = state in ("done", "stopped", "failed", "cleaning")
    is_whole = judging.end_of(document) == "done"  # one that was cut short teaches nothing
    found = judging.parties(plan.variant, document, died, over=over)
    return {
        "id": plan.blast_id,
        "state": state,
        "variant": plan.variant.id,
        "title": plan.variant.title,
        "shared": plan.variant.shared,
        "bound": plan.bound.sentence,
        "phase": _phase(running, state),
        "by": plan.by,
        "started_at": running.started_at,
        "ends_at": iso((seconds(running.started_at) or 0.0) + DEADLINE_S) if running.started_at else None,
        "reason": reason or (running.ending[1] if running.ending else None),
        "sentence": judging.sentence(found, died, plan.bound, over=over),
        "lesson": judging.lesson(plan.variant, found, died, plan.bound, document) if over and is_whole else "",
        "parties": found,
        "deaths": died,
        "picture": picture.draw(plan.variant, document, plan.bound),
        "cleaned_at": None,
        "late": False,
    }


def _phase(running: Running, state: str) -> str:
    phase = "over" if state == "cleaning" else str(running.document.get("phase") or "waiting")
    words = PHASES.get(phase, "")
    if running.denied and phase != "over":
        words = f"its record cannot be read here, which {running.denied}; it ends by itself"
    return f"{TAKEN_UP}; {words}" if running.is_taken_up and words else words
