"""An informer shows what the API has: at first, after each change, and again after its watch broke."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from localcluster.client import Object, ObjectList, WatchEvent
from localcluster.controllers.informer import Informer, Informers
from localcluster.errors import ApiError
from localcluster.resources import CONFIG_MAPS, Resource
from localcluster.selectors import parse_label_selector

Start = Callable[[], Informer]

BROKEN = object()


class FakeApi:
    """List and watch of one resource. Levers: `end_watch`, `expire`, `refuse_lists`."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.lists = 0
        self.refuse_lists = 0
        self._version = 10
        self._events: asyncio.Queue[Any] = asyncio.Queue()

    def put(self, name: str, *, silently: bool = False, **metadata: Any) -> None:
        self._version += 1
        kind = "MODIFIED" if name in self.objects else "ADDED"
        base = {"name": name, "namespace": "demo", "uid": f"uid-{name}", "resourceVersion": str(self._version)}
        self.objects[name] = {"kind": "ConfigMap", "metadata": {**base, **metadata}}
        if not silently:
            self._events.put_nowait(WatchEvent(kind, self.objects[name]))  # type: ignore[arg-type]

    def remove(self, name: str, *, silently: bool = False) -> None:
        self._version += 1
        gone = self.objects.pop(name)
        last = {**gone, "metadata": {**gone["metadata"], "resourceVersion": str(self._version)}}
        if not silently:
            self._events.put_nowait(WatchEvent("DELETED", last))

    def end_watch(self) -> None:
        self._events.put_nowait(BROKEN)

    def expire(self) -> None:
        self._events.put_nowait(WatchEvent("ERROR", {"kind": "Status", "code": 410, "message": "too old"}))

    async def list(self, resource: Resource, **_: Any) -> ObjectList:
        self.lists += 1
        if self.refuse_lists:
            self.refuse_lists -= 1
            raise ApiError(500, "InternalError", "not now")
        return ObjectList(list(self.objects.values()), str(self._version))

    async def watch(self, resource: Resource, **_: Any) -> AsyncIterator[WatchEvent]:
        while (event := await self._events.get()) is not BROKEN:
            yield event


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
async def start(api: FakeApi, manual_clock: Any) -> AsyncIterator[Callable[[], Informer]]:
    """Starts an informer; what the test has put before is in its first list."""
    tasks: list[asyncio.Task[None]] = []

    def started() -> Informer:
        informer = Informer(api, CONFIG_MAPS, manual_clock)  # type: ignore[arg-type]
        tasks.append(asyncio.create_task(informer.run()))
        return informer

    yield started
    for task in tasks:
        task.cancel()


async def test_it_has_synced_once_the_first_list_is_in(api: FakeApi, start: Start) -> None:
    api.put("first", silently=True)
    informer = start()
    assert not informer.has_synced
    await informer.synced()
    assert informer.get("demo", "first") == api.objects["first"]


async def test_it_follows_additions_changes_and_removals(api: FakeApi, start: Start) -> None:
    informer = start()
    seen: list[tuple[str | None, str | None]] = []

    def version(obj: Object | None) -> str | None:
        return obj["metadata"]["resourceVersion"] if obj is not None else None

    informer.on_change(lambda before, after: seen.append((version(before), version(after))))
    await informer.synced()
    api.put("one")
    api.put("one")
    api.remove("one")
    await informer.until(lambda: len(seen) == 3)
    assert seen == [(None, "11"), ("11", "12"), ("12", None)]
    assert informer.list() == []


async def test_it_lists_again_when_its_version_has_expired(api: FakeApi, start: Start) -> None:
    informer = start()
    await informer.synced()
    api.put("unseen", silently=True)
    api.expire()
    await informer.until(lambda: informer.get("demo", "unseen") is not None)
    assert api.lists == 2


async def test_it_lists_again_when_the_watch_has_ended(api: FakeApi, start: Start) -> None:
    informer = start()
    await informer.synced()
    api.put("unseen", silently=True)
    api.end_watch()
    await informer.until(lambda: informer.get("demo", "unseen") is not None)


async def test_a_new_list_also_tells_what_vanished(api: FakeApi, start: Start) -> None:
    gone: list[str] = []
    api.put("old", silently=True)
    informer = start()
    await informer.synced()
    informer.on_change(lambda before, after: gone.append(before["metadata"]["name"]) if not after and before else None)
    api.remove("old", silently=True)
    api.end_watch()
    await informer.until(lambda: bool(gone))
    assert gone == ["old"]
    assert informer.list() == []


async def test_it_waits_before_it_asks_a_refusing_api_again(api: FakeApi, manual_clock: Any, start: Start) -> None:
    api.refuse_lists = 1
    informer = start()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert api.lists == 1
    await manual_clock.advance(1)
    await informer.synced()
    assert api.lists == 2


async def test_it_finds_by_namespace_selector_and_owner(api: FakeApi, start: Start) -> None:
    informer = start()
    owner = {"kind": "ConfigMap", "apiVersion": "v1", "name": "owner", "uid": "uid-owner"}
    api.put("owned", ownerReferences=[owner])
    api.put("labelled", labels={"app": "web"})
    api.put("elsewhere", namespace="other")
    await informer.until(lambda: len(informer.list()) == 3)
    assert [one["metadata"]["name"] for one in informer.by_owner("uid-owner")] == ["owned"]
    assert [one["metadata"]["name"] for one in informer.list("demo")] == ["labelled", "owned"]
    selector = parse_label_selector("app=web")
    assert [one["metadata"]["name"] for one in informer.list(selector=selector)] == ["labelled"]
    api.put("owned", ownerReferences=[])
    await informer.until(lambda: not informer.by_owner("uid-owner"))


async def test_all_who_ask_for_a_resource_share_one_informer(api: FakeApi, manual_clock: Any) -> None:
    informers = Informers(api, manual_clock)  # type: ignore[arg-type]
    assert informers.of(CONFIG_MAPS) is informers.of(CONFIG_MAPS)
