"""Forward a request to an address and stream the answer back. Must not know which objects lead there."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from localcluster.apiserver.http.endpoints import Place, unavailable

_CONNECT_S = 10.0
_CHUNK = 64 * 1024
_HOP_BY_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip
_NOT_FORWARDED = _HOP_BY_HOP | {"authorization", "host", "content-length"}
_ABOUT_THE_CALLER = ("impersonate-", "x-remote-")
"""Headers that only the API server itself may send on: who receives them believes them."""
_NOT_RETURNED = _HOP_BY_HOP | {"content-length", "date", "server"}
_BODILESS = ("GET", "HEAD", "DELETE", "OPTIONS")


class Forwarder:
    """One pool of connections to what runs in the cluster."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def forward(
        self, request: web.Request, place: Place, path: str, *, prefix: str = "",
        headers: Mapping[str, str] | None = None, tls: ssl.SSLContext | bool = False,
    ) -> web.StreamResponse:  # fmt: skip
        """Send the request to `path` (raw, with its query) there. `prefix` is put before redirects within the host.

        Refuses with 503 when nobody listens; once the answer has begun, a failure can only cut it short.
        """
        body = None if request.method in _BODILESS and not request.can_read_body else request.content
        try:
            answer = await self._pool().request(
                request.method, URL(place.origin + path, encoded=True), data=body, ssl=tls, allow_redirects=False,
                headers=_forwarded(request, headers or {}),
            )  # fmt: skip
        except aiohttp.ClientSSLError as error:
            raise unavailable(f"error trying to reach service: {_tls_words(error)}") from error
        except aiohttp.ClientConnectorError as error:
            reason = os.strerror(error.os_error.errno).lower() if error.os_error.errno else str(error.os_error)
            where = f"dial tcp {place.host}:{place.port}: connect: {reason}"
            raise unavailable(f"error trying to reach service: {where}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise unavailable(f"error trying to reach service: {error or 'timed out'}") from error
        async with answer:
            return await _relay(request, answer, place=place, prefix=prefix)

    async def get(
        self, place: Place, path: str, *, headers: Mapping[str, str], tls: ssl.SSLContext | bool
    ) -> tuple[int, bytes]:
        """The status and body of a GET that the server makes itself."""
        try:
            async with self._pool().get(place.origin + path, headers=headers, ssl=tls) as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise unavailable("the server is currently unable to handle the request") from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S)
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=15)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session


async def _relay(
    request: web.Request, answer: aiohttp.ClientResponse, *, place: Place, prefix: str
) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, reason=answer.reason)
    for name, value in answer.headers.items():
        if name.lower() == "location":
            response.headers.add(name, _within(value, place=place, prefix=prefix))
        elif name.lower() not in _NOT_RETURNED:
            response.headers.add(name, value)
    if answer.content_length is not None:
        response.content_length = answer.content_length
    await response.prepare(request)
    if request.method != "HEAD":
        async for chunk in answer.content.iter_chunked(_CHUNK):
            await response.write(chunk)
    await response.write_eof()
    return response


def _forwarded(request: web.Request, extra: Mapping[str, str]) -> CIMultiDict[str]:
    headers = CIMultiDict(
        (name, value)
        for name, value in request.headers.items()
        if name.lower() not in _NOT_FORWARDED and not name.lower().startswith(_ABOUT_THE_CALLER)
    )
    if "Content-Length" in request.headers:
        headers["Content-Length"] = request.headers["Content-Length"]
    peer = request.remote or ""
    earlier = request.headers.get("X-Forwarded-For")
    headers["X-Forwarded-For"] = f"{earlier}, {peer}" if earlier else peer
    headers["X-Forwarded-Host"] = request.host
    headers["X-Forwarded-Uri"] = request.rel_url.raw_path
    headers["X-Forwarded-Proto"] = "https"
    headers.extend(extra)
    return headers


def _within(location: str, *, place: Place, prefix: str) -> str:
    """A redirect as the client must follow it: one to the forwarded host stays behind the prefix."""
    if location.startswith(place.origin):
        location = location.removeprefix(place.origin) or "/"
    return prefix + location if prefix and location.startswith("/") and not location.startswith("//") else location


def _tls_words(error: aiohttp.ClientSSLError) -> str:
    """As Go words a certificate that is not accepted."""
    cause = getattr(error, "certificate_error", None)
    words = str(getattr(cause, "verify_message", "") or "")
    if "mismatch" in words or "not valid for" in words:
        return f"tls: failed to verify certificate: x509: {words.rstrip('.')}"
    if "expired" in words:
        return "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"
    if cause is not None:
        return "tls: failed to verify certificate: x509: certificate signed by unknown authority"
    return f"tls: {error}"
