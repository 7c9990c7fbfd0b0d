"""exec and attach as a client sees them: channels of one WebSocket, the program's end, and refusals before it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import aiohttp
import pytest

from localcluster.apiserver.assembly import Api
from localcluster.errors import ApiError
from localcluster.resources import PODS

PATH = "/api/v1/namespaces/test/pods/web/exec?container=main&command=cat&stdin=1&stdout=1&stderr=1"
V5 = "v5.channel.k8s.io"


class Spoken:
    """A program that a test speaks for: what it is told, and the ends it speaks on."""

    def __init__(self) -> None:
        self.stdout: asyncio.StreamReader | None = asyncio.StreamReader()
        self.stderr: asyncio.StreamReader | None = asyncio.StreamReader()
        self.stdin: Any = self
        self.heard = bytearray()
        self.input_ended = asyncio.Event()
        self.closed = asyncio.Event()
        self.sizes: list[tuple[int, int]] = []
        self.code = 0

    def write(self, data: bytes) -> None:
        self.heard += data

    async def drain(self) -> None:
        return None

    async def wait(self) -> int:
        return self.code

    def end_input(self) -> None:
        self.input_ended.set()

    def resize(self, *, columns: int, rows: int) -> None:
        self.sizes.append((columns, rows))

    def close(self) -> None:
        self.closed.set()

    def end(self, code: int) -> None:
        self.code = code
        for stream in (self.stdout, self.stderr):
            assert stream is not None
            stream.feed_eof()


class FakeKubelet:
    """A node whose commands are all `spoken`; `refusal` comes instead of them."""

    def __init__(self) -> None:
        self.spoken = Spoken()
        self.refusal: ApiError | None = None
        self.opened: list[tuple[str, list[str], bool, bool]] = []

    async def open_command(
        self, namespace: str, pod: str, container: str, arguments: Sequence[str], *, stdin: bool, tty: bool
    ) -> Spoken:
        if self.refusal is not None:
            raise self.refusal
        self.opened.append((container, list(arguments), stdin, tty))
        return self.spoken

    async def attach(self, namespace: str, pod: str, container: str, *, stdin: bool) -> Spoken:
        return self.spoken


@pytest.fixture
async def kubelet(api: Api) -> FakeKubelet:
    body = {"metadata": {"name": "web"}, "spec": {"nodeName": "local", "containers": [{"name": "main", "image": "i"}]}}
    client = api.registry.client("system:test")
    await client.create(PODS, body, namespace="test")
    found = FakeKubelet()
    api.set_kubelet(found)  # type: ignore[arg-type]
    return found


async def outcome(socket: aiohttp.ClientWebSocketResponse) -> Any:
    data = await socket.receive_bytes(timeout=10)
    assert data[0] == 3
    return json.loads(data[1:])


async def test_outputs_come_on_their_channels_and_the_end_is_told(http: Any, kubelet: FakeKubelet) -> None:
    async with http.session.ws_connect(http.url + PATH, protocols=["v9.channel.k8s.io", V5]) as socket:
        assert socket.protocol == V5
        assert kubelet.spoken.stdout is not None
        kubelet.spoken.stdout.feed_data(b"out")
        assert await socket.receive_bytes(timeout=10) == b"\x01out"
        kubelet.spoken.end(3)
        status = await outcome(socket)
        assert (status["reason"], status["details"]["causes"]) == (
            "NonZeroExitCode",
            [{"reason": "ExitCode", "message": "3"}],
        )
        assert (await socket.receive(timeout=10)).type == aiohttp.WSMsgType.CLOSE
    assert kubelet.opened == [("main", ["cat"], True, False)]
    assert kubelet.spoken.closed.is_set()


async def test_input_sizes_and_the_end_of_input_reach_the_program(http: Any, kubelet: FakeKubelet) -> None:
    async with http.session.ws_connect(http.url + PATH + "&tty=1", protocols=[V5]) as socket:
        await socket.send_bytes(b'\x04{"Width":120,"Height":40}')
        await socket.send_bytes(b"\x04nonsense")
        await socket.send_bytes(b"")
        await socket.send_bytes(b"\x00hello")
        await socket.send_bytes(b"\xff\x00")
        await asyncio.wait_for(kubelet.spoken.input_ended.wait(), 10)
        kubelet.spoken.end(0)
        assert await outcome(socket) == {"metadata": {}, "status": "Success"}
    assert (bytes(kubelet.spoken.heard), kubelet.spoken.sizes) == (b"hello", [(120, 40)])


async def test_a_client_that_leaves_ends_the_command(http: Any, kubelet: FakeKubelet) -> None:
    async with http.session.ws_connect(http.url + PATH, protocols=[V5]) as socket:
        await socket.send_bytes(b"\x00hello")
    await asyncio.wait_for(kubelet.spoken.closed.wait(), 10)


async def test_what_the_node_refuses_is_told_on_the_error_channel(http: Any, kubelet: FakeKubelet) -> None:
    kubelet.refusal = ApiError(500, "InternalError", "container not found", {})
    async with http.session.ws_connect(http.url + PATH, protocols=["v4.channel.k8s.io"]) as socket:
        assert (await outcome(socket))["message"] == "container not found"


async def test_attaching_needs_no_command(http: Any, kubelet: FakeKubelet) -> None:
    path = "/api/v1/namespaces/test/pods/web/attach?stdout=1"
    async with http.session.ws_connect(http.url + path, protocols=[V5]) as socket:
        kubelet.spoken.end(0)
        assert (await outcome(socket))["status"] == "Success"


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        (PATH, {}, 400),
        (PATH, {"Upgrade": "SPDY/3.1", "Connection": "Upgrade"}, 501),
        (PATH, {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Protocol": "other"}, 400),
        (PATH.replace("&command=cat", ""), {}, 400),
        (PATH.partition("&stdin")[0], {}, 400),
        (PATH.replace("container=main", "container=nope"), {}, 400),
        (PATH.replace("pods/web", "pods/nope"), {}, 404),
        ("/api/v1/namespaces/test/pods/nope/portforward", {}, 404),
        ("/api/v1/namespaces/test/pods/web/portforward", {}, 400),
    ],
)
async def test_what_cannot_work_is_refused_before_the_upgrade(
    http: Any, kubelet: FakeKubelet, path: str, headers: dict[str, str], code: int
) -> None:
    async with http.session.get(http.url + path, headers=headers) as answer:
        assert (answer.status, (await answer.json())["kind"]) == (code, "Status")
    async with http.session.delete(http.url + path, headers=headers) as answer:
        assert answer.status in (code, 405)
