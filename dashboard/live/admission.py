"""Who may open one more socket: not past the house's number, an address's, a session's, nor too many a second.

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
PER_ADDRESS = 50
HANDSHAKES_PER_SECOND = 10
"""Of one address; when the server comes back, all that an address may have may return at once."""
RETRY_S = 5

Environ = Mapping[str, Any]
Refusal = tuple[str, str]


class Admission:
    """A WSGI wrapper. `session_of` tells a handshake's session, None for nobody we know."""

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        *,
        is_full: Callable[[], bool],
        session_of: Callable[[Environ], str | None],
        per_address: int = PER_ADDRESS,
        address: Callable[[Environ], str] = address_of,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._is_full = is_full
        self._session_of = session_of
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
        if self._is_full():
            return _refuse(start_response, "503 Service Unavailable", "Too many browsers look on.")
        session = self._session_of(environ)
        # Whoever is not signed in gets in far enough to be told so; the address counts them.
        caps = {("address", address): self._per_address, ("session", session or ""): PER_SESSION}
        if session is None:
            del caps["session", ""]
        if not self._enter(caps):
            return _refuse(start_response, "429 Too Many Requests", "You have too many of these pages open.")
        try:
            return self._app(environ, start_response)
        finally:
            self._leave(caps)

    def _enter(self, caps: Mapping[tuple[str, str], int]) -> bool:
        with self._lock:
            if any(self._open[key] >= most for key, most in caps.items()):
                return False
            self._open.update(caps.keys())
            return True

    def _leave(self, caps: Iterable[tuple[str, str]]) -> None:
        with self._lock:
            for key in caps:
                self._open[key] -= 1
                if self._open[key] <= 0:
                    del self._open[key]


def _refuse(start_response: Callable[..., Any], status: str, sentence: str) -> list[bytes]:
    body = f"{sentence} Try again in a few seconds.\n".encode()
    head = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(status, [*head, ("Retry-After", str(RETRY_S))])
    return [body]
