"""One object that answers "who is this, and may they?" for pages and sockets alike. It must not know Flask."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.access.attempts import Attempts
from dashboard.access.capabilities import Capability
from dashboard.access.door import SIGN_IN, SIGN_OUT, Door, NotLetIn, Record, too_many
from dashboard.access.forwarded import client_address
from dashboard.access.links import SignInLinks
from dashboard.access.origins import Origins
from dashboard.access.paces import address_of
from dashboard.access.rights import Rights
from dashboard.access.sessions import Session, Sessions, Standing
from dashboard.access.share_links import ShareLinks

OPERATOR = "operator"
"""Whoever holds the link on this machine; the cluster's own credential decides what they may change."""
SESSION = "surgeboard.session"
REFUSAL = "surgeboard.refusal"
"""Names in the environ that no header can have."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """What the session's cookie is called for this browser."""

    name: str
    secure: bool


class Access:
    """Sessions, links and origins of one dashboard; with a `door`, people sign in as the cluster knows them."""

    def __init__(
        self, *, sessions: Sessions, links: SignInLinks, origins: Origins, port: int, door: Door | None = None,
        read_only: bool = False, shares: ShareLinks | None = None, steady: Callable[[], float] = time.monotonic,
        record: Record = lambda *_what, **_more: None,
    ) -> None:  # fmt: skip
        self.sessions = sessions
        self.links = links
        self.origins = origins
        self.door = door
        # Where nobody can list or revoke them, none may work that was made before.
        self.shares = None if read_only else shares
        self._read_only = read_only
        self._record = record
        self._attempts, self._share_attempts = Attempts(steady), Attempts(steady)
        # Cookies ignore ports, so two dashboards on one machine would share a name.
        self.cookie_name = f"surgeboard-{port}"

    @property
    def mode(self) -> str:
        """How people sign in: local, token or proxy."""
        if self.door is None:
            return "local"
        return "proxy" if self.door.by_proxy else "token"

    def cookie(self, environ: Mapping[str, Any]) -> Cookie:
        """By https it is bound to this very host, and never sent without."""
        secure = self.origins.is_secure(environ)
        return Cookie("__Host-surgeboard" if secure else self.cookie_name, secure)

    def share_cookie(self, environ: Mapping[str, Any]) -> Cookie:
        """The cookie of a browser that came by a share link: beside the session's, which it never takes away."""
        secure = self.origins.is_secure(environ)
        return Cookie("__Host-surgeboard-share" if secure else f"{self.cookie_name}-share", secure)

    def enter_by_link(self, token: str, environ: Mapping[str, Any]) -> str | None:
        """The cookie for whoever opens this share link; None when it is none or has ended.

        Raises NotLetIn when too many have failed.
        """
        address = address_of(environ)
        wait = self._share_attempts.begin(address)
        if wait:
            raise too_many(wait)
        cookie = self.shares.enter(token) if self.shares is not None else None
        if cookie is not None:
            self._share_attempts.take_back(address)
        return cookie

    def sign_in(self, token: str, environ: Mapping[str, Any] | None = None) -> tuple[Session, str] | None:
        """Redeem a link: the session and its cookie's secret, or None when the link is not valid (any more).

        Raises NotLetIn when too many have failed.
        """
        address = address_of(environ or {})
        wait = self._attempts.begin(address)
        if wait:
            raise too_many(wait)
        where = {"from": client_address(environ or {})}
        if not self.links.redeem(token):
            self._record(SIGN_IN, by="unknown", outcome="refused", why="the link was not the current one", **where)
            return None
        self._attempts.take_back(address)
        allowed = Rights("", read_only=self._read_only).of_machine()
        opened = self.sessions.open(standing=Standing(OPERATOR, allowed.capabilities, lacking=allowed.lacking))
        self._record(SIGN_IN, by=OPERATOR, outcome="accepted", session=opened[0].id, **where)
        return opened

    def sign_out(self, session: Session) -> None:
        """End the session: its token is forgotten at once, its sockets go with it."""
        self._record(SIGN_OUT, by=session.by, outcome="done")
        self.sessions.close(session.id)

    def session_of(self, environ: Mapping[str, Any]) -> Session | None:
        """The session of the request, by its cookie or by whom a trusted proxy names.

        Of somebody the proxy names and who may not come in, `refusal_of` tells why.
        """
        try:
            session = self._named(environ) or self._by_cookie(environ)
        except NotLetIn as problem:
            environ[REFUSAL] = problem  # type: ignore[index]
            session = None
        if session is not None and self._is_good(session):
            return session
        return self._by_share(environ)

    def session_of_frame(self, key: str) -> Session | None:
        """The session whose framed app has this key."""
        session = self.sessions.find_frame(key)
        return session if session is not None and self._is_good(session) else None

    def refusal_of(self, environ: Mapping[str, Any]) -> NotLetIn | None:
        """Why whom the proxy names was not let in."""
        found = environ.get(REFUSAL)
        return found if isinstance(found, NotLetIn) else None

    def authorize(self, environ: dict[str, Any]) -> Session | None:
        """The session of a websocket, only if it also comes from our own page under our own name.

        A socket stays with the session that it was opened with: what its handshake said is old when it is asked again.
        """
        if not (self.origins.host_allowed(environ) and self.origins.socket_allowed(environ)):
            return None
        bound = environ.get(SESSION)
        session = self.session_of(environ) if bound is None else self._bound(bound)
        if session is None or not session.capabilities or not self._is_good(session):
            return None
        environ[SESSION] = session.id
        return session

    def came_by_share(self, environ: Mapping[str, Any]) -> bool:
        """Whether the browser has, or had, a share link's session."""
        return _cookie(environ, self.share_cookie(environ).name) is not None

    def allows(self, session: Session | None, capability: Capability) -> bool:
        """Whether the visitor may, before the cluster is asked; its RBAC decides after us."""
        if capability is Capability.PUBLIC:
            return True
        if session is None:
            return False
        needed = Capability.VIEW if capability is Capability.FRAME else capability
        return needed in session.capabilities

    def review(self, session: Session) -> None:
        """The cluster has just refused this person's token: see whether they are who they were."""
        if self.door is not None:
            self.door.rechecks.review(session)

    def _named(self, environ: Mapping[str, Any]) -> Session | None:
        return self.door.named(environ) if self.door is not None and self.door.by_proxy else None

    def _by_cookie(self, environ: Mapping[str, Any]) -> Session | None:
        secret = _cookie(environ, self.cookie(environ).name)
        return self.sessions.find(secret) if secret else None

    def _by_share(self, environ: Mapping[str, Any]) -> Session | None:
        cookie = _cookie(environ, self.share_cookie(environ).name)
        return self.shares.session_of(cookie) if cookie and self.shares is not None else None

    def _bound(self, session_id: str) -> Session | None:
        found = self.shares.get(session_id) if self.shares is not None else None
        return found or self.sessions.get(session_id)

    def _is_good(self, session: Session) -> bool:
        return self.door is None or session.share is not None or self.door.rechecks.is_good(session)


def _cookie(environ: Mapping[str, Any], name: str) -> str | None:
    """Other programs of this host may have set others beside it, however odd: nothing is read of them."""
    for each in str(environ.get("HTTP_COOKIE", "")).split(";"):
        found, _, value = each.strip().partition("=")
        if found == name:
            return value
    return None
