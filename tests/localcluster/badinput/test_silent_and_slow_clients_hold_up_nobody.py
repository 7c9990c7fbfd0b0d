"""Connections that say nothing, requests that never end and watchers that never read: the others do not notice."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psutil
import pytest

from localcluster.resources import CONFIG_MAPS

SILENT, HALF_SAID = 900, 100
WATCHERS, WRITES, SIZE = 20, 1500, 20_000
MOST_GROWTH = 250 * 1024 * 1024
"""The window of changes and what the kernel buffers; one queue a watcher would hold more than twice this."""


@pytest.fixture
def many_files() -> Iterator[None]:
    """Both ends of every connection are this process's."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 4096:
        pytest.skip("this machine does not allow 4096 open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4096), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def connected(server: Any, stack: ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_connection(("127.0.0.1", server.api.port), timeout=20))


def secured(server: Any, stack: ExitStack) -> ssl.SSLSocket:
    wrapped = server.tls.wrap_socket(connected(server, stack), server_hostname="127.0.0.1")
    return stack.enter_context(wrapped)


def served(server: Any, path_of: Any) -> bool:
    """Whether somebody new is answered."""
    server.hang_up()
    return bool(server.call("GET", path_of(CONFIG_MAPS))[0] == 200)


@pytest.mark.usefixtures("many_files")
def test_a_thousand_half_open_connections(server: Any, path_of: Any) -> None:
    with ExitStack() as stack:
        for _ in range(SILENT):
            connected(server, stack)
        for number in range(HALF_SAID):
            client = secured(server, stack)
            if number % 2:
                client.sendall(b"GET /api/v1/pods HTTP/1.1\r\nHost: ")
            else:
                client.sendall(b"POST /api/v1/namespaces HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{")
        assert served(server, path_of)
    assert served(server, path_of)


def answered(server: Any, path: str, *parts: bytes) -> bytes:
    """What comes back for a POST sent in parts, while others are answered; it has changed nothing."""
    before = server.state()
    with ExitStack() as stack:
        client = secured(server, stack)
        client.sendall(f"POST {path} HTTP/1.1\r\nHost: a\r\n".encode())
        for part in parts:
            client.sendall(part)
            assert server.call("GET", path)[0] == 200
        answer = client.recv(100_000)
    assert server.state() == before
    return answer


@pytest.mark.parametrize(
    "part",
    [b"Content-Length: 100\r\n\r\n{", b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"met\r\n'],
    ids=["length", "chunks"],
)
def test_a_body_whose_rest_does_not_come(impatient: Any, path_of: Any, part: bytes) -> None:
    answer = answered(impatient, path_of(CONFIG_MAPS), part)
    assert answer.startswith(b"HTTP/1.1 504 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["reason"] == "Timeout"


def test_a_body_that_ends_in_what_is_no_chunk(impatient: Any, path_of: Any) -> None:
    """Whether that is found out before or after somebody waits for it is the library's affair."""
    start = b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"met\r\n'
    answer = answered(impatient, path_of(CONFIG_MAPS), start, b"zz\r\nno size of a chunk")
    assert answer.split()[1] in (b"400", b"504")


def test_watchers_that_never_read(server: Any, path_of: Any) -> None:
    body = {"metadata": {"name": "watched"}, "data": {"a": "x" * SIZE}}
    headers = {"Content-Type": "application/json"}
    assert server.call("POST", path_of(CONFIG_MAPS), json.dumps(body).encode(), headers)[0] == 201
    storage, key = server.api.registry.storage, ("test", "watched")
    process = psutil.Process()

    async def write() -> None:
        for number in range(WRITES):
            changed = storage.get(CONFIG_MAPS, key).copy()
            changed["data"]["n"] = str(number)
            storage.put(CONFIG_MAPS, key, changed)
            if number % 50 == 0:
                await asyncio.sleep(0)

    with ExitStack() as stack:
        for _ in range(WATCHERS):
            client = secured(server, stack)
            client.sendall(f"GET {path_of(CONFIG_MAPS)}?watch=true HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            assert client.recv(12) == b"HTTP/1.1 200"
        before = process.memory_info().rss
        server.run(write())
        assert served(server, path_of)
        assert process.memory_info().rss - before < MOST_GROWTH
    assert served(server, path_of)
