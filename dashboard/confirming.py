"""Doing in two steps (L9, L10): a plan that a person reads, then its nonce, once, by the same session, within 2 min.

The second step takes nothing but the nonce, so what was read is what is done. Asked again, it answers as it did the
first time and does nothing more. It must not know what is planned nor how it is done.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from dashboard.errors import Refused

VALID_S = 120
KEPT_S = 1800
"""Seconds for which a used nonce is answered as it was the first time."""
PLANS_MAX = 200

GONE = "This plan is not valid any more: it holds for two minutes, once, for whoever made it. Look at the plan again."


class Confirmable(Protocol):
    """A plan: its nonce is for whoever made it, and is in no log, view or record."""

    @property
    def nonce(self) -> str: ...
    @property
    def session(self) -> str: ...


PlanT = TypeVar("PlanT", bound=Confirmable)


@dataclass(slots=True)
class _Kept(Generic[PlanT]):
    plan: PlanT
    born: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    outcome: PlanT | Refused | None = None


@dataclass(slots=True)
class Plans(Generic[PlanT]):
    """In memory only: what another process planned has to be planned again. `clock` counts seconds."""

    clock: Callable[[], float]
    _kept: dict[bytes, _Kept[PlanT]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, plan: PlanT) -> None:
        """From now on its nonce is valid."""
        with self._lock:
            self._forget()
            self._kept[_digest(plan.nonce)] = _Kept(plan, self.clock())

    def redeem(self, nonce: str, *, session: str, start: Callable[[PlanT], Any]) -> PlanT:
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

    def _first(self, kept: _Kept[PlanT], start: Callable[[PlanT], Any]) -> PlanT | Refused:
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
