"""Starts an experiment in two steps: every rail is looked at and the plan is told, then just that is done.

The turn is the swarms' own, so that neither does the other harm; the record has every start, refused ones too.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from dashboard.announcing import Events
from dashboard.audit import Audit
from dashboard.confirming import Plans, new_nonce
from dashboard.errors import Refused
from dashboard.limits.blast import objects
from dashboard.limits.blast.experiment import Experiment
from dashboard.limits.blast.objects import NAMESPACE, Templates
from dashboard.limits.blast.plan import BlastPlan
from dashboard.limits.blast.rails import DEPLOY, Rails, answered
from dashboard.limits.blast.variants import DEADLINE_S, LEAK_MB, Variant, variant_of

START, END = "blast start", "blast end"
HOUR = timedelta(hours=1)


class Turn(Protocol):
    """Whose turn it is among all that loads or harms the cluster; dashboard.load.turn has it."""

    def take(self, holder: str, /, *, by: str, counted: Sequence[datetime]) -> None: ...

    def release(self, holder: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Starting:
    """`is_loaded()` raises Refused while a swarm runs; `note(kind, sentence)` tells the story; `now` the wall clock."""

    templates: Templates
    rails: Rails
    experiment: Experiment
    plans: Plans[BlastPlan]
    turn: Turn
    events: Events
    audit: Audit
    is_loaded: Callable[[], None]
    note: Callable[..., None]
    now: Callable[[], datetime]

    def plan(self, variant: str, *, by: str, session: str) -> BlastPlan:
        """The first step: what would run. Writes nothing in the cluster. Raises Refused when it could not run."""
        with self._recorded(variant, by=by):
            plan = self._look(variant_of(variant), by=by, session=session)
        self.plans.keep(plan)
        return plan

    def start(self, nonce: str, *, by: str, session: str) -> BlastPlan:
        """The second step: runs what was planned, once. Asked again, it answers or refuses as the first time."""
        return self.plans.redeem(nonce, session=session, start=lambda plan: self._start(plan, by))

    def stop(self, *, by: str) -> None:
        """Ends the one that runs; needs no second step."""
        self.experiment.stop(by=by)
        self.audit.write("blast stop", by=by, outcome="begun", target=NAMESPACE)

    def over(self, plan: BlastPlan, row: Mapping[str, Any], by: str) -> None:
        """It is over and its pods are gone: gives the turn back, keeps the record, tells the cluster and the story."""
        with answered():
            self.turn.release(f"blast-{plan.blast_id}")
        self.audit.write(
            END, by=by, outcome=str(row["state"]), blast=plan.blast_id, target=NAMESPACE, why=row.get("reason"),
            started_by=plan.by, killed=[f"{each['pod']}/{each['container']}" for each in row["deaths"]],
        )  # fmt: skip
        self._say(plan, "BlastRadiusEnded", f"The leak of {plan.by} is over ({row['state']}). {row['sentence']}")
        self.note("experiment", f"Blast radius {plan.variant.title}: {row['sentence']}", flag="leak over")

    def _look(self, variant: Variant, *, by: str, session: str) -> BlastPlan:
        """Every rail, in the order in which a person can do something about it."""
        if f"subject-{variant.id}" not in self.templates.files:
            raise Refused(f"The bundle load here has no templates for it. {DEPLOY}", status=409)
        self.experiment.refuse_if_active()
        self.is_loaded()
        bound, quota = self.rails.bound(variant), self.rails.quota()
        self.rails.node()
        blast_id = secrets.token_hex(3)
        made = objects.build(self.templates, variant, blast_id=blast_id, token="", by=by)
        named = tuple(f"{each['kind']} {each['metadata']['name']}" for each in made)
        return BlastPlan(
            new_nonce(), session, by, blast_id, variant, bound, (*named, "Lease swarm"), quota, self.now()
        )  # fmt: skip

    def _start(self, plan: BlastPlan, by: str) -> None:
        with self._recorded(plan.variant.id, by=by):
            again = self._look(plan.variant, by=by, session=plan.session)
            if again.bound != plan.bound:
                raise Refused("What bounds the leak has changed since the plan. Look at the plan again.", status=409)
            self._create(plan, by)
        text = f"{by} leaks up to {LEAK_MB} MiB in pod blast-{plan.blast_id}-subject, {plan.variant.title}."
        self._say(plan, "BlastRadiusStarted", text)
        self.note("experiment", f"Blast radius {plan.variant.title}, started by {by}", flag="leak")

    def _create(self, plan: BlastPlan, by: str) -> None:
        holder, token = f"blast-{plan.blast_id}", secrets.token_urlsafe(32)
        counted = self.audit.moments(START, outcome="started", since=self.now() - HOUR)
        with answered():
            self.turn.take(holder, by=by, counted=counted)
        try:
            self.audit.write(
                START, by=by, outcome="started", must=True, blast=plan.blast_id, target=NAMESPACE,
                caps={"variant": plan.variant.id, "leak_mb": LEAK_MB, "deadline_s": DEADLINE_S},
            )  # fmt: skip
            made = objects.build(
                self.templates, plan.variant, blast_id=plan.blast_id, token=token, by=by, notes=_notes(plan)
            )
            self.experiment.begin(plan, token, made)
        except BaseException:
            with answered():
                self.turn.release(holder)
            raise

    @contextmanager
    def _recorded(self, variant: str, *, by: str) -> Iterator[None]:
        try:
            yield
        except Refused as refusal:
            self.audit.write(
                START, by=by, outcome="refused", target=NAMESPACE, caps={"variant": variant[:40]}, why=refusal.sentence
            )
            raise

    def _say(self, plan: BlastPlan, reason: str, text: str) -> None:
        name = f"blast-{plan.blast_id}-subject"
        about = {"apiVersion": "batch/v1", "kind": "Job", "namespace": NAMESPACE, "name": name}
        self.events.say(f"blast-{plan.blast_id}.{reason.lower()}", reason, text, about=about)


def _notes(plan: BlastPlan) -> Mapping[str, str]:
    """What another process of the dashboard has to know to take it up."""
    return {
        objects.VARIANT: plan.variant.id, objects.BOUND: plan.bound.amount, objects.BOUND_GIVER: plan.bound.giver,
    }  # fmt: skip
