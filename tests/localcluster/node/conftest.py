"""A node agent over a small API in memory, with real processes, in an address block of its own."""

from __future__ import annotations

import asyncio
import base64
import copy
import os
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from localcluster.client import Object, ObjectList, WatchEvent
from localcluster.controllers.clock import SystemClock
from localcluster.errors import ApiError, already_exists, conflict, not_found
from localcluster.node.addresses import claim_octet
from localcluster.node.agent import NodeAgent
from localcluster.node.settings import NodeSettings
from localcluster.resources import CONFIG_MAPS, EVENTS, PODS, SECRETS, Resource

PROJECT_ROOT = Path(__file__).parents[3]
TOKEN = "let-me-in"


class FakeApi:
    """As much of the API as a node needs, in memory: versions, watches, graceful deletion, status by merge."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str, str, str], Object] = {}
        self._events: list[tuple[str, WatchEvent]] = []
        self._changed = asyncio.Event()

    async def get(self, resource: Resource, name: str, *, namespace: str = "") -> Object:
        key = (resource.plural, namespace, name)
        if key not in self._objects:
            raise not_found(resource=resource.plural, group=resource.group, name=name)
        return copy.deepcopy(self._objects[key])

    async def list(self, resource: Resource, *, namespace: str = "", **_: str) -> ObjectList:
        found = [o for (plural, where, _), o in self._objects.items() if plural == resource.plural]
        found = [o for o in found if namespace in {"", o["metadata"].get("namespace")}]
        return ObjectList(copy.deepcopy(found), str(len(self._events)))

    async def create(self, resource: Resource, body: Object, *, namespace: str = "") -> Object:
        obj = copy.deepcopy(body)
        metadata = obj["metadata"]
        if resource.namespaced:
            metadata["namespace"] = namespace
        key = (resource.plural, metadata.get("namespace", ""), metadata["name"])
        if key in self._objects:
            raise already_exists(resource=resource.plural, group=resource.group, name=metadata["name"])
        metadata |= {"uid": str(uuid.uuid4()), "generation": 1, "creationTimestamp": "2026-11-23T00:00:00Z"}
        if resource is SECRETS:
            texts = obj.pop("stringData", {})
            obj["data"] = {name: base64.b64encode(text.encode()).decode() for name, text in texts.items()}
        if resource is PODS:
            obj["status"] = {"phase": "Pending", "qosClass": "BestEffort", **obj.get("status", {})}
        return self._store(resource, "ADDED", obj)

    async def update(self, resource: Resource, body: Object, *, subresource: str = "") -> Object:
        return self._store(resource, "MODIFIED", copy.deepcopy(body))

    async def patch(self, resource: Resource, name: str, body: Any, *, namespace: str = "", **_: Any) -> Object:
        obj = await self.get(resource, name, namespace=namespace)
        wanted = (body.get("metadata") or {}).get("uid", obj["metadata"]["uid"])
        if wanted != obj["metadata"]["uid"]:
            raise conflict(resource=resource.plural, group=resource.group, name=name, message="another uid")
        return self._store(resource, "MODIFIED", _merged(obj, body))

    async def delete(
        self, resource: Resource, name: str, *, namespace: str = "", uid: str = "",
        grace_period_seconds: int | None = None, **_: Any,
    ) -> Object:  # fmt: skip
        obj = await self.get(resource, name, namespace=namespace)
        grace = grace_period_seconds
        if grace is None:
            grace = obj["spec"].get("terminationGracePeriodSeconds", 30) if resource is PODS else 0
        if grace:
            obj["metadata"] |= {"deletionTimestamp": "2026-11-23T00:00:00Z", "deletionGracePeriodSeconds": grace}
            return self._store(resource, "MODIFIED", obj)
        del self._objects[resource.plural, namespace, name]
        return self._tell(resource, "DELETED", obj)

    async def watch(
        self, resource: Resource, *, namespace: str = "", resource_version: str = ""
    ) -> AsyncIterator[WatchEvent]:
        position = int(resource_version or len(self._events))
        if not resource_version:
            for obj in (await self.list(resource, namespace=namespace)).items:
                yield WatchEvent("ADDED", obj)
        while True:
            for plural, event in self._events[position:]:
                position += 1
                if plural == resource.plural and namespace in {"", event.object["metadata"].get("namespace")}:
                    yield event
            while position == len(self._events):
                await self._changed.wait()

    async def get_raw(self, path: str) -> Any:
        raise not_found(resource=path, group="", name="")

    def _store(self, resource: Resource, kind: Any, obj: Object) -> Object:
        metadata = obj["metadata"]
        self._objects[resource.plural, metadata.get("namespace", ""), metadata["name"]] = obj
        return self._tell(resource, kind, obj)

    def _tell(self, resource: Resource, kind: Any, obj: Object) -> Object:
        obj["metadata"]["resourceVersion"] = str(len(self._events) + 1)
        self._events.append((resource.plural, WatchEvent(kind, copy.deepcopy(obj))))
        self._changed.set()
        self._changed = asyncio.Event()
        return copy.deepcopy(obj)


def _merged(target: Any, patch: Any) -> Any:
    """A merge patch; conditions are merged by type, as a strategic one would."""
    if not isinstance(target, dict) or not isinstance(patch, dict):
        return patch
    result = dict(target)
    for key, value in patch.items():
        if key == "conditions":
            by_type = {c["type"]: c for c in [*target.get(key, []), *value]}
            result[key] = list(by_type.values())
        else:
            result[key] = _merged(target.get(key), value)
    return result


class HurriedClock(SystemClock):
    """The machine's time, with waits a twentieth as long."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 20)


