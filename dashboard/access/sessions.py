"""The sessions of signed-in browsers, in memory only. It must not know HTTP."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dashboard.access.capabilities import Capability, up_to
from dashboard.access.held import HeldToken
from dashboard.kube.credential import Credential

IDLE_S = 8 * 3600
"""A working day: the page keeps its socket open, so an idle session is a closed laptop."""
ABSOLUTE_S = 24 * 3600
SESSIONS_MAX = 200
"""More than any room of people; whoever has the most gives up the one unused for longest."""
TOKEN_MAX = 20
"""Sessions of one token; the one unused for longest makes place. A person may have more: a ServiceAccount is a name
that several people sign in with, each with a token of their own."""

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
    lacking: Mapping[Capability, str] = field(default_factory=dict)
    """Why a capability is not there, one sentence each."""
    held: HeldToken | None = field(default=None, repr=False)
    """The token behind `credential`; forgotten when the session ends."""
    reviewed_at: float | None = None
    """When the cluster last said who this is and what they may; None where nobody is asked."""
    doubted: bool = False
    """Whether the cluster could not be asked the last time."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who somebody is to a new session, and what they may."""

    by: str
    capabilities: frozenset[Capability] = field(default_factory=lambda: up_to(Capability.APPLY))
    groups: tuple[str, ...] = ()
    lacking: Mapping[Capability, str] = field(default_factory=dict)
    held: HeldToken | None = field(default=None, repr=False)
    share: str | None = None
    expires_at: float | None = None
    is_reviewed: bool = False
    """Whether the cluster told it, and is to be asked again and again."""


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

    def open(self, *, by: str = "", standing: Standing | None = None, most: int | None = None) -> tuple[Session, str]:
        """A new session, of `standing` or of `by` who may everything, and the secret for its cookie.

        With `most`, the token (without one, the person) that has so many gives up the one unused for longest.
        """
        secret = secrets.token_urlsafe(32)
        return self.open_as(secret, standing or Standing(by), most=most), secret

    def open_as(self, secret: str, standing: Standing, *, most: int | None = None) -> Session:
        """A new session that is found by `secret`."""
        now = self._clock()
        session = Session(
            id=secrets.token_hex(8), by=standing.by, frame_key=secrets.token_urlsafe(24), opened_at=now, seen_at=now,
            capabilities=standing.capabilities, groups=standing.groups, lacking=standing.lacking, held=standing.held,
            credential=standing.held.credential(standing.by) if standing.held else None, share=standing.share,
            expires_at=standing.expires_at, reviewed_at=now if standing.is_reviewed else None,
        )  # fmt: skip
        with self._lock:
            gone = self._room_for_one(standing, most)
            replaced = self._by_secret.pop(_digest(secret), None)
            self._by_secret[_digest(secret)] = session
        self._tell([*gone, *([replaced] if replaced else [])])
        return session

    def open_now(self) -> list[Session]:
        """Every session that holds; looking at them is no use of them."""
        with self._lock:
            return [session for session in self._by_secret.values() if not self._over(session)]

    def get(self, session_id: str) -> Session | None:
        """The session of this id, marked as seen; for a socket, which stays with the session it came with."""
        with self._lock:
            for session in self._by_secret.values():
                if session.id == session_id and not self._over(session):
                    session.seen_at = self._clock()
                    return session
        return None

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
        """The session whose framed app has this key, marked as seen."""
        with self._lock:
            for session in self._by_secret.values():
                if secrets.compare_digest(session.frame_key.encode(), frame_key.encode()):
                    if self._over(session):
                        return None
                    session.seen_at = self._clock()
                    return session
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
        if session.expires_at is not None and now >= session.expires_at:
            return True
        return now - session.seen_at > self._idle_s or now - session.opened_at > self._absolute_s

    def _room_for_one(self, standing: Standing, most: int | None) -> list[Session]:
        theirs = [secret for secret, session in self._by_secret.items() if _is_alike(session, standing)]
        if most is not None and len(theirs) >= most:
            return [self._by_secret.pop(self._unused_for_longest(theirs))]
        if len(self._by_secret) < SESSIONS_MAX:
            return []
        # Whoever has the most gives one up, so that nobody can crowd out the others.
        names = Counter(session.by for session in self._by_secret.values())
        fullest = max(names, key=lambda name: names[name])
        theirs = [secret for secret, session in self._by_secret.items() if session.by == fullest]
        return [self._by_secret.pop(self._unused_for_longest(theirs))]

    def _unused_for_longest(self, among: list[str]) -> str:
        return min(among, key=lambda secret: self._by_secret[secret].seen_at)

    def _tell(self, closed: list[Session]) -> None:
        for session in closed:
            if session.held is not None:
                session.held.forget()
            for listener in self._listeners:
                listener(session.id)


def _is_alike(session: Session, standing: Standing) -> bool:
    if session.by != standing.by or (session.held is None) != (standing.held is None):
        return False
    return session.held is None or standing.held is None or session.held.read() == standing.held.read()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
