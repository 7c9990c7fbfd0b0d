"""A watch is one JSON document a line, ends when asked to, and is the same for plain objects and Tables."""

from __future__ import annotations

import json
from typing import Any

CONFIG_MAPS = "/api/v1/namespaces/test/configmaps"


async def lines(answer: Any, count: int) -> list[dict[str, Any]]:
    return [json.loads(await answer.content.readline()) for _ in range(count)]


async def test_changes_arrive_as_they_are_made(http: Any) -> None:
    version = (await http.get(CONFIG_MAPS))["metadata"]["resourceVersion"]
    async with http.session.get(f"{http.url}{CONFIG_MAPS}?watch=1&resourceVersion={version}") as answer:
        await http.call("POST", CONFIG_MAPS, {"metadata": {"name": "a"}})
        await http.call("DELETE", CONFIG_MAPS + "/a")
        events = await lines(answer, 2)
    assert [(e["type"], e["object"]["kind"], e["object"]["metadata"]["name"]) for e in events] == [
        ("ADDED", "ConfigMap", "a"), ("DELETED", "ConfigMap", "a"),
    ]  # fmt: skip


async def test_a_watch_ends_by_itself_at_its_timeout(http: Any) -> None:
    async with http.session.get(f"{http.url}{CONFIG_MAPS}?watch=true&timeoutSeconds=1") as answer:
        assert await answer.text() == ""


async def test_an_old_version_ends_with_an_error_event(http: Any) -> None:
    async with http.session.get(f"{http.url}{CONFIG_MAPS}?watch=1&resourceVersion=1") as answer:
        events = [json.loads(line) for line in (await answer.text()).splitlines()]
    assert [(e["type"], e["object"]["code"], e["object"]["reason"]) for e in events] == [("ERROR", 410, "Expired")]


async def test_a_table_watch_names_its_columns_once(http: Any) -> None:
    await http.call("POST", CONFIG_MAPS, {"metadata": {"name": "a"}})
    await http.call("POST", CONFIG_MAPS, {"metadata": {"name": "b"}})
    headers = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    async with http.session.get(f"{http.url}{CONFIG_MAPS}?watch=1", headers=headers) as answer:
        events = await lines(answer, 2)
    assert [e["object"]["rows"][0]["cells"][0] for e in events] == ["a", "b"]
    assert [bool(e["object"]["columnDefinitions"]) for e in events] == [True, False]


async def test_a_streaming_list_says_where_it_ends(http: Any) -> None:
    query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    await http.call("POST", CONFIG_MAPS, {"metadata": {"name": "a"}})
    async with http.session.get(f"{http.url}{CONFIG_MAPS}?{query}") as answer:
        added, bookmark = await lines(answer, 2)
    assert added["type"] == "ADDED"
    assert bookmark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
