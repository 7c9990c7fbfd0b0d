"""Asks the cluster again, at least once a minute, who is signed in and what they may, while a session is used.

Refused: the session ends. No answer: it is kept for a minute more, then it ends. Another right: it holds at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from dashboard.access.people import CannotAsk, NotAccepted, People
from dashboard.access.rights import MayNotView
from dashboard.access.sessions import Session, Sessions, Standing
from dashboard.access.turns import Turns

log = logging.getLogger(__name__)

PERIOD_S = 60.0
PER_PERIOD = 6
"""How often in a period it looks whose turn it is."""

SILENCES = 2
"""Of so many people without an answer, the cluster is away: nobody else is asked about in this round."""

Told = Callable[[Session, str], None]
"""Hears of a session that it ended, and why."""


@dataclass(slots=True)
class Rechecks:
    """`clock` is that of the sessions; `period_s` is both how often, and how much longer without an answer."""

    sessions: Sessions
    people: People
    clock: Callable[[], float]
    on_ended: Told = lambda _session, _why: None
    period_s: float = PERIOD_S
    _turns: Turns = field(default_factory=Turns)

    @property
    def tick_s(self) -> float:
        """How often `tick` wants to be called."""
        return self.period_s / PER_PERIOD

    def tick(self) -> None:
        """Review the sessions in use whose turn it is, and end those that are over."""
        self.sessions.sweep()
        silent: set[str] = set()
        for session in self.sessions.open_now():
            if self._is_used(session) and self._age(session) >= self.period_s - self.tick_s:
                # Waiting for each silence would make the last one wait for all; yet one person alone silences nobody.
                ask = session.by not in silent and len(silent) < SILENCES
                if not self._review_in_turn(session, ask=ask):
                    silent.add(session.by)

    def _review_in_turn(self, session: Session, *, ask: bool) -> bool:
        """As `_review`; whatever is wrong with one session, the next ones are reviewed all the same."""
        try:
            return self._review(session, ask=ask)
        except Exception:  # the outermost loop of a worker; a session without an answer ends in its time
            log.exception("the session %s could not be reviewed", session.id)
        try:
            return self._without_answer(session)
        except Exception:
            log.exception("the session %s could not be ended", session.id)
        return True

    def is_good(self, session: Session) -> bool:
        """Whether the session may be used now; one that was not used for a while is reviewed first."""
        if session.reviewed_at is None:
            return True
        grace = self.period_s if session.doubted else self.tick_s
        if self._age(session) > self.period_s + grace:
            with self._turns.of(session.id):
                if self._age(session) > self.period_s + grace:
                    self._review(session)
        return self.sessions.is_open(session.id)

    def review(self, session: Session) -> None:
        """Now, since there is a reason to doubt it; several who doubt it at once ask once."""
        before = session.reviewed_at
        if before is None:
            return
        with self._turns.of(session.id):
            if session.reviewed_at == before and self.sessions.is_open(session.id):
                self._review(session)

    def _is_used(self, session: Session) -> bool:
        return self.clock() - session.seen_at <= 2 * self.period_s

    def _age(self, session: Session) -> float:
        return 0.0 if session.reviewed_at is None else self.clock() - session.reviewed_at

    def _review(self, session: Session, *, ask: bool = True) -> bool:
        """Whether the cluster answered."""
        try:
            standing = self._standing(session) if ask else None
        except NotAccepted:
            self._end(session, "its token is no longer accepted")
            return True
        except MayNotView as problem:
            self._end(session, str(problem))
            return True
        except CannotAsk as problem:
            log.warning("the session %s could not be reviewed: %s", session.id, problem)
            standing = None
        if standing is None:
            return self._without_answer(session)
        self._take(session, standing)
        return True

    def _without_answer(self, session: Session) -> bool:
        session.doubted = True
        if self._age(session) >= 2 * self.period_s:
            self._end(session, "the cluster could not be asked about it")
        return False

    def _standing(self, session: Session) -> Standing:
        if session.held is None:
            return self.people.by_name(session.by, session.groups)
        token = session.held.read()
        if token is None:
            raise NotAccepted
        return self.people.by_token(token)

    def _take(self, session: Session, standing: Standing) -> None:
        if standing.by != session.by:
            self._end(session, "its token is another person's now")
            return
        session.capabilities, session.lacking = standing.capabilities, standing.lacking
        session.groups = standing.groups
        session.reviewed_at, session.doubted = self.clock(), False

    def _end(self, session: Session, why: str) -> None:
        if self.sessions.is_open(session.id):
            self.on_ended(session, why)
        self.sessions.close(session.id)
