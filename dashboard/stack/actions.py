"""The one way to plan, deploy, roll back and tear down, for the page and for the command line: one at a time.

The work goes on in the background and is told in the view `deploy`; `run…` does the same and returns at its end.
"""

from __future__ import annotations

import logging
import secrets
import socket
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.applying.applier import Applier
from dashboard.stack.applying.lease import Lease
from dashboard.stack.applying.progress import Action, Progress, State
from dashboard.stack.applying.revisions import Revision, Revisions, believed_of, seal_of
from dashboard.stack.applying.teardown import DEADLINE_S as TEARDOWN_S
from dashboard.stack.applying.teardown import Teardown, refuse_changed
from dashboard.stack.applying.waiting import DEADLINE_S, Pace
from dashboard.stack.applying.work import Order
from dashboard.stack.believing import Believing
from dashboard.stack.bundles import options as choices
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.bundles.catalogue import Catalogue
from dashboard.stack.chosen import Choosing, Chosen
from dashboard.stack.health.evidence import Evidence, Readable, gather
from dashboard.stack.health.state import refs_of
from dashboard.stack.planning.drift import Drift, drift_of
from dashboard.stack.planning.dry_run import plan_of
from dashboard.stack.planning.plan import Plan
from dashboard.stack.planning.removal import Removal, removal_of
from dashboard.stack.planning.unrecorded import drift_of_record
from dashboard.stack.preflight.check import findings

log = logging.getLogger(__name__)

UNEXPECTED = "Something unexpected went wrong; the dashboard's log tells what. Try again."


