"""Starts a swarm in two steps: looks at every rail and says the plan, then does just that. It must not follow it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.confirming import Plans, new_nonce
from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.load.creation import Creation
from dashboard.load.guard import Guard
from dashboard.load.pinning import Pinned
from dashboard.load.plan import Plan
from dashboard.load.refusals import asking
from dashboard.load.request import SwarmRequest
from dashboard.load.row import asked
from dashboard.load.swarms import Swarms
from dashboard.load.workloads import NAMESPACE
from dashboard.settings import Target


@dataclass(frozen=True, slots=True)
class Starting:
    """`targets` by id; `now` is the wall clock; `note(kind, sentence)` tells the story."""

    cluster: Any
    swarms: Swarms
    guard: Guard
    creation: Creation
    plans: Plans[Plan]
    targets: Mapping[str, Target]
    note: Callable[..., None]
    now: Callable[[], datetime]

    def plan(self, request: SwarmRequest, *, by: str, session: str) -> Plan:
        """The first step: what would start. Writes nothing in the cluster. Raises Refused when it could not start."""
        with self.guard.recorded(request, by=by):
            target = self._target(request)
            self.creation.check(request)
            pinned = self._look(target)
            self.swarms.refuse_if_active()
            swarm_id, fence = secrets.token_hex(3), self.guard.fence()
            plan = Plan(new_nonce(), session, by, swarm_id, request, target, pinned, fence, self.now())
        self.plans.keep(plan)
        return plan

    def start(self, nonce: str, *, by: str, session: str) -> Plan:
        """The second step: starts what was planned, once. Asked again, it answers or refuses as the first time."""
        return self.plans.redeem(nonce, session=session, start=lambda plan: self._start(plan, by))

    def _start(self, plan: Plan, by: str) -> None:
        request = plan.request
        with self.guard.recorded(request, by=by):
            if self._look(plan.target).addresses != plan.pinned.addresses:
                raise Refused("The target's addresses have changed since the plan. Look at the plan again.", status=409)
            token = secrets.token_urlsafe(32)
            self.swarms.begin(plan.swarm_id, token, asked(request), by=by, create=lambda: self._create(plan, token, by))
        self.guard.started(request, swarm_id=plan.swarm_id, target=plan.target, by=by)
        self.note("swarm", f"{request.users} load users on {request.target}, {request.profile}, started by {by}", by=by)

    def _create(self, plan: Plan, token: str, by: str) -> None:
        turn = self.guard.turn(plan.request, swarm_id=plan.swarm_id, target=plan.target, pinned=plan.pinned, by=by)
        with asking(), turn:
            self.creation.create(
                plan.request, swarm_id=plan.swarm_id, target_url=plan.target.url, pinned=plan.pinned, token=token, by=by
            )

    def _target(self, request: SwarmRequest) -> Target:
        if request.target not in self.targets:
            raise Refused(f"There is no target {request.target!r}; there are {', '.join(self.targets)}.", status=422)
        return self.targets[request.target]

    def _look(self, target: Target) -> Pinned:
        """Refuses while something that it needs is absent; takes up a swarm of another process, so that it counts."""
        with asking():
            pinned = self.guard.pin(target)
            try:
                self.cluster.get(f"/api/v1/namespaces/{NAMESPACE}/services/swarm")
            except errors.NotFound:
                why = "for workers to find their master by. Deploy the bundle load first."
                raise Refused(f"There is no Service swarm in namespace {NAMESPACE} {why}", status=409) from None
            self.swarms.adopt()
        return pinned
