"""Links by which others look on for some hours: made, listed and revoked; what a browser that came by one is allowed.

A link works for many browsers until it ends. Of a link and of its browsers' cookies there are only hashes here, so that
both outlive a restart and neither can be read off the file. It must not know HTTP.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from dashboard.access.capabilities import Capability
from dashboard.access.paces import Paces
from dashboard.access.sessions import Session
from dashboard.access.share_file import FILE_NAME, Broken, ShareFile, ShareLink
from dashboard.errors import Refused

log = logging.getLogger(__name__)

HOUR = 3600.0
HOURS = 8
HOURS_MAX = 7 * 24
LINKS_MAX = 50
LABEL_MAX = 60
KEPT_AFTER_END_S = 24 * HOUR
"""An ended link is listed for a day more, so that whoever wonders finds it."""
USE_NOTED_S = 60.0
"""The file is not written for every page that is opened."""
PER_SECOND, BURST = 20.0, 300.0
"""Requests of all browsers of one link: a room that opens its page at once, then hardly any."""
SOCKETS_PER_LINK = 100
ONLY_LOOK = frozenset({Capability.LOOK})
PREFIX = "share-"

Record = Callable[..., None]
"""`Audit.write`."""


class ShareLinks:
    """The share links of one dashboard. `clock`: seconds since 1970. Thread-safe."""

    def __init__(
        self, data_dir: Path, *, clock: Callable[[], float] = time.time, record: Record = lambda *_, **__: None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._file = ShareFile(data_dir / FILE_NAME)
        self._clock = clock
        self._record = record
        self._paces = Paces(PER_SECOND, burst=BURST, steady=steady)
        self._lock = threading.Lock()
        self._links: dict[str, ShareLink] = {}
        self.open_sockets: Callable[[str], int] = lambda _id: 0
        """Sockets that are open by a link; whoever lets them in tells."""
        self.when_revoked: Callable[[], None] = lambda: None
        """Called after a link was revoked, so that its sockets need not be found out about later."""
        self.trouble: str | None = None
        """Why no link works, when the file is broken."""
        self._read()

    # For those who make them

    def make(self, *, label: str, hours: int, by: str) -> tuple[ShareLink, str]:
        """A new link and its secret, which is told this once. Raises Refused."""
        label = " ".join(label.split())
        if not label or len(label) > LABEL_MAX or not label.isprintable():
            raise Refused(
                f"Give the link a label of 1 to {LABEL_MAX} characters, so that you know it again.", status=422
            )
        if not 1 <= hours <= HOURS_MAX:
            raise Refused(f"A share link holds for 1 to {HOURS_MAX} hours.", status=422)
        token = secrets.token_urlsafe(32)
        now = self._clock()
        link = ShareLink(secrets.token_hex(4), label, by, now, now + hours * HOUR, _hash(cookie_of(token)))
        with self._lock:
            self._check_whole()
            kept = self._still_listed()
            if sum(each.expires_at > now for each in kept) >= LINKS_MAX:
                raise Refused(
                    f"There are {LINKS_MAX} share links, which is all there may be. Revoke one first.", status=409
                )
            self._keep([*kept, link])
        self._record("share link make", by=by, outcome="made", link=link.id, label=label, hours=hours)
        return link, token

    def revoke(self, link_id: str, *, by: str) -> ShareLink:
        """Ends a link at once, for every browser that came by it. Raises Refused."""
        with self._lock:
            self._check_whole()
            link = self._links.pop(link_id, None)
            if link is None:
                raise Refused("There is no such share link any more.", status=404)
            self._record("share link revoke", by=by, outcome="revoked", link=link.id, label=link.label)
            self.when_revoked()
            try:
                self._file.write(tuple(self._still_listed()))
            except OSError as error:
                raise Refused(
                    f"The share link has ended, but its file cannot be written: {error}. It would hold again after a "
                    "restart; mend that and revoke it once more then.", status=503,
                ) from error  # fmt: skip
        return link

    def listing(self) -> list[ShareLink]:
        """Every link that is still listed, the newest first."""
        with self._lock:
            return sorted(self._still_listed(), key=lambda each: each.made_at, reverse=True)

    def is_over(self, link: ShareLink) -> bool:
        """Whether it has run out."""
        return self._clock() >= link.expires_at

    # For those who come by one

    def enter(self, token: str) -> str | None:
        """The cookie for whoever holds this link; None when it is none or has ended."""
        cookie = cookie_of(token)
        link = self._find(cookie)
        if link is None:
            return None
        self._used(link)
        return cookie

    def session_of(self, cookie: str) -> Session | None:
        """The session of a browser that came by a link. All of a link's browsers have the same."""
        link = self._find(cookie)
        return None if link is None else self._session(link)

    def get(self, session_id: str) -> Session | None:
        """The session of this id; for a socket, which is asked about again and again."""
        if not session_id.startswith(PREFIX):
            return None
        link = self._links.get(session_id.removeprefix(PREFIX))
        return None if link is None or self.is_over(link) else self._session(link)

    def is_within_pace(self, session: Session) -> bool:
        """Whether one more request of the link's browsers is within what they have among them."""
        return session.share is None or self._paces.allows(session.share)

    def _session(self, link: ShareLink) -> Session:
        return Session(
            id=PREFIX + link.id, by=f"share link {link.id}", frame_key="", opened_at=link.made_at,
            seen_at=self._clock(), capabilities=ONLY_LOOK, share=link.id, expires_at=link.expires_at,
        )  # fmt: skip

    def _find(self, cookie: str) -> ShareLink | None:
        wanted = _hash(cookie)
        found = None
        for link in list(self._links.values()):
            if secrets.compare_digest(link.hash, wanted):
                found = link
        return None if found is None or self.is_over(found) else found

    def _used(self, link: ShareLink) -> None:
        now = self._clock()
        with self._lock:
            known = self._links.get(link.id)
            if known is None or (known.last_used_at is not None and now - known.last_used_at < USE_NOTED_S):
                return
            self._links[link.id] = msgspec.structs.replace(known, last_used_at=now)
            try:
                self._file.write(tuple(self._links.values()))
            except OSError as error:
                log.warning("when a share link was last used could not be kept: %s", error)

    # The file

    def _read(self) -> None:
        try:
            self._links = {each.id: each for each in self._file.read()}
        except Broken as problem:
            self.trouble = str(problem)
            log.error("%s", problem)

    def _check_whole(self) -> None:
        if self.trouble is not None:
            raise Refused(self.trouble, status=503)

    def _still_listed(self) -> list[ShareLink]:
        now = self._clock()
        return [each for each in self._links.values() if now - each.expires_at < KEPT_AFTER_END_S]

    def _keep(self, links: Iterable[ShareLink]) -> None:
        """First in the file, then here: what is not kept does not hold."""
        links = tuple(links)
        try:
            self._file.write(links)
        except OSError as error:
            raise Refused(f"The share links cannot be kept, so nothing was changed: {error}.", status=503) from error
        self._links = {each.id: each for each in links}


def cookie_of(token: str) -> str:
    """What a browser is given instead of the link itself."""
    return hashlib.sha256(b"share cookie\n" + token.encode(errors="replace")).hexdigest()


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode(errors="replace")).hexdigest()