@dataclass(slots=True)
class Stack:
    """`publish` takes the row of the view; `note(kind, sentence, flag=…)` is the story; `spawn(work)` works aside."""

    cluster: Readable
    catalogue: Catalogue
    publish: Callable[[Mapping[str, Any]], None]
    note: Callable[..., None]
    now: Callable[[], datetime]
    clock: Callable[[], float]
    sleep: Callable[[float], Any]
    spawn: Callable[[Callable[[], None]], Any]
    records_namespace: str
    deadline_s: float = DEADLINE_S
    """Seconds each stage of a deploy may take to become healthy."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _progress: Progress | None = None
    """Of the work under way, or of the last one."""
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _tail: str = field(default_factory=lambda: secrets.token_hex(4))
    """Ends the name under which the lease is held: what this one could not release does not stand in its own way."""

    # Looking

    def names(self) -> list[str]:
        """The bundles there are, in the order they are deployed."""
        return self._choosing.names()

    def plan(
        self, chosen: Sequence[Chosen], *, take_over: Collection[str] = (), options: choices.Chosen | None = None
    ) -> Plan:
        """What deploying would do, and what is missing. Writes nothing.

        `options`: as in `deploy`.
        """
        return self._planned(self._choosing.with_options(chosen, options), take_over)

    def history(self, chosen: Chosen) -> tuple[Revision, ...]:
        """The kept revisions, newest first."""
        return self.revisions.history(chosen if isinstance(chosen, str) else chosen.name)

    def plan_back(self, name: str, number: int, *, take_over: Collection[str] = ()) -> Plan:
        """What rolling back would do. Writes nothing."""
        revision, bundle = self._believing.kept(name, number)
        return replace(self._planned([bundle], take_over, kept=True), seal=seal_of(bundle, revision))

    def evidence(self, chosen: Chosen, object_id: str) -> Evidence:
        """What there is to know of one of the bundle's objects: cause, Events, pods, log. Writes nothing."""
        (bundle,) = self._choosing.bundles([chosen])
        for ref in refs_of(bundle):
            if ref.id == object_id:
                return gather(self.cluster, ref, now=self.now)
        raise Refused(f"Bundle {bundle.name} holds no object {object_id}.", status=404)

    def drift(self, chosen: Chosen) -> Drift:
        """What has become of the bundle since it was applied, and by whom. Writes nothing."""
        return drift_of(self.cluster, self._choosing.with_options([chosen], None)[0])

    def drift_of_record(self, revision: Revision) -> Drift:
        """The same of a stack that is known by its record alone. Writes nothing."""
        bundle = self.revisions.bundle_of(revision)
        return drift_of_record(self.cluster, bundle, self.revisions.secrets_of(revision, bundle))

    def removal(self, chosen: Chosen) -> Removal:
        """What a teardown would delete, and what would stay. Writes nothing."""
        bundle = self._choosing.to_remove(chosen)
        latest, deletes = self.revisions.latest(bundle.name), self._believing.grant(chosen, bundle.name).deletes
        return replace(removal_of(self.cluster, bundle, latest, deletes=deletes), seal=seal_of(bundle, latest))

    def _planned(self, bundles: Sequence[Bundle], take_over: Collection[str], *, kept: bool = False) -> Plan:
        deletes = self._believing.deletes(bundles, kept=kept)
        recorded = {
            bundle.name: believed_of(self.revisions.latest(bundle.name), partial(deletes, bundle.name))
            for bundle in bundles
        }
        plan = plan_of(self.cluster, bundles, recorded=recorded, take_over=frozenset(take_over))
        found = findings(self.cluster, bundles, records_namespace=self.records_namespace)
        chosen = {bundle.name: bundle.options for bundle in bundles if choices.options_of(bundle.name)}
        return replace(plan, findings=found, options=chosen)

    @property
    def revisions(self) -> Revisions:
        """The records of what was applied."""
        return Revisions(self.cluster, self.records_namespace, self.now)

    @property
    def _choosing(self) -> Choosing:
        return Choosing(self.catalogue, self.revisions)

    @property
    def _believing(self) -> Believing:
        return Believing(self.catalogue, self.revisions, self.records_namespace)

    # In the background, for the page

    def deploy(
        self, chosen: Sequence[Chosen], *, by: str, take_over: Collection[str] = (),
        expect: Mapping[str, str] | None = None, remove: Collection[str] | None = None,
        options: choices.Chosen | None = None,
    ) -> None:  # fmt: skip
        """Starts deploying; returns at once. Raises Refused for an unknown bundle, for one that is not what `expect`
        says was planned, and while anybody else deploys.

        `remove`: ids of objects of earlier revisions that the plan showed and that may go. None: all that the plan
        lists when `expect` tells that a plan was seen, else none. `options`: bundle → those chosen for it; a bundle
        that is not named there keeps those it was applied with.
        """
        self._start(*self._deploying(chosen, by, take_over, expect, remove, options))

    def roll_back(
        self, name: str, number: int, *, by: str, take_over: Collection[str] = (),
        remove: Collection[str] | None = None, seal: str | None = None,
    ) -> None:  # fmt: skip
        """Starts to apply a kept revision again, as a new one; returns at once. Secrets and data stay as they are.

        `remove`: ids of objects that the revision does not hold and that may go; None: all of them, since going back
        says so. `seal`: of the plan that was looked at; Refused (409) when the record is another one meanwhile.
        """
        self._start(*self._rolling_back(name, number, by, take_over, remove, seal))

    def teardown(self, chosen: Chosen, *, by: str, also: Collection[str] = (), seal: str | None = None) -> None:
        """Starts removing one bundle; returns at once. `also`: ids of what stays otherwise, ticked one by one.

        `seal`: of the removal that was looked at; Refused (409) when it would be another one meanwhile.
        """
        self._start(*self._removing(chosen, by, also, seal))

    def cancel(self) -> None:
        """Stops after the object at hand; what is applied stays."""
        if self._progress is None or self._progress.is_over or self._progress.state == "deleting":
            raise Refused("Nothing is being deployed.", status=409)
        self._cancelled.set()

    def stop(self) -> None:
        """Stops a deploy or a teardown after the object at hand; sets a flag, so a signal handler may call it."""
        self._cancelled.set()

    # At once, for the command line

    def run(
        self, chosen: Sequence[Chosen], *, by: str, take_over: Collection[str] = (),
        expect: Mapping[str, str] | None = None, remove: Collection[str] | None = None,
        options: choices.Chosen | None = None,
    ) -> Mapping[str, Any]:  # fmt: skip
        """Like `deploy`, and returns the last row of the progress."""
        return self._finish(*self._deploying(chosen, by, take_over, expect, remove, options))

    def run_roll_back(
        self, name: str, number: int, *, by: str, take_over: Collection[str] = (),
        remove: Collection[str] | None = None, seal: str | None = None,
    ) -> Mapping[str, Any]:  # fmt: skip
        """Like `roll_back`, and returns the last row of the progress."""
        return self._finish(*self._rolling_back(name, number, by, take_over, remove, seal))

    def run_teardown(
        self, chosen: Chosen, *, by: str, also: Collection[str] = (), seal: str | None = None
    ) -> Mapping[str, Any]:
        """Like `teardown`, and returns the last row of the progress."""
        return self._finish(*self._removing(chosen, by, also, seal))

    # What is to be done

    def _deploying(
        self, chosen: Sequence[Chosen], by: str, take_over: Collection[str], expect: Mapping[str, str] | None,
        remove: Collection[str] | None, options: choices.Chosen | None,
    ) -> tuple[Progress, Callable[[], None], str]:  # fmt: skip
        bundles = self._choosing.with_options(chosen, options)
        for bundle in bundles:
            if expect is not None and expect.get(bundle.name, bundle.revision) != bundle.revision:
                raise Refused(f"{bundle.name} has changed since it was planned; look at the plan again.", status=409)
        may_go = None if remove is None and expect else frozenset(remove or ())
        progress, lease = self._begin("planning", "deploy", bundles, by)
        names = ", ".join(choices.told(bundle) for bundle in bundles)
        self.note("apply", f"Deploying {names}, asked for by {by}", flag="deploy", by=by)
        order = Order(bundles, by, frozenset(take_over), may_go)
        return progress, lambda: self._applier(progress, lease, order).apply(order), f"{names} deployed"

    def _rolling_back(
        self, name: str, number: int, by: str, take_over: Collection[str], remove: Collection[str] | None,
        seal: str | None,
    ) -> tuple[Progress, Callable[[], None], str]:  # fmt: skip
        revision, bundle = self._believing.kept(name, number)
        refuse_changed(bundle, revision, seal)
        progress, lease = self._begin("planning", "roll back", [bundle], by)
        self.note(
            "apply", f"Rolling {name} back to revision {number}, asked for by {by}; Secrets and data stay as they are",
            flag="roll back", by=by,
        )  # fmt: skip
        left_out = tuple(each.ref for each in revision.objects if each.ref.id in revision.left_out)
        again = (number, revision.revision)
        may_go = None if remove is None else frozenset(remove)
        order = Order((bundle,), by, frozenset(take_over), may_go, again=again, left_out=left_out)
        return progress, lambda: self._applier(progress, lease, order).apply(order), f"{name} rolled back"

    def _removing(
        self, chosen: Chosen, by: str, also: Collection[str], seal: str | None
    ) -> tuple[Progress, Callable[[], None], str]:
        bundle = self._choosing.to_remove(chosen)
        if seal is not None:
            refuse_changed(bundle, self.revisions.latest(bundle.name), seal)
        progress, lease = self._begin("deleting", "teardown", [bundle], by)
        self.note("apply", f"Removing {bundle.name}, asked for by {by}", flag="remove", by=by)
        pace = Pace(self.clock, self.sleep, self._cancelled, TEARDOWN_S)
        deletes = self._believing.grant(chosen, bundle.name).deletes
        teardown = Teardown(self.cluster, progress, pace, lease, self.revisions, deletes)
        return progress, lambda: teardown.remove(bundle, also=frozenset(also), seal=seal), f"{bundle.name} removed"

    def _applier(self, progress: Progress, lease: Lease, order: Order) -> Applier:
        pace = Pace(self.clock, self.sleep, self._cancelled, self.deadline_s)
        deletes = self._believing.deletes(order.bundles, kept=order.again is not None)
        return Applier(self.cluster, progress, pace, lease, self.revisions, deletes)

    # How it is done

    def _begin(self, state: State, action: Action, bundles: Sequence[Bundle], by: str) -> tuple[Progress, Lease]:
        """Whoever sees that the last work is over may begin the next; whoever has begun sees that it is under way."""
        holder = f"{by} · surgeboard@{socket.gethostname()} · {self._tail}"
        lease = Lease(self.cluster, self.records_namespace, holder, self.clock, self.now)
        with self._lock:
            if self._progress is not None and not self._progress.is_over:
                raise Refused("A deploy or teardown is under way; wait for it or cancel it.", status=409)
            try:
                lease.refuse_if_held()
            except errors.SignInAgain:
                raise
            except errors.ApiError as error:
                raise Refused(f"Nothing was begun; the cluster does not answer: {error.message}", status=503) from error
            self._cancelled.clear()
            names = tuple(bundle.name for bundle in bundles)
            self._progress = Progress(self.publish, self.now, action=action, bundles=names, by=by)
            self._progress.start([], state=state)
            return self._progress, lease

    def _start(self, progress: Progress, work: Callable[[], None], done: str) -> None:
        self.spawn(lambda: self._do(progress, work, done))

    def _finish(self, progress: Progress, work: Callable[[], None], done: str) -> Mapping[str, Any]:
        self._do(progress, work, done)
        return progress.row()

    def _do(self, progress: Progress, work: Callable[[], None], done: str) -> None:
        try:
            work()
        except Exception:  # the outermost frame of a thread: without this the page would show it under way for ever
            log.exception("%s failed", progress.action)
            progress.finish("failed", UNEXPECTED)
        if progress.state == "done":
            self.note("apply", done, flag=done.rpartition(" ")[2], by=progress.by)
        elif progress.state == "cancelled":
            self.note("apply", f"Not {done}: it was stopped", flag="stopped", by=progress.by)
        else:
            self.note("warning", f"Not {done}: {progress.error}", by=progress.by)