class Cluster:
    """The API, the agent, and words for what tests do with them."""

    def __init__(self, client: FakeApi, agent: NodeAgent) -> None:
        self.client = client
        self.agent = agent
        self.enforces_users = os.geteuid() == 0

    async def restart(self) -> None:
        """The node stops and starts again; the API keeps what it knows."""
        await self.agent.stop()
        self.agent = new_agent(self.client, self.agent.settings)
        await self.agent.start()

    async def run(self, name: str, **spec: Any) -> Object:
        """A pod bound to the node; `spec` is its spec, one container `main` unless said otherwise."""
        spec.setdefault("terminationGracePeriodSeconds", 1)
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": {"app": name}},
            "spec": {"nodeName": "local", **spec},
        }
        return await self.client.create(PODS, body, namespace="test")

    async def shell(self, name: str, script: str, **container: Any) -> Object:
        """A pod of one busybox container that runs `script`."""
        pod = container.pop("pod", {})
        main = {"name": "main", "image": "busybox", "command": ["sh", "-c", script], **container}
        return await self.run(name, containers=[main], **pod)

    async def until(self, name: str, holds: Callable[[Object], bool], *, namespace: str = "test") -> Object:
        """The pod, once `holds` says yes."""
        async with asyncio.timeout(30):
            async for event in self.client.watch(PODS, namespace=namespace):
                if event.object["metadata"].get("name") == name and event.type != "DELETED" and holds(event.object):
                    return event.object
        raise AssertionError(f"the watch ended before {name} was as wanted")

    async def gone(self, name: str) -> None:
        async with asyncio.timeout(30):
            async for event in self.client.watch(PODS, namespace="test"):
                if event.object["metadata"].get("name") == name and event.type == "DELETED":
                    return

    async def delete(self, name: str, **options: Any) -> None:
        """Deletes the pod and waits until the node has let it go."""
        waiting = asyncio.create_task(self.gone(name))
        await asyncio.sleep(0)
        await self.client.delete(PODS, name, namespace="test", **options)
        await waiting

    async def log(self, name: str, container: str = "", **query: Any) -> str:
        chunks = await self.agent.logs("test", name, container, **query)
        return b"".join([chunk async for chunk in chunks]).decode()

    async def said(self, name: str, text: str) -> None:
        """Returns once the running container has written `text`."""
        await self.until(name, lambda pod: pod["status"]["phase"] == "Running")
        seen = ""
        async with asyncio.timeout(30):
            async for chunk in await self.agent.logs("test", name, "", follow=True):
                seen += chunk.decode()
                if text in seen:
                    return
        raise AssertionError(f"{name} ended having said only {seen!r}")

    async def event(self, name: str, reason: str) -> Object:
        """The first Event of that reason about the pod."""
        async with asyncio.timeout(30):
            async for seen in self.client.watch(EVENTS, namespace="test"):
                event = seen.object
                if event["involvedObject"]["name"] == name and event["reason"] == reason:
                    return event
        raise AssertionError(f"no Event {reason} about {name}")

    async def until_event(self, name: str, message: str) -> None:
        async with asyncio.timeout(30):
            async for seen in self.client.watch(EVENTS, namespace="test"):
                event = seen.object
                if event["involvedObject"]["name"] == name and event["message"] == message:
                    return

    async def events(self, name: str) -> list[tuple[str, str]]:
        listed = await self.client.list(EVENTS, namespace="test")
        return [(e["reason"], e["message"]) for e in listed.items if e["involvedObject"]["name"] == name]

    async def config_map(self, name: str, data: dict[str, str]) -> None:
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
        await self.client.create(CONFIG_MAPS, body, namespace="test")

    async def secret(self, name: str, data: dict[str, str]) -> None:
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}
        await self.client.create(SECRETS, body, namespace="test")


async def _issue(namespace: str, service_account: str, *, pod: Object, expiration_seconds: int, audience: str) -> str:
    return f"token of {namespace}/{service_account}"


async def _authorize(token: str) -> None:
    if token != TOKEN:
        raise ApiError(401, "Unauthorized", "Unauthorized")


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    """A node that has just started."""
    octet, claim = claim_octet(10249)
    api = FakeApi()
    settings = NodeSettings(
        directory=tmp_path / "node", octet=octet, api_server=("127.0.0.1", 6443), project_root=PROJECT_ROOT,
        stop_grace_seconds=0.2, keep=True,
    )  # fmt: skip
    agent = new_agent(api, settings)
    await agent.start()
    running = Cluster(api, agent)
    yield running
    await running.agent.stop()
    claim.close()


def new_agent(api: FakeApi, settings: NodeSettings) -> NodeAgent:
    return NodeAgent(api, settings=settings, token_issuer=_issue, authorize=_authorize, clock=HurriedClock())


@pytest.fixture
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("users inside containers need root")


@pytest.fixture
def token() -> str:
    """What the kubelet endpoint accepts."""
    return TOKEN
