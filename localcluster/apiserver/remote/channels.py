"""`v4.channel.k8s.io` and `v5.channel.k8s.io`: a program's ends as numbered channels of one WebSocket.

Copies between the two and tells how the program ended; must not know what the program is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator

from aiohttp import WSMessage, WSMsgType, web

from localcluster.apiserver.http.negotiation import JSON, encode
from localcluster.apiserver.http.status import status_of
from localcluster.apiserver.node import Command
from localcluster.client import Object
from localcluster.errors import ApiError

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_STDIN, _STDOUT, _STDERR, _ERROR, _RESIZE, _CLOSE = 0, 1, 2, 3, 4, 255
_CHUNK = 32 * 1024


async def serve(socket: web.WebSocketResponse, command: Command) -> None:
    """Until the program ends, which is told, or the client leaves."""
    feeding = asyncio.create_task(_feed(socket, command))
    ending = asyncio.create_task(_follow(socket, command))
    try:
        await asyncio.wait({feeding, ending}, return_when=asyncio.FIRST_COMPLETED)
        if ending.done():
            await send_outcome(socket, exit_status(ending.result()))
    except ConnectionError:
        return  # the client has gone: there is nobody to tell
    finally:
        command.close()
        for task in (feeding, ending):
            task.cancel()
        await asyncio.gather(feeding, ending, return_exceptions=True)
        await socket.close()


async def send_outcome(socket: web.WebSocketResponse, status: Object) -> None:
    """How it ended, as a Status on its own channel."""
    await socket.send_bytes(bytes([_ERROR]) + encode(status, JSON))


async def fail(socket: web.WebSocketResponse, refusal: ApiError) -> None:
    """What was refused after the connection had been upgraded."""
    await send_outcome(socket, status_of(refusal))
    await socket.close()


def exit_status(code: int) -> Object:
    """The Status of a program that has ended."""
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


async def _follow(socket: web.WebSocketResponse, command: Command) -> int:
    await asyncio.gather(*(_copy(socket, channel, stream) for channel, stream in _outputs(command)))
    return await command.wait()


def _outputs(command: Command) -> Iterator[tuple[int, asyncio.StreamReader]]:
    for channel, stream in ((_STDOUT, command.stdout), (_STDERR, command.stderr)):
        if stream is not None:
            yield channel, stream


async def _copy(socket: web.WebSocketResponse, channel: int, stream: asyncio.StreamReader) -> None:
    head = bytes([channel])
    while chunk := await stream.read(_CHUNK):
        await socket.send_bytes(head + chunk)


async def _feed(socket: web.WebSocketResponse, command: Command) -> None:
    """What the client sends, until it leaves."""
    async for message in socket:
        channel, data = _taken_apart(message)
        if channel == _STDIN and command.stdin is not None:
            with contextlib.suppress(ConnectionError):  # the program does not read any more
                command.stdin.write(data)
                await command.stdin.drain()
        elif channel == _CLOSE and data == bytes([_STDIN]):
            command.end_input()
        elif channel == _RESIZE:
            _resize(command, data)


def _taken_apart(message: WSMessage) -> tuple[int, bytes]:
    if message.type != WSMsgType.BINARY or not message.data:
        return -1, b""
    return message.data[0], bytes(message.data[1:])


def _resize(command: Command, data: bytes) -> None:
    with contextlib.suppress(ValueError, TypeError, KeyError):  # a client's nonsense must not end the program
        size = json.loads(data)
        command.resize(columns=int(size["Width"]), rows=int(size["Height"]))
