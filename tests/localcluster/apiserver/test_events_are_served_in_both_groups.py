"""An Event is one object, whichever of its two API groups a client reads or writes it in."""

from __future__ import annotations

import json
from typing import Any

CORE = "/api/v1/namespaces/test/events"
NEWER = "/apis/events.k8s.io/v1/namespaces/test/events"


def _event(name: str) -> dict[str, Any]:
    regarding = {"kind": "Pod", "namespace": "test", "name": "p"}
    return {
        "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": name}, "regarding": regarding,
        "note": "it began", "reason": "Began", "type": "Normal", "action": "Beginning",
        "eventTime": "2026-01-01T00:00:00.000000Z", "reportingController": "tests", "reportingInstance": "one",
    }  # fmt: skip


async def test_what_one_group_writes_the_other_shows_in_its_own_words(http: Any) -> None:
    status, made = await http.call("POST", NEWER, _event("e"))
    assert (status, made["apiVersion"], made["note"]) == (201, "events.k8s.io/v1", "it began")
    core = await http.get(f"{CORE}/e")
    assert (core["apiVersion"], core["message"], core["involvedObject"]["name"]) == ("v1", "it began", "p")
    assert (core["reportingComponent"], core["metadata"]["uid"]) == ("tests", made["metadata"]["uid"])
    listed = await http.get(f"{NEWER}?fieldSelector=reason%3DBegan")
    assert (listed["kind"], listed["apiVersion"], listed["items"][0]["note"]) == (
        "EventList", "events.k8s.io/v1", "it began",
    )  # fmt: skip


async def test_patches_and_deletions_reach_the_one_object(http: Any) -> None:
    await http.call("POST", NEWER, _event("e"))
    merge = "application/merge-patch+json"
    status, patched = await http.call("PATCH", f"{NEWER}/e", {"deprecatedCount": 2}, content_type=merge)
    assert (status, patched["deprecatedCount"]) == (200, 2)
    assert (await http.get(f"{CORE}/e"))["count"] == 2
    assert (await http.call("DELETE", f"{NEWER}/e"))[0] == 200
    assert (await http.call("GET", f"{CORE}/e"))[0] == 404


async def test_a_watch_shows_the_newer_shape(http: Any) -> None:
    await http.call("POST", NEWER, _event("e"))
    async with http.session.get(f"{http.url}{NEWER}?watch=1&timeoutSeconds=1") as answer:
        lines = [json.loads(line) async for line in answer.content]
    assert [(line["type"], line["object"]["note"]) for line in lines] == [("ADDED", "it began")]


async def test_discovery_tells_both(http: Any) -> None:
    groups = {group["name"] for group in (await http.get("/apis"))["groups"]}
    assert "events.k8s.io" in groups
    listed = await http.get("/apis/events.k8s.io/v1")
    assert [resource["name"] for resource in listed["resources"]] == ["events"]
