"""Killing the primary in two steps: looks at every rail and says the plan, then does just that, in the background.

It must not know how the kill is measured (attempt.py), nor pages.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.announcing import Events
from dashboard.audit import Audit
from dashboard.confirming import Plans, new_nonce
from dashboard.data.asking import NAMESPACE, WORKLOAD
from dashboard.data.attempt import Attempt
from dashboard.data.kill_plan import KillPlan
from dashboard.data.outage import Outcome
from dashboard.data.picture import Member, Picture, why_no_kill
from dashboard.data.writing import Markers, Writing
from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.settings import Target

log = logging.getLogger(__name__)

ACTION, END = "kill primary", "kill primary end"


@dataclass(slots=True)
class Killing:
    """`look` asks the agents now; `publish` takes the row `kill`; `note` tells the story; `background` begins a thread.

    `now` is the wall clock, `clock` counts seconds, `sleep` waits.
    """

    client: Any
    app: Target
    look: Callable[[], Picture]
    publish: Callable[[Mapping[str, Any]], None]
    note: Callable[..., None]
    audit: Audit
    now: Callable[[], datetime]
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    background: Callable[[Callable[[], None]], None]
    plans: Plans[KillPlan]
    writing: Callable[[Callable[[int], Outcome], Callable[[], float]], Writing] = Writing
    _busy: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, *, by: str, session: str) -> KillPlan:
        """The first step: what would be done. Changes nothing. Raises Refused when it may not be done now."""
        with self._recorded(by):
            if self._busy.locked():
                raise Refused("A primary is being killed already; wait until that is over.", status=409)
            seen, primary = self._primary()
            plan = self._plan(seen, primary, by, session)
            Markers(self.client.proxy_service, self.app, plan.kill_id).stored()  # an app that takes none answers 404
        self.plans.keep(plan)
        return plan

    def kill(self, nonce: str, *, by: str, session: str) -> KillPlan:
        """The second step: does what was planned, once. Asked again, it answers or refuses as the first time."""
        return self.plans.redeem(nonce, session=session, start=lambda plan: self._start(plan, by))

    def _start(self, plan: KillPlan, by: str) -> None:
        with self._recorded(by):
            if not self._busy.acquire(blocking=False):
                raise Refused("A primary is being killed already; wait until that is over.", status=409)
            try:
                self._check(plan)
                self.audit.write(ACTION, by=by, outcome="begun", must=True, target=_named(plan), kill=plan.kill_id)
                self.background(lambda: self._run(plan))
            except BaseException:
                self._busy.release()
                raise

    def _check(self, plan: KillPlan) -> None:
        """What was read may not be so any more."""
        _, primary = self._primary()
        if primary.name != plan.pod or (primary.pod or {}).get("uid") != plan.uid:
            raise Refused(f"{primary.name} is primary by now, in another pod. Look at the plan again.", status=409)

    def _run(self, plan: KillPlan) -> None:
        markers = Markers(self.client.proxy_service, self.app, plan.kill_id)
        attempt = Attempt(
            plan, self.client, markers, self.writing(markers.write, self.clock), self.look, self.publish,
            lambda: self._killed(plan), self.now, self.clock, self.sleep,
        )  # fmt: skip
        try:
            row = attempt.run()
            self._ended(plan, row)
        finally:
            self._busy.release()

    def _killed(self, plan: KillPlan) -> None:
        about = {"kind": "Pod", "namespace": NAMESPACE, "name": plan.pod}
        self.note(
            "failover",
            f"{plan.by} killed the primary {plan.pod} to see a failover",
            about=about,
            flag="kill",
            by=plan.by,
        )
        text = f"{plan.by} killed {plan.pod}, the primary of the replica set, to see a failover (grace period 0)."
        whose = {"apiVersion": "apps/v1", "kind": "StatefulSet", "namespace": NAMESPACE, "name": WORKLOAD}
        Events(self.client, self.now).say(f"kill-{plan.kill_id}.primarykilled", "PrimaryKilled", text, about=whose)

    def _ended(self, plan: KillPlan, row: Mapping[str, Any]) -> None:
        self.audit.write(
            END, by=plan.by, outcome=str(row["state"]), target=_named(plan), kill=plan.kill_id, why=row["error"],
            totals={**row["counts"], **(row["verdict"] or {}), "outage_ms": row["outage_ms"]},
        )  # fmt: skip
        failed = row["state"] == "failed"
        about = {"kind": "Pod", "namespace": NAMESPACE, "name": plan.pod}
        before = f"Killing {plan.pod} did not go to its end: " if failed else f"The kill of {plan.pod}: "
        self.note("warning" if failed else "ready", before + str(row["sentence"]), about=about, by=plan.by)

    def _primary(self) -> tuple[Picture, Member]:
        seen = self.look()
        why, primary = why_no_kill(seen), seen.primary
        if why is not None or primary is None:
            raise Refused(f"The primary is not killed: {why}", status=409)
        return seen, primary

    def _plan(self, seen: Picture, primary: Member, by: str, session: str) -> KillPlan:
        pod = primary.pod or {}
        node = str(pod.get("node") or "")
        return KillPlan(
            new_nonce(), session, by, secrets.token_hex(4), primary.name, str(pod["uid"]),
            (primary.own.term if primary.own else None) or 0, primary.host, node, self._node_is_ready(node),
            tuple(each.name for each in seen.alive if each is not primary), seen.majority, seen.votes - primary.votes,
        )  # fmt: skip

    def _node_is_ready(self, node: str) -> bool:
        """False when that may not be read. Raises Refused for one that is not: there a kill would not be one."""
        try:
            found = self.client.get(f"/api/v1/nodes/{node}") if node else {}
        except (errors.Forbidden, errors.NotFound):
            return False
        except errors.SignInAgain as error:
            raise Refused(error.message, status=401) from error
        except errors.ApiError as error:
            raise Refused(f"The cluster does not answer: {error.message}", status=503) from error
        conditions = (found.get("status") or {}).get("conditions") or ()
        ready = next((each.get("status") for each in conditions if each.get("type") == "Ready"), None)
        if ready in ("False", "Unknown"):
            raise Refused(
                f"The primary is not killed: its node {node} does not answer, so its mongod might go on running beside "
                "the one that takes its place.",
                status=409,
            )
        return ready == "True"

    @contextmanager
    def _recorded(self, by: str) -> Iterator[None]:
        """What the block refuses is on record too."""
        try:
            yield
        except Refused as refusal:
            self.audit.write(ACTION, by=by, outcome="refused", target="primary", why=refusal.sentence)
            raise


def _named(plan: KillPlan) -> dict[str, str]:
    return {"kind": "Pod", "namespace": NAMESPACE, "name": plan.pod, "uid": plan.uid}
