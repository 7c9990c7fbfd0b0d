"""Waits until the objects of a stage are well, and says meanwhile what is missing. Writes nothing but the lease."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.applying.progress import Progress
from dashboard.stack.applying.work import Item
from dashboard.stack.bundles.bundle import GeneratedSecret, ObjectRef
from dashboard.stack.cluster import Cluster, Locator, Manifest
from dashboard.stack.health.cause import ended
from dashboard.stack.health.looking import Look, look_below
from dashboard.stack.health.rules import health_of
from dashboard.stack.health.verdict import Health

DEADLINE_S = 300.0
"""Seconds one stage may take to become healthy; a real cluster pulls images meanwhile."""

POLL_S = 1.0
LOOK_S = 5.0
"""How often the pods and Events below an object that is not well are looked at for the cause."""

FRESH_S = 5.0
"""How long a failure must last that came up while it was waited for; controllers try again."""

STALE_S = 60.0
"""The same for one that was there already: its controller may not have noticed yet that the cause is gone, as that of
a ReplicaSet after its quota was raised, which tries again at growing intervals."""

PASSING = (errors.Unreachable, errors.Unavailable, errors.TooManyRequests)
"""Failures to read that a server that restarts shows for a while."""


class Cancelled(Exception):
    """A person stopped the apply; what is applied stays."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How to wait: `clock` counts seconds, `sleep` waits, `cancelled` is a person's word; `deadline_s`: a stage's."""

    clock: Callable[[], float]
    sleep: Callable[[float], Any]
    cancelled: threading.Event
    deadline_s: float = DEADLINE_S

    def check(self) -> None:
        """Raises Cancelled when a person said so."""
        if self.cancelled.is_set():
            raise Cancelled


@dataclass(frozen=True, slots=True)
class Waiting:
    """`keep` renews the lease while nothing is written."""

    cluster: Cluster
    locator: Locator
    progress: Progress
    pace: Pace
    keep: Callable[[], None]
    _looked: dict[ObjectRef, tuple[float, Look]] = field(default_factory=dict)
    _failing: dict[ObjectRef, tuple[float, float]] = field(default_factory=dict)
    """Since when, and how long it may last."""

    def until_well(self, items: Iterable[Item]) -> None:
        """Returns when all are. Raises Refused for one that failed or is late, Cancelled."""
        deadline = self.pace.clock() + self.pace.deadline_s
        waiting = [item for item in items if not isinstance(item.content, GeneratedSecret)]
        while waiting:
            self.pace.check()
            self.keep()
            waiting = [item for item in waiting if not self._is_well(item)]
            if waiting and self.pace.clock() > deadline:
                self._give_up(waiting[0])
            if waiting:
                self.pace.sleep(POLL_S)

    def until_served(self, items: Sequence[Item]) -> None:
        """Until discovery names the kinds of these CustomResourceDefinitions: their objects come next."""
        deadline = self.pace.clock() + self.pace.deadline_s
        for item in items:
            if not isinstance(item.content, GeneratedSecret):
                while not self._is_served(item.content):
                    self.pace.check()
                    self.keep()
                    if self.pace.clock() > deadline:
                        self._give_up(item)
                    self.pace.sleep(POLL_S)

    def _is_well(self, item: Item) -> bool:
        found = self._look(item)
        if found.health.may_go_on:
            self.progress.mark(item.step, "ready", found.sentence or None)
            return True
        if found.health.state == "failed" and self._is_final(item):
            self.progress.mark(item.step, "failed", found.sentence)
            raise Refused(f"{item.ref}: {found.sentence}", status=422)
        if found.health.state != "failed":
            self._failing[item.ref] = (self.pace.clock(), FRESH_S)
        self.progress.mark(item.step, "waiting", found.sentence)
        return False

    def _is_final(self, item: Item) -> bool:
        """Whether it has failed for long enough; a Job that failed does not try again."""
        first = STALE_S if item.step.result == "unchanged" else FRESH_S
        since, patience = self._failing.setdefault(item.ref, (self.pace.clock(), first))
        return item.ref.kind == "Job" or self.pace.clock() - since >= patience

    def _look(self, item: Item) -> Look:
        """Health at every poll; what is below it, and with that the cause, now and then and at the end."""
        assert not isinstance(item.content, GeneratedSecret)  # noqa: S101 - narrowed by the caller
        try:
            live, now = self.cluster.get(self.locator.path(item.content)), self.progress.now()
            health = health_of(live, now=now)
            if health.may_go_on:
                return Look(health)
            at, before = self._looked.get(item.ref, (None, None))
            is_recent = at is not None and self.pace.clock() - at < LOOK_S
            if before is not None and is_recent and before.health.state == health.state:
                return replace(before, health=health)
            found = look_below(self.cluster, live, now=now)
            self._looked[item.ref] = (self.pace.clock(), found)
            return found
        except PASSING as error:
            return Look(Health("unknown", f"the cluster does not answer: {error.message}"))
        except errors.NotFound as error:
            raise Refused(f"{item.ref}: somebody deleted it meanwhile; deploy again.", status=409) from error

    def _is_served(self, definition: Manifest) -> bool:
        self.locator.forget()
        spec = definition["spec"]
        served = [each["name"] for each in spec["versions"] if each.get("served")]
        try:
            found = [self.locator.serves(f"{spec['group']}/{name}", spec["names"]["kind"]) for name in served]
        except PASSING:
            return False
        return all(found)

    def _give_up(self, item: Item) -> None:
        detail = item.step.detail or "it did not answer"
        self.progress.mark(item.step, "failed", detail)
        raise Refused(
            f"{item.ref} is not ready after {self.pace.deadline_s:.0f} s: {ended(detail)} "
            "Look at its pods and Events, then deploy again.",
            status=504,
        )
