"""The rails around one swarm, in the order in which they hold: where it goes, whose turn it is, what it does to others.

Each rail is a module of its own; this one asks them and keeps the record. It must not create or delete workloads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.audit import Audit
from dashboard.errors import Refused
from dashboard.load import fence
from dashboard.load.announcing import Announcing
from dashboard.load.harm import Harm, Seen
from dashboard.load.pinning import Pinned, pin
from dashboard.load.request import SwarmRequest
from dashboard.load.turn import HOUR, Turn
from dashboard.settings import Target

START, STOP, USERS, END = "swarm start", "swarm stop", "swarm users", "swarm end"
GUARD = "guard rail"
"""Who stops a swarm that does harm, as the record names it."""

Around = Callable[[], tuple[int | None, tuple[str, ...] | None]]
"""Ready replicas of the target, and the nodes that are short of memory, as far as they are known."""


@dataclass(slots=True)
class Guard:
    """`now` is the wall clock, `clock` counts seconds, `server` is the API server's address as we know it."""

    cluster: Any
    audit: Audit
    now: Callable[[], datetime]
    clock: Callable[[], float]
    server: str
    around: Around
    _harm: Harm = field(default_factory=Harm)

    def pin(self, target: Target) -> Pinned:
        """Where the load would go. Raises Refused when it may not, ApiError when the cluster does not tell."""
        return pin(self.cluster, target, server=self.server)

    def fence(self) -> str:
        """What holds load inside besides the pin, in a sentence."""
        return fence.fence(self.cluster)

    @contextmanager
    def recorded(self, request: SwarmRequest, *, by: str) -> Iterator[None]:
        """A start that the block refuses is on record too."""
        try:
            yield
        except Refused as refusal:
            caps = _caps(request)
            self.audit.write(START, by=by, outcome="refused", target=request.target, caps=caps, why=refusal.sentence)
            raise

    @contextmanager
    def turn(self, request: SwarmRequest, *, swarm_id: str, target: Target, pinned: Pinned, by: str) -> Iterator[None]:
        """The last rails before anything is created: whose turn it is, and that it is on record. Raises Refused.

        The turn is kept while the swarm lives; one that the block could not create gives it back.
        """
        turn = Turn(self.cluster, self.now)
        turn.take(swarm_id, by=by, counted=self.audit.moments(START, outcome="started", since=self.now() - HOUR))
        try:
            self.audit.write(
                START, by=by, outcome="started", must=True, swarm=swarm_id, target=_named(target),
                addresses=list(pinned.addresses), caps=_caps(request), why=request.note or None,
            )  # fmt: skip
            yield
        except BaseException:
            turn.release(swarm_id)
            raise

    def started(self, request: SwarmRequest, *, swarm_id: str, target: Target, by: str) -> None:
        """Tells the cluster."""
        text = (
            f"{by} sends {request.users} load users for {request.duration_s} s ({request.profile}) "
            f"to {target.service}:{target.port} from namespace load."
        )
        Announcing(self.cluster, self.now).say("SwarmStarted", text, swarm_id=swarm_id, target=target)

    def watch(self, profile: str | None) -> None:
        """Begins to look out for harm anew, with the limits of a profile."""
        self._harm = Harm.of(profile)

    def harm(self, document: Mapping[str, Any]) -> str | None:
        """Why the swarm has to be stopped now, by its master's document and what stands around; None: it has not."""
        ready, pressed = self.around()
        seen = Seen(document.get("failed_percent"), document.get("p99_ms"), document.get("rps"), ready, pressed)
        return self._harm.look(seen, at=self.clock())

    def stopping(self, row: Mapping[str, Any], *, by: str, why: str | None) -> None:
        """Somebody, or a rail, stops it."""
        self.audit.write(STOP, by=by, outcome="begun", swarm=row.get("id"), target=row.get("target"), why=why)

    def changed(self, row: Mapping[str, Any], *, users: int, spawn_rate: float, by: str) -> None:
        """The number of its users was changed."""
        self.audit.write(
            USERS, by=by, outcome="done", swarm=row.get("id"), target=row.get("target"), users=users,
            spawn_rate=spawn_rate,
        )  # fmt: skip

    def ended(
        self, row: Mapping[str, Any], *, target: Target | None, by: str | None, why: str | None, may_tell: bool = True
    ) -> None:
        """It is over: gives the turn back, keeps the totals, tells the cluster.

        `may_tell`: whether there is somebody in whose name the cluster may be told; the turn ends with the Job, too.
        """
        swarm_id = str(row.get("id"))
        if may_tell:
            Turn(self.cluster, self.now).release(swarm_id)
        by = by or "nobody"
        self.audit.write(
            END, by=by, outcome=str(row.get("state")), swarm=swarm_id, target=row.get("target"),
            started_at=row.get("started_at"), started_by=row.get("started_by"), why=why,
            totals={"requests": row.get("requests"), "failures": row.get("failures")},
        )  # fmt: skip
        if target is not None and may_tell:
            reason = f": {why}" if why else ""
            text = f"The swarm of {row.get('started_by')} is over ({row.get('state')}){reason}."
            Announcing(self.cluster, self.now).say("SwarmStopped", text, swarm_id=swarm_id, target=target)


def _named(target: Target) -> dict[str, Any]:
    return {"id": target.id, "namespace": target.namespace, "service": target.service, "port": target.port}


def _caps(request: SwarmRequest) -> dict[str, Any]:
    return {
        "users": request.users,
        "spawn_rate": request.spawn_rate,
        "duration_s": request.duration_s,
        "workers": request.workers,
        "profile": request.profile,
    }
