"""Starting in two steps (L9, L10): a plan that a person reads, then its nonce, once, by the same session, within 2 min.

The second step takes nothing but the nonce, so what was read is what starts. Asked again, it answers as it did the
first time and starts nothing more. It must not know how a swarm is started.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dashboard.errors import Refused
from dashboard.load import workloads
from dashboard.load.pinning import Pinned
from dashboard.load.request import GUESTBOOK, REQUESTS_PER_S_MAX, SwarmRequest
from dashboard.settings import Target

VALID_S = 120
KEPT_S = 1800
"""Seconds for which a used nonce is answered as it was the first time."""
PLANS_MAX = 200

GONE = "This plan is not valid any more: it holds for two minutes, once, for whoever made it. Look at the plan again."


@dataclass(frozen=True, slots=True)
class Plan:
    """One swarm as it would start. The nonce is for whoever made the plan; it is in no log, view or record."""

    nonce: str = field(repr=False)
    session: str
    by: str
    swarm_id: str
    request: SwarmRequest
    target: Target
    pinned: Pinned
    fence: str
    made_at: datetime

    @property
    def ends_at(self) -> datetime:
        """By itself, if it is confirmed right now."""
        return self.made_at + timedelta(seconds=self.request.duration_s)

    @property
    def ends_at_latest(self) -> datetime:
        """By the cluster's hand, if it is confirmed at the last moment."""
        return self.ends_at + timedelta(seconds=VALID_S + workloads.GRACE_S)

    @property
    def objects(self) -> tuple[str, ...]:
        """What is created in namespace load, as `Kind name`."""
        kinds = {"secrets": "Secret", "jobs": "Job", "configmaps": "ConfigMap"}
        own = [] if self.request.scenario == GUESTBOOK else [workloads.scenario_path(self.swarm_id)]
        parts = [path.split("/") for path in [*workloads.paths(self.swarm_id), *own]]
        return (*(f"{kinds[each[-2]]} {each[-1]}" for each in parts), "Lease swarm")

    def document(self) -> dict[str, Any]:
        """As plain data, for the one who made it."""
        request = self.request
        return {
            "nonce": self.nonce,
            "valid_s": VALID_S,
            "by": self.by,
            "target": {
                "id": self.target.id,
                "url": self.target.url,
                "namespace": self.target.namespace,
                "service": self.target.service,
                "port": self.target.port,
                "paths": list(self.target.paths),
                "addresses": list(self.pinned.addresses),
                "endpoints": list(self.pinned.endpoints),
            },
            "users": request.users,
            "spawn_rate": request.spawn_rate,
            "duration_s": request.duration_s,
            "profile": request.profile,
            "workers": request.workers,
            "scenario": request.scenario,
            "keep_alive": request.keep_alive,
            "requests_per_second_at_most": REQUESTS_PER_S_MAX,
            "ends_at": _text(self.ends_at),
            "ends_at_latest": _text(self.ends_at_latest),
            "objects": list(self.objects),
            "fence": self.fence,
        }


@dataclass(slots=True)
class _Kept:
    plan: Plan
    born: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    outcome: Plan | Refused | None = None


@dataclass(slots=True)
class Plans:
    """In memory only: what another process planned has to be planned again. `clock` counts seconds."""

    clock: Callable[[], float]
    _kept: dict[bytes, _Kept] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, plan: Plan) -> None:
        """From now on its nonce is valid."""
        with self._lock:
            self._forget()
            self._kept[_digest(plan.nonce)] = _Kept(plan, self.clock())

    def redeem(self, nonce: str, *, session: str, start: Callable[[Plan], Any]) -> Plan:
        """Has the plan started, once; whoever comes at the same time waits for the same answer. Raises Refused."""
        with self._lock:
            kept = self._kept.get(_digest(nonce))
        if kept is None or not secrets.compare_digest(kept.plan.session.encode(), session.encode()):
            raise Refused(GONE, status=409)
        with kept.lock:
            if kept.outcome is None:
                kept.outcome = self._first(kept, start)
        if isinstance(kept.outcome, Refused):
            raise Refused(kept.outcome.sentence, status=kept.outcome.status)
        return kept.outcome

    def _first(self, kept: _Kept, start: Callable[[Plan], Any]) -> Plan | Refused:
        if self.clock() - kept.born > VALID_S:
            return Refused(GONE, status=409)
        try:
            start(kept.plan)
        except Refused as refusal:
            return refusal
        return kept.plan

    def _forget(self) -> None:
        """What can be of no use any more, and the oldest when there are too many."""
        now = self.clock()
        for key, kept in list(self._kept.items()):
            age = now - kept.born
            if age > KEPT_S or (age > VALID_S and kept.outcome is None and not kept.lock.locked()):
                del self._kept[key]
        while len(self._kept) >= PLANS_MAX:
            del self._kept[next(iter(self._kept))]


def new_nonce() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def _digest(nonce: str) -> bytes:
    return hashlib.sha256(nonce.encode("utf-8", "surrogatepass")).digest()


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
