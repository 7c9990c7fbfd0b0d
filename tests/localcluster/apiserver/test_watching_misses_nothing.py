"""A watch sees every change once, in order, as its selector sees it, and says when it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from localcluster.apiserver.selection import EVERYTHING, select
from localcluster.apiserver.storage import Storage
from localcluster.apiserver.watching import BOOKMARK_EVERY_S, Seen, Watch, WatchOptions
from localcluster.client import Object
from localcluster.errors import ApiError
from localcluster.resources import CONFIG_MAPS


def config_map(name: str, **labels: str) -> Object:
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name, "namespace": "n", "labels": labels}}


def put(storage: Storage, name: str, **labels: str) -> int:
    return storage.put(CONFIG_MAPS, ("n", name), config_map(name, **labels)).revision


async def take(events: AsyncIterator[Seen], count: int) -> list[tuple[str, str, int]]:
    async with asyncio.timeout(5):
        seen = [await anext(events) for _ in range(count)]
    return [(s.type, s.version.object["metadata"]["name"], s.version.revision) for s in seen if s.version is not None]


async def test_state_and_changes_join_without_a_gap() -> None:
    storage = Storage(first_revision=0)
    put(storage, "a")
    watch = Watch(storage, CONFIG_MAPS, namespace="", options=WatchOptions(EVERYTHING))
    put(storage, "b")  # after the watch was made, before anyone read from it
    events = watch.events()
    assert await take(events, 2) == [("ADDED", "a", 1), ("ADDED", "b", 2)]
    put(storage, "a", changed="yes")
    storage.remove(CONFIG_MAPS, ("n", "b"))
    assert await take(events, 2) == [("MODIFIED", "a", 3), ("DELETED", "b", 4)]
    await events.aclose()


async def test_an_object_that_leaves_the_selector_is_deleted_with_its_last_matching_state() -> None:
    storage = Storage(first_revision=0)
    selection = select(CONFIG_MAPS, labels="even=true")
    watch = Watch(storage, CONFIG_MAPS, namespace="", options=WatchOptions(selection))
    events = watch.events()
    put(storage, "a", even="true")
    put(storage, "a", even="false")
    put(storage, "a", even="true")
    async with asyncio.timeout(5):
        seen = [await anext(events) for _ in range(3)]
    assert [s.type for s in seen] == ["ADDED", "DELETED", "ADDED"]
    gone = seen[1].version
    assert gone is not None
    assert gone.object["metadata"] == {
        "name": "a", "namespace": "n", "labels": {"even": "true"}, "resourceVersion": "2",
    }  # fmt: skip
    await events.aclose()


async def test_a_version_outside_the_window_ends_the_watch_with_expired() -> None:
    storage = Storage(window=2, first_revision=0)
    for number in range(10):
        put(storage, "a", number=str(number))
    events = Watch(storage, CONFIG_MAPS, namespace="", options=WatchOptions(EVERYTHING, "1")).events()
    seen = [s async for s in events]
    assert [s.type for s in seen] == ["ERROR"]
    assert seen[0].error is not None
    assert (seen[0].error.code, seen[0].error.reason) == (410, "Expired")
    assert seen[0].error.message.startswith("too old resource version: 1 (")


async def test_a_version_of_the_future_is_refused() -> None:
    with pytest.raises(ApiError) as refusal:
        Watch(Storage(first_revision=0), CONFIG_MAPS, namespace="", options=WatchOptions(EVERYTHING, "99"))
    assert refusal.value.code == 504


async def test_a_streaming_list_ends_its_state_with_a_marked_bookmark() -> None:
    storage = Storage(first_revision=0)
    put(storage, "a")
    options = WatchOptions(EVERYTHING, "", "NotOlderThan", bookmarks=True, initial_events=True)
    events = Watch(storage, CONFIG_MAPS, namespace="", options=options).events()
    async with asyncio.timeout(5):
        seen = [await anext(events) for _ in range(2)]
    assert [(s.type, s.initial_end) for s in seen] == [("ADDED", False), ("BOOKMARK", True)]
    assert seen[1].revision == 1
    await events.aclose()


async def test_a_watch_ends_at_its_timeout_with_a_last_bookmark_before() -> None:
    storage = Storage(first_revision=0)
    put(storage, "a")
    now = [0.0]

    def hurrying() -> float:
        now[0] += 1.5  # each look at the clock takes a second and a half, so no test has to wait
        return now[0]

    options = WatchOptions(EVERYTHING, "1", bookmarks=True, timeout_s=2 * BOOKMARK_EVERY_S)
    watch = Watch(storage, CONFIG_MAPS, namespace="", options=options, monotonic=hurrying)
    now[0] = 2 * BOOKMARK_EVERY_S - 3
    async with asyncio.timeout(5):
        seen = [s async for s in watch.events()]
    assert seen
    assert {s.type for s in seen} == {"BOOKMARK"}
    assert {s.revision for s in seen} == {1}


async def test_a_watcher_of_one_namespace_sees_only_that() -> None:
    storage = Storage(first_revision=0)
    watch = Watch(storage, CONFIG_MAPS, namespace="other", options=WatchOptions(EVERYTHING))
    put(storage, "a")
    other = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "b", "namespace": "other"}}
    storage.put(CONFIG_MAPS, ("other", "b"), other)
    events = watch.events()
    assert await take(events, 1) == [("ADDED", "b", 2)]
    await events.aclose()
