"""How people other than the one at this machine come in: by a token of the cluster, or as a trusted proxy says.

It asks, counts failures, opens the session and writes the record. It must not know HTTP's answers.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.access.attempts import Counting, Pacing
from dashboard.access.forwarded import Said, client_address, said_of
from dashboard.access.paces import address_of
from dashboard.access.people import SYSTEM, CannotAsk, NotAccepted, People
from dashboard.access.rechecks import Rechecks
from dashboard.access.remembered import Remembered
from dashboard.access.rights import MayNotView
from dashboard.access.sessions import TOKEN_MAX, Session, Sessions, Standing
from dashboard.access.turns import Turns
from dashboard.kube.rules import Rule

SIGN_IN, SIGN_OUT, ENDED = "sign-in", "sign-out", "session end"
CANNOT_ASK = 503
NOT_ACCEPTED = "This token was not accepted. Make a fresh one and paste all of it."

DENIED_S = 10.0
"""For which a refusal of whom a proxy names is not asked about again: a page is sixty requests."""
PASSED_ON_MOST = 50
"""As many people as may come by one address at the same moment, each of whom is asked about."""
ACCEPTED_S = 60.0
"""For which a token that a proxy passes on is not asked about again: two browsers of one person have one each."""

NOT_OF_PROXY = (
    "The cluster does not accept the token that the proxy passes on for you. Sign in there again; if that does not "
    "help, the proxy has to pass on ID tokens of an issuer that the cluster trusts."
)

Record = Callable[..., None]
"""`Audit.write`."""


class NotLetIn(Exception):
    """Nobody came in. `sentence` is for the person; `rule` is the right they miss."""

    def __init__(
        self, sentence: str, status: int, *, rule: Rule | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
        self.rule = rule
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Denial:
    """What is kept of a NotLetIn: never the exception itself, in whose frames the refused token would live on."""

    sentence: str
    status: int
    rule: Rule | None


@dataclass(slots=True)
class Door:
    """One for a dashboard that other people sign in to."""

    sessions: Sessions
    people: People
    attempts: Counting
    rechecks: Rechecks
    record: Record
    by_proxy: bool = False
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _turns: Turns = field(default_factory=Turns, repr=False)
    _passed_on: Counting = field(init=False, repr=False)
    """What fails of what a proxy says."""
    _denied: Remembered[Denial] = field(init=False, repr=False)
    _accepted_as: Remembered[str] = field(init=False, repr=False)
    """Ids of sessions, by what was said of them."""

    def __post_init__(self) -> None:
        self._passed_on = Pacing(self.people.clock, PASSED_ON_MOST)
        self._denied, self._accepted_as = Remembered(self.people.clock), Remembered(self.people.clock)

    def by_token(self, token: str, environ: Mapping[str, Any]) -> tuple[Session, str]:
        """A session and its cookie's secret for who has this token. Raises NotLetIn."""
        self.begin(environ)
        try:
            standing = self.people.by_token(token)
        except NotAccepted as problem:
            self._refused(environ, "its token was not accepted")
            raise NotLetIn(NOT_ACCEPTED, 403) from problem
        except MayNotView as problem:  # which counts too: each such answer is three questions and a line of the record
            raise self._may_not(problem, environ) from problem
        except CannotAsk as problem:
            self.attempts.take_back(address_of(environ))
            raise NotLetIn(str(problem), CANNOT_ASK) from problem
        self.attempts.take_back(address_of(environ))
        opened = self.sessions.open(standing=standing, most=TOKEN_MAX)
        self._accepted(opened[0], environ)
        return opened

    def begin(self, environ: Mapping[str, Any]) -> None:
        """One more attempt of this address. Raises NotLetIn when there were too many that failed."""
        wait = self.attempts.begin(address_of(environ))
        if wait:
            raise too_many(wait)

    def named(self, environ: Mapping[str, Any]) -> Session | None:
        """The session of whom the proxy has let in; None: it named nobody. Raises NotLetIn."""
        said = said_of(environ)
        if said is None:
            return None
        secret = hmac.new(self._key, said.user.encode(), hashlib.sha256).hexdigest()
        session = self.sessions.find(secret)
        if session is not None and _is_as_said(session, said):
            return session
        with self._turns.of(secret):
            return self._of_proxy(said, secret, environ)

    def _of_proxy(self, said: Said, secret: str, environ: Mapping[str, Any]) -> Session:
        session = self.sessions.find(secret)
        if session is not None and _is_as_said(session, said):
            return session
        asked = hmac.new(self._key, repr((said.user, said.groups, said.token)).encode(), hashlib.sha256).hexdigest()
        if session is not None and self._accepted_as.get(asked) == session.id:
            return session
        denial = self._denied.get(asked)
        if denial is not None:
            raise NotLetIn(denial.sentence, denial.status, rule=denial.rule)
        standing = self._asked_about(said, asked, environ)
        if session is None or session.held is None or not _goes_on(session, standing):
            session = self.sessions.open_as(secret, standing)
            self._accepted(session, environ)
        until = self.people.clock() + ACCEPTED_S
        self._accepted_as.put(asked, session.id, until=min(until, standing.expires_at or until))
        return session

    def _asked_about(self, said: Said, asked: str, environ: Mapping[str, Any]) -> Standing:
        # Beside a token the name proves nothing: whoever may try tokens may as well try names with them.
        who = address_of(environ) if said.token else f"as {said.user}"
        wait = self._passed_on.begin(who)
        if wait:
            raise too_many(wait)
        try:
            standing = self._standing(said, environ)
        except NotLetIn as problem:
            if problem.status == CANNOT_ASK:
                self._passed_on.take_back(who)
            denial = Denial(problem.sentence, problem.status, problem.rule)
            self._denied.put(asked, denial, until=self.people.clock() + DENIED_S)
            raise
        self._passed_on.take_back(who)
        return standing

    def _standing(self, said: Said, environ: Mapping[str, Any]) -> Standing:
        try:
            return self.people.by_token(said.token) if said.token else self.people.by_name(said.user, said.groups)
        except NotAccepted as problem:
            named = "unknown" if said.token else said.user  # a token alone tells who somebody is
            self._refused(environ, "the cluster does not accept whom the proxy names", by=named)
            raise NotLetIn(NOT_OF_PROXY if said.token else "The proxy names nobody whom it may name.", 403) from problem
        except MayNotView as problem:
            raise self._may_not(problem, environ) from problem
        except CannotAsk as problem:
            raise NotLetIn(str(problem), CANNOT_ASK) from problem

    def _may_not(self, problem: MayNotView, environ: Mapping[str, Any]) -> NotLetIn:
        self._refused(environ, str(problem), by=problem.person.name)
        sentence = f"You are {problem.person.name}, who may not see this: it {problem.rule.sentence}."
        return NotLetIn(sentence, 403, rule=problem.rule)

    def _accepted(self, session: Session, environ: Mapping[str, Any]) -> None:
        may = sorted(each.value for each in session.capabilities)
        more = {"from": client_address(environ), "session": session.id}
        self.record(SIGN_IN, by=session.by, outcome="accepted", capabilities=may, **more)

    def _refused(self, environ: Mapping[str, Any], why: str, *, by: str = "unknown") -> None:
        self.record(SIGN_IN, by=by, outcome="refused", why=why, **{"from": client_address(environ)})


def too_many(wait: float) -> NotLetIn:
    """The refusal of an address from which too many sign-ins have failed."""
    again = f"{round(wait / 60)} min" if wait > 90 else f"{math.ceil(wait)} s"
    sentence = f"Too many sign-ins have failed from your address. Try again in {again}."
    return NotLetIn(sentence, 429, retry_after=wait)


def _is_as_said(session: Session, said: Said) -> bool:
    """Whether the session was made of the same words of the proxy."""
    if session.held is not None:
        return said.token is not None and session.held.read() == said.token
    return said.token is None and session.groups == tuple(each for each in said.groups if not each.startswith(SYSTEM))


def _goes_on(session: Session, standing: Standing) -> bool:
    """Whether a fresh token is of the same person, whose session then goes on with it, its sockets too."""
    token = standing.held.read() if standing.held else None
    if token is None or session.held is None or standing.by != session.by:
        return False
    session.held.renew(token, expires_at=standing.expires_at)
    session.expires_at = standing.expires_at
    session.capabilities, session.lacking, session.groups = standing.capabilities, standing.lacking, standing.groups
    return True
