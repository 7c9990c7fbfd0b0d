"""Pages of one list show one moment, however much is written between them."""

from __future__ import annotations

import pytest

from localcluster.apiserver.listing import CONTINUE_EXPIRED, ListOptions, list_page
from localcluster.apiserver.selection import EVERYTHING, select
from localcluster.apiserver.storage import Storage
from localcluster.errors import ApiError
from localcluster.resources import CONFIG_MAPS


def put(storage: Storage, name: str, **labels: str) -> None:
    body = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name, "namespace": "n", "labels": labels}}
    storage.put(CONFIG_MAPS, ("n", name), body)


def names(storage: Storage, options: ListOptions) -> tuple[list[str], str, int | None]:
    page = list_page(storage, CONFIG_MAPS, namespace="n", options=options)
    return [v.object["metadata"]["name"] for v in page.versions], page.continue_token, page.remaining


def test_later_pages_show_the_moment_of_the_first() -> None:
    storage = Storage()
    for name in "abcde":
        put(storage, name)
    first, token, remaining = names(storage, ListOptions(EVERYTHING, limit=2))
    assert (first, remaining) == (["a", "b"], 3)
    storage.remove(CONFIG_MAPS, ("n", "c"))
    put(storage, "bb")
    second, token, remaining = names(storage, ListOptions(EVERYTHING, limit=2, continue_token=token))
    assert (second, remaining) == (["c", "d"], 1)
    assert names(storage, ListOptions(EVERYTHING, limit=2, continue_token=token)) == (["e"], "", None)


def test_what_remains_is_not_told_of_a_filtered_list() -> None:
    storage = Storage()
    for name in "abc":
        put(storage, name, app="web")
    found, token, remaining = names(storage, ListOptions(select(CONFIG_MAPS, labels="app=web"), limit=1))
    assert (found, remaining) == (["a"], None)
    assert token


def test_a_token_that_left_the_window_is_expired() -> None:
    storage = Storage(window=2)
    for name in "abc":
        put(storage, name)
    _, token, _ = names(storage, ListOptions(EVERYTHING, limit=1))
    for number in range(10):
        put(storage, "a", number=str(number))
    with pytest.raises(ApiError) as refusal:
        names(storage, ListOptions(EVERYTHING, limit=1, continue_token=token))
    assert (refusal.value.code, refusal.value.message) == (410, CONTINUE_EXPIRED)


def test_an_exact_version_shows_the_past() -> None:
    storage = Storage()
    put(storage, "a")
    then = str(storage.revision)
    put(storage, "b")
    exact = ListOptions(EVERYTHING, resource_version=then, resource_version_match="Exact")
    assert names(storage, exact)[0] == ["a"]
    assert names(storage, ListOptions(EVERYTHING, resource_version=then))[0] == ["a", "b"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (ListOptions(EVERYTHING, resource_version="x"), 400),
        (ListOptions(EVERYTHING, resource_version="999999999"), 504),
        (ListOptions(EVERYTHING, resource_version_match="Exact"), 422),
        (ListOptions(EVERYTHING, resource_version="1", resource_version_match="Never"), 422),
        (ListOptions(EVERYTHING, resource_version="0", resource_version_match="Exact"), 422),
        (ListOptions(EVERYTHING, continue_token="garbage"), 400),
        (ListOptions(EVERYTHING, continue_token="!!"), 400),
    ],
)
def test_senseless_options_are_refused(options: ListOptions, code: int) -> None:
    with pytest.raises(ApiError) as refusal:
        names(Storage(), options)
    assert refusal.value.code == code
