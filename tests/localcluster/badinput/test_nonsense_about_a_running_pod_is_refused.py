"""What only a pod that runs can be asked: its logs, its ports, commands in it and its end, with senseless numbers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from localcluster.resources import PODS

MOST = 2**63 - 1
POD = {
    "metadata": {"name": "p"},
    "spec": {
        "nodeName": "local", "containers": [{"name": "main", "image": "busybox:1"}],
        "terminationGracePeriodSeconds": MOST,
    },
}  # fmt: skip
JSON = {"Content-Type": "application/json"}
WEB_SOCKET = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "no key",
    "Sec-WebSocket-Protocol": "v5.channel.k8s.io",
}  # fmt: skip


class Node:
    """One whose containers have said a word."""

    async def logs(self, *_names: str, **_options: Any) -> AsyncIterator[bytes]:
        async def said() -> AsyncIterator[bytes]:
            yield b"word\n"

        return said()


@pytest.fixture(scope="module")
def path(server: Any, path_of: Any) -> str:
    """The pod's."""
    collection: str = path_of(PODS)
    assert server.call("POST", collection, json.dumps(POD).encode(), JSON)[0] == 201
    status = json.dumps({"status": {"phase": "Running", "podIP": "127.0.0.1"}}).encode()
    merge = {"Content-Type": "application/merge-patch+json"}
    assert server.call("PATCH", f"{collection}/p/status", status, merge)[0] == 200
    server.api.set_kubelet(Node())
    return f"{collection}/p"


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("tailLines=-1", 422, "tailLines: Invalid value: -1: must be greater than or equal to 0"),
        ("limitBytes=0", 422, "limitBytes: Invalid value: 0: must be greater than 0"),
        ("sinceSeconds=0", 422, "sinceSeconds: Invalid value: 0: must be greater than 0"),
        ("sinceSeconds=99999999999999999999", 400, "value out of range"),
        ("tailLines=1e3", 400, "invalid syntax"),
    ],
)
def test_logs_of_an_amount_that_is_none(server: Any, path: str, query: str, status: int, words: str) -> None:
    found, text = server.call("GET", f"{path}/log?{query}")
    assert (found, words in json.loads(text)["message"]) == (status, True), text


@pytest.mark.parametrize("query", [f"sinceSeconds={MOST}", f"tailLines={MOST}&limitBytes={MOST}"])
def test_logs_of_more_than_there_is(server: Any, path: str, query: str) -> None:
    assert server.call("GET", f"{path}/log?{query}") == (200, b"word\n")


@pytest.mark.parametrize("port", ["65536", "9" * 5000, "0"])
def test_ports_that_nobody_can_listen_on(server: Any, path: str, port: str) -> None:
    status, text = server.call("GET", f"{path}:{port}/proxy/")
    assert (status, json.loads(text)["reason"]) == (503, "ServiceUnavailable")


def test_a_port_in_digits_of_another_script_is_a_name_nobody_has(server: Any, path: str) -> None:
    status, text = server.call("GET", f"{path}:%C2%B2/proxy/")
    assert (status, json.loads(text)["reason"]) == (400, "BadRequest")


@pytest.mark.parametrize("subresource", ["exec?command=ls&stdout=1", "attach?stdout=1"])
def test_a_handshake_that_is_none(server: Any, path: str, subresource: str) -> None:
    server.hang_up()
    status, text = server.call("GET", f"{path}/{subresource}", headers=WEB_SOCKET)
    assert (status, json.loads(text)["reason"]) == (400, "BadRequest")


@pytest.mark.parametrize("grace", [3 * 10**11, MOST, -(2**63)])
def test_a_grace_beyond_all_time(server: Any, path: str, grace: int) -> None:
    body = json.dumps({"gracePeriodSeconds": grace, "dryRun": ["All"]}).encode()
    status, text = server.call("DELETE", path, body, JSON)
    assert status == 200, text
    assert json.loads(text)["metadata"]["deletionTimestamp"]
    eviction = json.dumps({"metadata": {"name": "p"}, "deleteOptions": json.loads(body)}).encode()
    assert server.call("POST", f"{path}/eviction", eviction, JSON)[0] == 201


def test_a_pod_s_own_grace_may_be_without_end(server: Any, path: str) -> None:
    status, text = server.call("DELETE", path + "?dryRun=All")
    assert (status, json.loads(text)["metadata"]["deletionTimestamp"]) == (200, "9999-12-31T23:59:59Z")
