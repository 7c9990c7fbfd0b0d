"""The way to what runs in the cluster: the `proxy` subresources of services and pods, with streamed bodies.

Headers that belong to one hop stay on it, and nothing of ours (cookies, credentials) reaches the other side.
It sends nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, unquote

from dashboard.kube.errors import BadRequest, Forbidden, Unauthorized, from_response
from dashboard.kube.requests import Request, segment
from dashboard.kube.streams import Stream

_ONE_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
    "content-length",
}  # fmt: skip
# The browser's credentials are for the dashboard: the API server must see ours alone, and the app none.
_NOT_TO_PODS = _ONE_HOP | {"authorization", "cookie", "origin", "referer", "accept-encoding", "impersonate-user"}
# What the app sets may not reach into the dashboard's own origin.
_NOT_TO_BROWSERS = _ONE_HOP | {"set-cookie", "strict-transport-security", "server", "date", "audit-id"}
_STATUS_MAX = 16 * 1024
_PATH_SAFE = "/:@!$&'()*+,;=-._~"


@dataclass(frozen=True, slots=True)
class ProxyAnswer:
    """What came back: iterate `body` or call `read`, and `close` when done early."""

    status: int
    headers: list[tuple[str, str]]
    body: Iterator[bytes]
    close: Callable[[], None]

    def read(self) -> bytes:
        """The whole body."""
        return b"".join(self.body)


class Unread(Protocol):
    """An answer of which only the head has come."""

    @property
    def body(self) -> Iterator[bytes]: ...
    @property
    def close(self) -> Callable[[], None]: ...


def bounded(answer: Unread, most: int) -> bytes | None:
    """The body of an answer; None when it is longer than `most`, and then the rest is never read."""
    read = b""
    for part in answer.body:
        read += part
        if len(read) > most:
            answer.close()
            return None
    return read


def to_service(
    namespace: str, service: str, port: str | int, *, path: str, method: str, headers: Mapping[str, str],
    body: bytes | None,
) -> Request:  # fmt: skip
    """A request to a port (name or number) of a Service.

    `path` is unescaped, save for a query after its first question mark, which goes on as it is.
    """
    return _request("services", namespace, f"{service}:{port}", path, method, headers, body)


def to_pod(
    namespace: str, pod: str, port: str | int, *, path: str, method: str, headers: Mapping[str, str],
    body: bytes | None,
) -> Request:  # fmt: skip
    """A request to a port number of a Pod."""
    return _request("pods", namespace, f"{pod}:{port}", path, method, headers, body)


def answer(stream: Stream, *, path: str = "") -> ProxyAnswer:
    """The open answer as it may be handed on. Raises Forbidden, or Unauthorized, when the API server did not let the
    request through."""
    pairs = [(name, value) for name, value in stream.headers.items() if name.lower() not in _NOT_TO_BROWSERS]
    if stream.status not in (401, 403) or not _may_be_a_status(stream):
        return ProxyAnswer(stream.status, pairs, stream.chunks(), stream.close)
    with stream:
        body = stream.read()
    error = from_response(stream.status, stream.headers, body, path=path)
    is_forbidden = isinstance(error, Forbidden) and error.rule is not None
    if is_forbidden or (isinstance(error, Unauthorized) and error.reason == "Unauthorized"):
        raise error
    return ProxyAnswer(stream.status, pairs, iter([body]), stream.close)


def _may_be_a_status(stream: Stream) -> bool:
    """Small and JSON; whatever else is refused was refused by what is behind the proxy."""
    kind, length = str(stream.headers.get("Content-Type", "")), str(stream.headers.get("Content-Length", ""))
    return kind.startswith("application/json") and length.isdecimal() and int(length) < _STATUS_MAX


def _request(
    resource: str, namespace: str, target: str, path: str, method: str, headers: Mapping[str, str], body: bytes | None
) -> Request:
    kept = {
        name: value
        for name, value in headers.items()
        if name.lower() not in _NOT_TO_PODS
        and not name.lower().startswith(("impersonate-", "x-forwarded-", "x-remote-"))
    }
    where, _, query = path.partition("?")
    _refuse_climbing(where)
    escaped = quote(where.lstrip("/"), safe=_PATH_SAFE)
    full = f"/api/v1/namespaces/{segment(namespace)}/{resource}/{quote(target, safe=':')}/proxy/{escaped}"
    return Request(method.upper(), f"{full}?{query}" if query else full, body=body, headers=kept)


def _refuse_climbing(path: str) -> None:
    """With `..` a visitor of the app would leave it and read the API itself with our credential."""
    if any(part in {".", ".."} for part in unquote(path).replace("\\", "/").split("/")):
        raise BadRequest(400, "BadRequest", f"the path {path!r} leaves the app: ask for one without dots as a part")
