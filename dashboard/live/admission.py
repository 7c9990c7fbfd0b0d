"""Who may open one more socket: not past the house's number, an address's, a session's or a share link's, nor too fast.

A refusal is an HTTP answer that says when to try again; pages keep their place. A socket is one request that lasts as
long as it is open, so whatever is let in is counted for just that time. It must not know what goes over a socket.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dashboard.access.paces import Paces, address_of

PATH = "/socket.io"
PER_SESSION = 20
"""Tabs of one browser; every tab has one socket."""
PER_SHARE = 100
"""Of all browsers that came by one share link; they have one session, which is no one browser's."""
PER_ADDRESS = 50
HANDSHAKES_PER_SECOND = 10
"""Of one address; when the server comes back, all that an address may have may return at once."""
RETRY_S = 5

Environ = Mapping[str, Any]
Caps = Mapping[tuple[str, str], int]
SENTENCES = {
    "address": "You have too many of these pages open.",
    "session": "You have too many of these pages open.",
    "share": f"{PER_SHARE} pages look on by this share link, which is all that may.",
}


class Admission:
    """A WSGI wrapper. `session_of` tells a handshake's session, None for nobody we know; `share_of` its share link."""

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        *,
        is_full: Callable[[], bool],
        session_of: Callable[[Environ], str | None],
        share_of: Callable[[Environ], str | None] = lambda _environ: None,
        per_address: int = PER_ADDRESS,
        address: Callable[[Environ], str] = address_of,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._is_full = is_full
        self._session_of = session_of
        self._share_of = share_of
        self._per_address = per_address
        self._address = address
        self._paces = Paces(HANDSHAKES_PER_SECOND, burst=max(per_address, HANDSHAKES_PER_SECOND), steady=steady)
        self._open: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not str(environ.get("PATH_INFO", "")).startswith(PATH):
            return self._app(environ, start_response)
        address = self._address(environ)
        if not self._paces.allows(address):
            return _refuse(start_response, "429 Too Many Requests", "Sockets are opened too fast from your address.")
        caps = self._caps(environ, address)
        if caps is None:  # at once: who is nobody we know takes up no place, not even for as long as being told so
            return _refuse(start_response, "401 Unauthorized", "Sign in first.")
        if self._is_full():
            return _refuse(start_response, "503 Service Unavailable", "Too many browsers look on.")
        full = self._enter(caps)
        if full is not None:
            return _refuse(start_response, "429 Too Many Requests", SENTENCES[full])
        try:
            return self._app(environ, start_response)
        finally:
            self._leave(caps)

    def of_share(self, share: str) -> int:
        """Sockets that are open by this share link."""
        return self._open[("share", share)]

    def _caps(self, environ: Environ, address: str) -> Caps | None:
        """What this one counts against; None for nobody we know."""
        caps = {("address", address): self._per_address}
        share = self._share_of(environ)
        session = None if share else self._session_of(environ)
        if share:
            caps["share", share] = PER_SHARE
        elif session:
            caps["session", session] = PER_SESSION
        else:
            return None
        return caps

    def _enter(self, caps: Caps) -> str | None:
        """None when it is in, else what is full."""
        with self._lock:
            for key, most in caps.items():
                if self._open[key] >= most:
                    return key[0]
            self._open.update(caps.keys())
            return None

    def _leave(self, caps: Iterable[tuple[str, str]]) -> None:
        with self._lock:
            for key in caps:
                self._open[key] -= 1
                if self._open[key] <= 0:
                    del self._open[key]


def _refuse(start_response: Callable[..., Any], status: str, sentence: str) -> list[bytes]:
    again = not status.startswith("401")
    body = f"{sentence}{' Try again in a few seconds.' if again else ''}\n".encode()
    head = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(status, [*head, *([("Retry-After", str(RETRY_S))] if again else [])])
    return [body]
