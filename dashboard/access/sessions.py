"""The sessions of signed-in browsers, in memory only. It must not know HTTP."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from dashboard.access.capabilities import Capability, up_to
from dashboard.kube.credential import Credential

IDLE_S = 8 * 3600
"""A working day: the page keeps its socket open, so an idle session is a closed laptop."""
ABSOLUTE_S = 24 * 3600
SESSIONS_MAX = 200
"""More than any room of people; the session unused for longest makes place."""

Clock = Callable[[], float]
OnClose = Callable[[str], None]


@dataclass(slots=True)
class Session:
    """One signed-in browser. `id` may be shown and logged; the cookie's secret is never kept."""

    id: str
    by: str
    frame_key: str
    """Opens the framed sample app, nothing else: the frame is sandboxed and so sends no cookies."""
    opened_at: float
    seen_at: float
    capabilities: frozenset[Capability] = field(default_factory=lambda: up_to(Capability.APPLY))
    groups: tuple[str, ...] = ()
    credential: Credential | None = None
    """The person's own way into the cluster; None on loopback, where there is the kubeconfig, and for a share link."""
    share: str | None = None
    """The id of the share link it came by."""
    expires_at: float | None = None
    """When its token, or its share link, runs out."""


class Sessions:
    """Opens, finds and closes sessions; tells its listeners which one was closed."""

    def __init__(self, clock: Clock, *, idle_s: float = IDLE_S, absolute_s: float = ABSOLUTE_S) -> None:
        self._clock = clock
        self._idle_s = idle_s
        self._absolute_s = absolute_s
        self._by_secret: dict[str, Session] = {}
        self._listeners: list[OnClose] = []
        self._lock = threading.Lock()

    def on_close(self, listener: OnClose) -> None:
        """Have `listener` called with the id of each session that ends."""
        self._listeners.append(listener)

    def open(self, *, by: str) -> tuple[Session, str]:
        """A new session and the secret for its cookie."""
        secret = secrets.token_urlsafe(32)
        now = self._clock()
        session = Session(
            id=secrets.token_hex(8), by=by, frame_key=secrets.token_urlsafe(24), opened_at=now, seen_at=now
        )
        with self._lock:
            oldest = self._room_for_one()
            self._by_secret[_digest(secret)] = session
        self._tell(oldest)
        return session, secret

    def find(self, secret: str) -> Session | None:
        """The session of this cookie, marked as seen; None when there is none or it is over."""
        with self._lock:
            session = self._by_secret.get(_digest(secret))
            if session is not None and not self._over(session):
                session.seen_at = self._clock()
                return session
        self.sweep()
        return None

    def find_frame(self, frame_key: str) -> Session | None:
        """The session whose framed app has this key."""
        with self._lock:
            for session in self._by_secret.values():
                if secrets.compare_digest(session.frame_key.encode(), frame_key.encode()):
                    return None if self._over(session) else session
        return None

    def is_open(self, session_id: str) -> bool:
        """Whether the session still holds; for sockets that outlive their handshake. Does not count as use."""
        with self._lock:
            return any(each.id == session_id and not self._over(each) for each in self._by_secret.values())

    def close(self, session_id: str) -> None:
        """End one session, at once and for its sockets too."""
        with self._lock:
            gone = [secret for secret, session in self._by_secret.items() if session.id == session_id]
            closed = [self._by_secret.pop(secret) for secret in gone]
        self._tell(closed)

    def sweep(self) -> None:
        """Close every session that is over."""
        with self._lock:
            gone = [secret for secret, session in self._by_secret.items() if self._over(session)]
            closed = [self._by_secret.pop(secret) for secret in gone]
        self._tell(closed)

    def _over(self, session: Session) -> bool:
        now = self._clock()
        return now - session.seen_at > self._idle_s or now - session.opened_at > self._absolute_s

    def _room_for_one(self) -> list[Session]:
        if len(self._by_secret) < SESSIONS_MAX:
            return []
        oldest = min(self._by_secret, key=lambda secret: self._by_secret[secret].seen_at)
        return [self._by_secret.pop(oldest)]

    def _tell(self, closed: list[Session]) -> None:
        for session in closed:
            for listener in self._listeners:
                listener(session.id)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
