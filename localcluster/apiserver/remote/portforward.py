"""The `portforward` subresource: SPDY inside a WebSocket, and behind each pair of streams a connection to the pod."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from localcluster.apiserver.access.identity import Identity
from localcluster.apiserver.http.paths import Target
from localcluster.apiserver.integers import port_number
from localcluster.apiserver.registry import Registry
from localcluster.apiserver.remote import spdy
from localcluster.apiserver.remote.sockets import check_upgrade, upgrade
from localcluster.errors import bad_request
from localcluster.resources import PODS

PROTOCOLS = ("SPDY/3.1+portforward.k8s.io",)
_CHUNK = 32 * 1024
_CONNECT_S = 10.0
_MAX_STREAMS = 512
_WAITING_CHUNKS = 32


class PortForwarding:
    """Opens the pod's own address; a pod without one is refused."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def handle(self, request: web.Request, target: Target, _who: Identity) -> web.StreamResponse:
        pod = self._registry.get(PODS, target.name, namespace=target.namespace).object
        if not pod["spec"].get("nodeName"):
            raise bad_request(f"pod {target.name} does not have a host assigned")
        check_upgrade(request, PROTOCOLS)
        socket = await upgrade(request, PROTOCOLS)
        session = Session(socket.send_bytes, address=(pod.get("status") or {}).get("podIP", ""), pod=target.name)
        try:
            async for message in socket:
                if message.type == WSMsgType.BINARY:
                    await session.receive(message.data)
        except spdy.SpdyError as error:
            await socket.close(code=1002, message=str(error).encode()[:120])
        finally:
            await session.close()
        return socket


@dataclass(slots=True)
class _Stream:
    """The client's words on one stream; an empty chunk is their end."""

    port: int
    request: str
    waiting: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(_WAITING_CHUNKS))


class Session:
    """One client's streams. `send` takes the bytes for the client; `address` is the pod's."""

    def __init__(self, send: Callable[[bytes], Coroutine[Any, Any, None]], *, address: str, pod: str) -> None:
        self._send = send
        self._address = address
        self._pod = pod
        self._reader, self._writer = spdy.Reader(), spdy.Writer()
        self._streams: dict[int, _Stream] = {}
        self._errors: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def receive(self, data: bytes) -> None:
        """Raises SpdyError for what cannot be understood."""
        for frame in self._reader.feed(data):
            if frame.type == spdy.DATA:
                await self._hear(frame)
            elif frame.type == spdy.SYN_STREAM:
                await self._open(frame)
            elif frame.type == spdy.RST_STREAM:
                await self._hear(spdy.Frame(spdy.DATA, frame.stream, spdy.FIN))
            elif frame.type == spdy.PING:
                await self._send(self._writer.ping(frame.payload))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _open(self, frame: spdy.Frame) -> None:
        """A connection is an error stream and a data stream that name the same request."""
        port, request = port_number(frame.headers.get("port", "")), frame.headers.get("requestid", "")
        kind = frame.headers.get("streamtype")
        if not port or kind not in ("data", "error") or len(self._streams) >= _MAX_STREAMS:
            return await self._send(self._writer.reset(frame.stream))
        await self._send(self._writer.reply(frame.stream))
        if kind == "error":
            self._errors[request] = frame.stream
            return None
        stream = self._streams[frame.stream] = _Stream(port, request)
        task = asyncio.create_task(self._forward(frame.stream, stream))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return None

    async def _hear(self, frame: spdy.Frame) -> None:
        stream = self._streams.get(frame.stream)
        if stream is None:
            return
        if frame.payload:
            await stream.waiting.put(frame.payload)
        if frame.ends:
            await stream.waiting.put(b"")

    async def _forward(self, number: int, stream: _Stream) -> None:
        """One connection, from its opening to the end of both streams."""
        try:
            async with asyncio.timeout(_CONNECT_S):
                reader, writer = await asyncio.open_connection(self._address, stream.port)
        except (OSError, TimeoutError) as error:
            await self._end(number, stream, complaint=self._complaint(stream.port, error))
            return
        speaking = asyncio.create_task(_speak(stream, writer))
        try:
            with contextlib.suppress(ConnectionResetError):  # the pod has cut it off: an end like any other
                while chunk := await reader.read(_CHUNK):
                    await self._send(self._writer.data(number, chunk))
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            writer.close()
        await self._end(number, stream)

    async def _end(self, number: int, stream: _Stream, *, complaint: str = "") -> None:
        with contextlib.suppress(ConnectionError):  # the client has gone: there is nobody to tell
            error = self._errors.pop(stream.request, None)
            if error is not None:
                await self._send(self._writer.data(error, complaint.encode(), last=True))
            await self._send(self._writer.data(number, b"", last=True))
        self._streams.pop(number, None)
        while not stream.waiting.empty():  # so that whoever waits to add to it goes on
            stream.waiting.get_nowait()

    def _complaint(self, port: int, error: OSError | TimeoutError) -> str:
        reason = os.strerror(error.errno).lower() if error.errno else "i/o timeout"
        where = f"dial tcp {self._address}:{port}: connect: {reason}"
        return f"error forwarding port {port} to pod {self._pod}: failed to connect to the pod: {where}"


async def _speak(stream: _Stream, writer: asyncio.StreamWriter) -> None:
    """What the client says goes to the pod, its end too."""
    try:
        while chunk := await stream.waiting.get():
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()
    except ConnectionError:
        writer.close()
