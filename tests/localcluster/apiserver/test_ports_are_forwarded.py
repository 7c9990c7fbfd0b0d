"""Port forwarding: SPDY frames in any pieces, streams to a pod's port and back, and what cannot be reached."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator

import pytest

from localcluster.apiserver.remote import spdy
from localcluster.apiserver.remote.portforward import Session

ADLER_OF_THE_STANDARD = 0xE3C6A7C2


class Client:
    """The other side of a session: collects what each stream was told."""

    def __init__(self) -> None:
        self.session = Session(self._hear, address="127.0.0.1", pod="web")
        self.writer = spdy.Writer()
        self.said: dict[int, bytes] = {}
        self.ended: set[int] = set()
        self.kinds: list[int] = []
        self._reader = spdy.Reader()
        self._news = asyncio.Event()

    async def open(self, port: int, *, first: int = 1) -> tuple[int, int]:
        """The error and the data stream of one connection."""
        for number, kind in ((first, "error"), (first + 2, "data")):
            headers = {"streamtype": kind, "port": str(port), "requestid": str(first)}
            await self.session.receive(self.writer.syn(number, headers))
        return first, first + 2

    async def until_ended(self, *streams: int) -> None:
        async with asyncio.timeout(10):
            while not self.ended >= set(streams):
                self._news.clear()
                await self._news.wait()

    async def _hear(self, data: bytes) -> None:
        for frame in self._reader.feed(data):
            self.kinds.append(frame.type)
            if frame.type == spdy.DATA:
                self.said[frame.stream] = self.said.get(frame.stream, b"") + frame.payload
                if frame.ends:
                    self.ended.add(frame.stream)
        self._news.set()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    found = Client()
    yield found
    await found.session.close()


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    """A port that says back what it hears, to the end."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.read())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


def test_both_sides_know_the_same_words_beforehand() -> None:
    assert zlib.adler32(spdy.DICTIONARY) == ADLER_OF_THE_STANDARD


def test_frames_are_read_in_any_pieces() -> None:
    writer, reader = spdy.Writer(), spdy.Reader()
    sent = writer.syn(1, {"port": "80"}) + writer.data(1, b"hello", last=True) + writer.reset(1)
    found = [frame for i in range(len(sent)) for frame in reader.feed(sent[i : i + 1])]
    assert [(frame.type, frame.stream) for frame in found] == [
        (spdy.SYN_STREAM, 1),
        (spdy.DATA, 1),
        (spdy.RST_STREAM, 1),
    ]
    assert (found[0].headers, found[1].payload, found[1].ends) == ({"port": "80"}, b"hello", True)


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack("!HHI", 0x8002, 1, 10) + b"x" * 10,
        struct.pack("!HHI", 0x8003, 1, 12) + b"x" * 12,
        struct.pack("!HHI", 0x8003, 3, 1) + b"x",
        struct.pack("!II", 1, 0xFFFFFF),
    ],
    ids=["another version", "headers that are none", "too short", "too long"],
)
def test_what_is_not_spdy_is_refused(raw: bytes) -> None:
    with pytest.raises(spdy.SpdyError):
        list(spdy.Reader().feed(raw))


async def test_bytes_go_to_the_pod_and_back_until_both_have_ended(client: Client, echo: int) -> None:
    error, data = await client.open(echo)
    await client.session.receive(client.writer.data(error, b"", last=True))
    for _ in range(100):
        await client.session.receive(client.writer.data(data, b"0123456789" * 100))
    await client.session.receive(client.writer.data(data, b"", last=True))
    await client.until_ended(error, data)
    assert (client.said[error], len(client.said[data])) == (b"", 100_000)


async def test_connections_go_on_beside_each_other(client: Client, echo: int) -> None:
    opened = [await client.open(echo, first=4 * i + 1) for i in range(5)]
    for _, data in reversed(opened):
        await client.session.receive(client.writer.data(data, b"%d" % data, last=True))
    await client.until_ended(*(data for _, data in opened))
    assert [client.said[data] for _, data in opened] == [b"%d" % data for _, data in opened]


async def test_a_port_nobody_listens_on_is_told_on_the_error_stream(client: Client, unused_port: int) -> None:
    error, data = await client.open(unused_port)
    await client.until_ended(error, data)
    assert client.said[error].endswith(b"connect: connection refused")
    assert client.said[data] == b""


async def test_pings_are_answered_and_senseless_streams_reset(client: Client) -> None:
    await client.session.receive(client.writer.ping(b"\x00\x00\x00\x01"))
    await client.session.receive(client.writer.syn(1, {"streamtype": "data", "port": "none"}))
    await client.session.receive(client.writer.data(9, b"to nobody"))
    assert client.kinds == [spdy.PING, spdy.RST_STREAM]


async def test_leaving_ends_the_connections(client: Client) -> None:
    came, gone = asyncio.Event(), asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        await reader.read()
        gone.set()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    _, data = await client.open(server.sockets[0].getsockname()[1])
    await client.session.receive(client.writer.data(data, b"hello"))
    await asyncio.wait_for(came.wait(), 10)
    await client.session.close()
    await asyncio.wait_for(gone.wait(), 10)
    server.close()


@pytest.fixture
async def unused_port() -> int:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port
