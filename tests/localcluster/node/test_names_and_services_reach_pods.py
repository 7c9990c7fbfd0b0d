"""Cluster names resolve inside pods, and Services lead to ready endpoints."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from localcluster.resources import ENDPOINT_SLICES, SERVICES

ECHO = """
import socket, sys
server = socket.create_server((sys.argv[1], 9000))
print("up", flush=True)
while True:
    peer, _ = server.accept()
    heard = b""
    while chunk := peer.recv(65536):
        heard += chunk
    peer.sendall(sys.argv[2].encode() + b":" + heard)
    peer.close()
"""


async def service(cluster: Any, name: str, address: str, **port: Any) -> None:
    ports = [{"name": "echo", "port": 9000, "protocol": "TCP", **port}]
    spec = {"clusterIP": address, "ports": ports, "type": "NodePort" if "nodePort" in port else "ClusterIP"}
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}
    await cluster.client.create(SERVICES, body, namespace="test")


async def endpoints(cluster: Any, name: str, *pods: Any, ready: bool = True, hostnames: bool = False) -> None:
    """Creates or replaces the Service's EndpointSlice."""
    entries = [
        {
            "addresses": [pod["status"]["podIP"]],
            "conditions": {"ready": ready},
            **({"hostname": pod["metadata"]["name"]} if hostnames else {}),
        }
        for pod in pods
    ]
    body = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": f"{name}-1", "labels": {"kubernetes.io/service-name": name}, "namespace": "test"},
        "addressType": "IPv4",
        "ports": [{"name": "echo", "port": 9000, "protocol": "TCP"}],
        "endpoints": entries,
    }
    known = (await cluster.client.list(ENDPOINT_SLICES, namespace="test")).items
    if any(entry["metadata"]["name"] == f"{name}-1" for entry in known):
        await cluster.client.update(ENDPOINT_SLICES, body)
    else:
        await cluster.client.create(ENDPOINT_SLICES, body, namespace="test")


async def echo_pod(cluster: Any, name: str) -> Any:
    command = ["python3", "-c", ECHO, "0.0.0.0", name]
    await cluster.shell(name, "", image="python", command=command)
    await cluster.said(name, "up")
    return await cluster.until(name, lambda pod: pod["status"]["phase"] == "Running")


async def ask(host: str, port: int, text: bytes) -> bytes:
    """Sends `text`, ends the sending side, and reads to the end: works only if half-closing is passed on."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(text)
    writer.write_eof()
    try:
        return await reader.read()
    finally:
        writer.close()


async def answered(host: str, port: int) -> bytes:
    async with asyncio.timeout(20):
        while True:
            try:
                answer = await ask(host, port, b"x")
            except OSError:
                answer = b""
            if answer:
                return answer
            await asyncio.sleep(0.02)


async def test_a_service_is_balanced_over_ready_endpoints(cluster: Any) -> None:
    """Each connection goes to the next ready pod; large answers arrive whole."""
    address = f"127.{cluster.agent.settings.octet}.200.7"
    first, second = await echo_pod(cluster, "one"), await echo_pod(cluster, "two")
    await service(cluster, "echo", address)
    await endpoints(cluster, "echo", first, second)
    await answered(address, 9000)
    answers = [await ask(address, 9000, b"x") for _ in range(4)]
    assert sorted(answers) == [b"one:x", b"one:x", b"two:x", b"two:x"]
    large = b"0123456789" * 500_000
    assert (await ask(address, 9000, large))[4:] == large


async def test_a_connection_is_tried_on_another_endpoint(cluster: Any) -> None:
    """An endpoint that has just died is passed over."""
    address = f"127.{cluster.agent.settings.octet}.200.8"
    alive = await echo_pod(cluster, "alive")
    dead = {"metadata": {"name": "dead"}, "status": {"podIP": f"127.{cluster.agent.settings.octet}.199.9"}}
    await service(cluster, "echo", address)
    await endpoints(cluster, "echo", dead, alive)
    await answered(address, 9000)
    assert [await ask(address, 9000, b"x") for _ in range(3)] == [b"alive:x"] * 3


async def test_a_node_port_opens_on_loopback(cluster: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    pod = await echo_pod(cluster, "one")
    await service(cluster, "echo", f"127.{cluster.agent.settings.octet}.200.9", nodePort=port)
    await endpoints(cluster, "echo", pod)
    assert await answered("127.0.0.1", port) == b"one:x"


async def test_a_taken_node_port_is_told_and_the_rest_goes_on(cluster: Any) -> None:
    address = f"127.{cluster.agent.settings.octet}.200.10"
    pod = await echo_pod(cluster, "one")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        await service(cluster, "echo", address, nodePort=port)
        await endpoints(cluster, "echo", pod)
        event = await cluster.event("echo", "PortUnavailable")
        assert f"127.0.0.1:{port}" in event["message"]
        assert await answered(address, 9000) == b"one:x"


async def test_names_resolve_inside_a_running_pod(cluster: Any) -> None:
    """Services by all their names, pods behind a headless Service by theirs, unknown names fail at once."""
    await cluster.shell("asks", "sleep 600")
    pod = await cluster.until("asks", lambda pod: pod["status"]["phase"] == "Running")
    octet = cluster.agent.settings.octet
    await service(cluster, "echo", f"127.{octet}.200.11")
    await service(cluster, "mongo", "None")
    member = {"metadata": {"name": "mongo-0"}, "status": {"podIP": f"127.{octet}.1.77"}}
    await endpoints(cluster, "mongo", member, hostnames=True)
    wanted = {
        "echo": f"127.{octet}.200.11",
        "echo.test.svc.cluster.local": f"127.{octet}.200.11",
        "mongo-0.mongo.test.svc.cluster.local": f"127.{octet}.1.77",
        "mongo-0.mongo": f"127.{octet}.1.77",
        "mongo.test.svc": f"127.{octet}.1.77",
        "kubernetes.default.svc": "127.0.0.1",
        "asks": pod["status"]["podIP"],
    }
    for name, address in wanted.items():
        assert await resolved(cluster, name) == address, name
    code, _ = await cluster.agent.execute("test", "asks", "main", ["getent", "hosts", "no.such"], timeout_seconds=10)
    assert code == 2
    await endpoints(cluster, "mongo")
    async with asyncio.timeout(20):
        while await lookup(cluster, "mongo") is not None:  # noqa: ASYNC110  (the file changes unannounced)
            await asyncio.sleep(0.02)


async def resolved(cluster: Any, name: str) -> str:
    async with asyncio.timeout(20):
        while (address := await lookup(cluster, name)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return address


async def lookup(cluster: Any, name: str) -> str | None:
    command = ["getent", "ahostsv4", name]
    code, output = await cluster.agent.execute("test", "asks", "main", command, timeout_seconds=10)
    return str(output).split()[0] if code == 0 else None
