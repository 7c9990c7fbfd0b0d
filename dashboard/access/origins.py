"""Which Host and which Origin a request may carry. Pure; it must not know Flask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SOCKET_PATH = "/socket.io"
HTMX_HEADERS = ("HTTP_HX_REQUEST", "HTTP_X_REQUESTED_WITH")
"""Headers a foreign page cannot set without a preflight, which we never grant."""
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origins:
    """The addresses under which this dashboard is known. Everything else is somebody else."""

    hosts: frozenset[str]
    origins: frozenset[str]
    secure: frozenset[str] = frozenset()
    """Those of the hosts that are reached by https."""

    @classmethod
    def of(cls, urls: Sequence[str]) -> Origins:
        """Of the addresses that people use."""
        hosts, origins, secure = set(), set(), set()
        for url in urls:
            parts = urlsplit(url)
            name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else str(parts.hostname)
            port = parts.port or PORTS[parts.scheme]
            names = {f"{name}:{port}", *([name] if port == PORTS[parts.scheme] else [])}
            hosts |= names
            origins.add(f"{parts.scheme}://{min(names, key=len)}")
            secure |= names if parts.scheme == "https" else set()
        return cls(frozenset(hosts), frozenset(origins), frozenset(secure))

    @classmethod
    def loopback(cls, port: int) -> Origins:
        """The names of this machine, on `port`."""
        hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        return cls(hosts=frozenset(hosts), origins=frozenset(f"http://{host}" for host in hosts))

    def and_of(self, urls: Sequence[str]) -> Origins:
        """These, and more addresses."""
        more = Origins.of(urls)
        return Origins(self.hosts | more.hosts, self.origins | more.origins, self.secure | more.secure)

    def host_allowed(self, environ: Mapping[str, Any]) -> bool:
        """Whether the Host header names us; stops DNS rebinding."""
        return str(environ.get("HTTP_HOST", "")).lower() in self.hosts

    def is_secure(self, environ: Mapping[str, Any]) -> bool:
        """Whether the browser came by https, as the configured address of this Host says."""
        return str(environ.get("HTTP_HOST", "")).lower() in self.secure

    def own(self, environ: Mapping[str, Any]) -> str | None:
        """The configured address that the request's Host is of: the scheme is the browser's, not the one it came by."""
        host = str(environ.get("HTTP_HOST", "")).lower()
        found = [each for each in self.origins if host in Origins.of([each]).hosts]
        return max(found, default=None)

    def socket_allowed(self, environ: Mapping[str, Any]) -> bool:
        """Whether a websocket handshake comes from a page of ours; browsers always send Origin there."""
        return str(environ.get("HTTP_ORIGIN", "")).lower() in self.origins

    def change_allowed(self, environ: Mapping[str, Any]) -> bool:
        """Whether an unsafe request comes from a page of ours, by what only browsers can set, and a header besides."""
        if not any(environ.get(header) for header in HTMX_HEADERS):
            return False
        site = str(environ.get("HTTP_SEC_FETCH_SITE", "")).lower()
        if site:
            return site == "same-origin"
        return self.socket_allowed(environ)

    def form_allowed(self, environ: Mapping[str, Any]) -> bool:
        """Whether a browser says that this is a form of ours, sent by a person without any script.

        No page can write these headers. The frame with the app has an origin of its own and so is another site. Origin
        is `null` in our own forms too, under `no-referrer`; where a page of ours lets it be told it says enough, which
        is all there is by plain http, where browsers do not tell the others.
        """
        headers = {"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_SEC_FETCH_MODE": "navigate"}
        kind = str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
        told = all(str(environ.get(name, "")).lower() == value for name, value in headers.items())
        if not environ.get("HTTP_SEC_FETCH_SITE"):
            told = self.socket_allowed(environ)
        return told and kind == "application/x-www-form-urlencoded"


def is_websocket(environ: Mapping[str, Any]) -> bool:
    """Whether the request asks for a websocket, where there are any; elsewhere that header is but a word."""
    path = str(environ.get("PATH_INFO", ""))
    return (
        str(environ.get("HTTP_UPGRADE", "")).lower() == "websocket"
        and str(environ.get("REQUEST_METHOD", "GET")).upper() == "GET"
        and (path == SOCKET_PATH or path.startswith(f"{SOCKET_PATH}/"))
    )
