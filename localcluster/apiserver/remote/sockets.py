"""From a request to a WebSocket that speaks one of the protocols both sides know. Must not know what is spoken."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from localcluster.apiserver.http.requests import method_not_allowed
from localcluster.errors import ApiError, bad_request

_CLOSE_S = 2.0


def check_upgrade(request: web.Request, protocols: Sequence[str]) -> None:
    """Refuse whatever cannot become a WebSocket with one of `protocols`; called after the object has been found."""
    if request.method not in ("GET", "POST"):
        raise method_not_allowed()
    wanted = request.headers.get("Upgrade", "").lower()
    if not wanted:
        raise bad_request("Upgrade request required")
    if wanted != "websocket" or request.method != "GET":
        message = f"upgrading to {wanted} is not offered here, only a GET to a WebSocket is"
        raise ApiError(501, "NotImplemented", message, {})
    if not set(offered(request)) & set(protocols):
        known = ", ".join(protocols)
        raise bad_request(f"none of the WebSocket protocols {offered(request)} is known here, only {known}")


async def upgrade(request: web.Request, protocols: Sequence[str]) -> web.WebSocketResponse:
    """The open WebSocket; its protocol is the client's first that is known."""
    chosen = [name for name in offered(request) if name in protocols]
    socket = web.WebSocketResponse(protocols=chosen, compress=False, timeout=_CLOSE_S)
    await socket.prepare(request)
    return socket


def offered(request: web.Request) -> list[str]:
    """What the client would speak, best first."""
    header = request.headers.getall("Sec-WebSocket-Protocol", [])
    return [name.strip() for name in ",".join(header).split(",") if name.strip()]
