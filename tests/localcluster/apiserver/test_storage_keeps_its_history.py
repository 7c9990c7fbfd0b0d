"""Revisions rise by one, the past can be had again inside the window, and nothing outside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcluster.apiserver.storage import Storage, TooOld
from localcluster.client import Object
from localcluster.resources import CONFIG_MAPS, SECRETS


def config_map(name: str, value: str = "") -> Object:
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name, "namespace": "n"}, "data": {"v": value}}


def test_a_write_takes_the_next_revision_whatever_its_resource() -> None:
    storage = Storage(first_revision=10)
    assert storage.put(CONFIG_MAPS, ("n", "a"), config_map("a")).revision == 11
    assert storage.put(SECRETS, ("n", "a"), config_map("a")).revision == 12
    assert storage.remove(CONFIG_MAPS, ("n", "a")).object["metadata"]["resourceVersion"] == "13"


def test_a_stored_object_is_not_the_one_that_was_sent() -> None:
    storage, sent = Storage(), config_map("a")
    stored = storage.put(CONFIG_MAPS, ("n", "a"), sent)
    assert "resourceVersion" not in sent["metadata"]
    stored.copy()["data"]["v"] = "changed"
    assert storage.all(CONFIG_MAPS)[0].object["data"]["v"] == ""


def test_changes_outside_the_window_are_too_old() -> None:
    storage = Storage(window=4, first_revision=0)
    for number in range(20):
        storage.put(CONFIG_MAPS, ("n", "a"), config_map("a", str(number)))
    with pytest.raises(TooOld):
        storage.since(CONFIG_MAPS, 1)
    assert [change.revision for change in storage.since(CONFIG_MAPS, 17)] == [18, 19, 20]


def test_objects_are_listed_in_the_order_of_their_keys() -> None:
    storage = Storage()
    for namespace, name in (("b", "a"), ("a-b", "x"), ("a", "y"), ("a", "x")):
        body = config_map(name)
        body["metadata"]["namespace"] = namespace
        storage.put(CONFIG_MAPS, (namespace, name), body)
    keys = [(v.object["metadata"]["namespace"], v.object["metadata"]["name"]) for v in storage.all(CONFIG_MAPS)]
    assert keys == [("a-b", "x"), ("a", "x"), ("a", "y"), ("b", "a")]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30))
def test_the_past_is_what_was_once_the_present(steps: list[tuple[str, bool]]) -> None:
    storage = Storage(first_revision=0)
    seen: dict[int, list[tuple[str, int]]] = {0: []}
    for name, keep in steps:
        key = ("n", name)
        if keep:
            storage.put(CONFIG_MAPS, key, config_map(name))
        elif storage.get(CONFIG_MAPS, key):
            storage.remove(CONFIG_MAPS, key)
        seen[storage.revision] = [(v.object["metadata"]["name"], v.revision) for v in storage.all(CONFIG_MAPS)]
    for revision, expected in seen.items():
        past = storage.at(CONFIG_MAPS, revision)
        assert [(v.object["metadata"]["name"], v.revision) for v in past] == expected
