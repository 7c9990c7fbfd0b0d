"""One object that answers "who is this, and may they?" for pages and sockets alike. It must not know Flask."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from dashboard.access.capabilities import Capability
from dashboard.access.links import SignInLinks
from dashboard.access.origins import Origins
from dashboard.access.sessions import Session, Sessions

OPERATOR = "operator"
"""Whoever holds the link on this machine; the cluster's own credential decides what they may change."""


class Access:
    """Sessions, links and origins of one dashboard."""

    def __init__(self, *, sessions: Sessions, links: SignInLinks, origins: Origins, port: int) -> None:
        self.sessions = sessions
        self.links = links
        self.origins = origins
        # Cookies ignore ports, so two dashboards on one machine would share a name.
        self.cookie_name = f"surgeboard-{port}"

    def sign_in(self, token: str) -> tuple[Session, str] | None:
        """Redeem a link: the session and its cookie's secret, or None when the link is not valid (any more)."""
        return self.sessions.open(by=OPERATOR) if self.links.redeem(token) else None

    def sign_out(self, session: Session) -> None:
        """End the session; its sockets are closed by the sessions' listeners."""
        self.sessions.close(session.id)

    def session_of(self, environ: Mapping[str, Any]) -> Session | None:
        """The session of the request's cookie."""
        secret = _cookie(environ, self.cookie_name)
        return self.sessions.find(secret) if secret else None

    def authorize(self, environ: Mapping[str, Any]) -> Session | None:
        """The session of a websocket handshake, only if it also comes from our own page under our own name."""
        if not (self.origins.host_allowed(environ) and self.origins.socket_allowed(environ)):
            return None
        return self.session_of(environ)

    def allows(self, session: Session | None, capability: Capability) -> bool:
        """Whether the visitor may, before the cluster is asked; its RBAC decides after us."""
        if capability is Capability.PUBLIC:
            return True
        if session is None:
            return False
        needed = Capability.VIEW if capability is Capability.FRAME else capability
        return needed in session.capabilities


def _cookie(environ: Mapping[str, Any], name: str) -> str | None:
    try:
        cookies = SimpleCookie(str(environ.get("HTTP_COOKIE", "")))
    except CookieError:
        return None
    return cookies[name].value if name in cookies else None
