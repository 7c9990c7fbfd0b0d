"""The WSGI wrapper around everything, the socket included: Host, Origin of sockets, body size, security headers.

Flask's own hooks never run for a websocket handshake, so what must hold for both is here.
It must not know sessions or routes.
"""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from dashboard.access.forwarded import Proxies
from dashboard.access.origins import SAFE_METHODS, Origins, is_websocket
from dashboard.access.paces import Paces, address_of

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

BODY_MAX = 256 * 1024
"""Forms are a few hundred bytes; a guestbook entry through the frame is a few thousand."""

BODY_S = 20.0
"""Within which a body has to be here; who sends it a byte at a time would keep a connection for ever."""

REQUESTS_PER_SECOND = 100
REQUESTS_AT_ONCE = 1000
"""Of one address. A page asks for some sixty files at first, and a room of people may have one address."""
FILE_COST = 0.1
"""A file of ours is sent in a tenth of the time of a page."""
PROBES = frozenset({"/healthz", "/readyz"})
"""A probe must not fail because somebody else at the same address is noisy."""
FOR_ANY_HOST = frozenset({*PROBES, "/metrics"})
"""A scraper names the pod's address. Nothing of the cluster is in them."""
HSTS = ("Strict-Transport-Security", "max-age=31536000")

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "object-src 'none'; require-trusted-types-for 'script'; trusted-types default"
)
FRAME_POLICY = (
    "sandbox allow-forms allow-scripts; default-src 'self' 'unsafe-inline' data:; object-src 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)
"""The sample app is not ours: an origin of its own, no way out but forms that lead to us; only our page frames it."""

COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
FRAME_PREFIX = "/app/"
FILE_PREFIX = "/static/"
OPEN_PREFIXES = (FRAME_PREFIX, FILE_PREFIX)

Refusal = tuple[str, str]


class TooSlow(Exception):
    """A body was not here in time."""


class Gate:
    """Refuses what no route should ever see, and gives every answer its headers.

    `within` bounds a block of code in time and raises TooSlow past that; `address` tells whom a request counts against.
    """

    def __init__(
        self,
        app: WsgiApp,
        origins: Origins,
        *,
        body_max: int = BODY_MAX,
        within: Callable[[], AbstractContextManager[Any]] = nullcontext,
        address: Callable[[Mapping[str, Any]], str] = address_of,
        steady: Callable[[], float] = time.monotonic,
        proxies: Proxies | None = None,
        any_host: Collection[str] = (),
    ) -> None:
        """`proxies`: those that are believed; `any_host`: the paths that answer by any name."""
        self._app = app
        self._proxies = proxies or Proxies()
        self._any_host = frozenset(any_host)
        self._origins = origins
        self._body_max = body_max
        self._within = within
        self._address = address
        self.answers: Counter[str] = Counter()
        """How often each status was answered, by whatever is inside."""
        self._paces = Paces(REQUESTS_PER_SECOND, burst=REQUESTS_AT_ONCE, steady=steady)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        self._proxies.receive(environ)
        refusal = self._refusal(environ)
        headers = security_headers(str(environ.get("PATH_INFO", "")))
        if self._origins.is_secure(environ):
            environ["wsgi.url_scheme"] = "https"  # as the browser has it, whatever ends TLS before us
            headers.append(HSTS)
        secured = self._secured(start_response, headers)
        if refusal is None:
            return self._app(environ, secured)
        status, sentence = refusal
        body = sentence.encode()
        head = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        # What is left of a refused request is not worth waiting for.
        secured(status, [*head, ("Connection", "close"), *_retry(status)])
        return [body]

    def _secured(self, start_response: StartResponse, extra: Headers) -> StartResponse:
        """`start_response` with our headers, and counted."""
        ours = {name.lower() for name, _ in extra}

        def start(status: str, headers: Headers, *rest: Any) -> Any:
            self.answers[status[:3]] += 1
            kept = [(name, value) for name, value in headers if name.lower() not in ours]
            return start_response(status, kept + extra, *rest)

        return start

    def _refusal(self, environ: dict[str, Any]) -> Refusal | None:
        path = str(environ.get("PATH_INFO", ""))
        if not (self._origins.host_allowed(environ) or (path in self._any_host and "HTTP_UPGRADE" not in environ)):
            return "421 Misdirected Request", "This address is not one of the dashboard's. Use the one it printed.\n"
        if not self._in_pace(environ):
            return "429 Too Many Requests", "Too many requests come from your address. Try again in a second.\n"
        if is_websocket(environ):
            allowed = self._origins.socket_allowed(environ)
            return None if allowed else ("403 Forbidden", "Sockets are opened by the dashboard's own page only.\n")
        if str(environ.get("REQUEST_METHOD", "GET")).upper() in SAFE_METHODS:
            return None
        return self._body_refusal(environ) or self._take_body(environ)

    def _in_pace(self, environ: Mapping[str, Any]) -> bool:
        path = str(environ.get("PATH_INFO", ""))
        cost = FILE_COST if path.startswith(FILE_PREFIX) else 1.0
        return path in PROBES or self._paces.allows(self._address(environ), cost=cost)

    def _body_refusal(self, environ: Mapping[str, Any]) -> Refusal | None:
        length = str(environ.get("CONTENT_LENGTH") or "")
        if not length and environ.get("HTTP_TRANSFER_ENCODING"):
            return "411 Length Required", "Say how long the body is.\n"
        if length and (not length.isdecimal() or int(length) > self._body_max):
            return "413 Content Too Large", f"At most {self._body_max} bytes can be sent.\n"
        return None

    def _take_body(self, environ: dict[str, Any]) -> Refusal | None:
        """The whole body, before any route waits for it."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        try:
            with self._within():
                body = environ["wsgi.input"].read(length)
        except TooSlow:
            return "408 Request Timeout", "The request took too long to arrive.\n"
        if len(body) < length:
            return "400 Bad Request", "The request ended before all of it was here.\n"
        environ["wsgi.input"] = io.BytesIO(body)
        return None


def security_headers(path: str) -> Headers:
    """The headers an answer for `path` carries."""
    framed = path.startswith(FRAME_PREFIX)
    own = {
        "Content-Security-Policy": FRAME_POLICY if framed else PAGE_POLICY,
        "X-Frame-Options": "SAMEORIGIN" if framed else "DENY",
        # The sandboxed frame has an origin of its own, to which even its own style sheet is another's.
        "Cross-Origin-Resource-Policy": "cross-origin" if path.startswith(OPEN_PREFIXES) else "same-origin",
    }
    return [*COMMON_HEADERS.items(), *own.items()]


def _retry(status: str) -> Headers:
    return [("Retry-After", "1")] if status.startswith("429") else []
