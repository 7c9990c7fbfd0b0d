"""Strategic merge patch: by merge key, with directives."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.apiserver.patching.strategic import strategic_merge_patch
from localcluster.errors import ApiError
from localcluster.resources import DEPLOYMENTS, PODS
from localcluster.schema import schema_of


def pod(**spec: Any) -> dict[str, Any]:
    return {"spec": spec}


def patched(target: dict[str, Any], patch: dict[str, Any]) -> Any:
    return strategic_merge_patch({"spec": target}, {"spec": patch}, schema=schema_of(PODS))["spec"]


def test_items_are_merged_by_their_key() -> None:
    target = {"containers": [{"name": "a", "image": "1", "tty": True}, {"name": "b", "image": "1"}]}
    result = patched(target, {"containers": [{"name": "a", "image": "2"}, {"name": "c", "image": "3"}]})
    assert result["containers"] == [
        {"name": "a", "image": "2", "tty": True},
        {"name": "b", "image": "1"},
        {"name": "c", "image": "3"},
    ]


def test_an_item_can_be_deleted() -> None:
    result = patched(
        {"containers": [{"name": "a"}, {"name": "b"}]}, {"containers": [{"name": "a", "$patch": "delete"}]}
    )
    assert result["containers"] == [{"name": "b"}]


def test_a_list_can_be_replaced() -> None:
    result = patched({"containers": [{"name": "a"}]}, {"containers": [{"$patch": "replace"}, {"name": "z"}]})
    assert result["containers"] == [{"name": "z"}]


def test_a_map_can_be_replaced_or_deleted() -> None:
    target = {"securityContext": {"runAsUser": 1}, "nodeSelector": {"a": "b"}}
    patch = {"securityContext": {"$patch": "replace", "runAsGroup": 2}, "nodeSelector": {"$patch": "delete"}}
    assert patched(target, patch) == {"securityContext": {"runAsGroup": 2}}


def test_atomic_lists_are_replaced() -> None:
    assert patched({"tolerations": [{"key": "a"}]}, {"tolerations": [{"key": "b"}]})["tolerations"] == [{"key": "b"}]


def test_null_removes_a_field_and_unknown_directives_are_refused() -> None:
    assert patched({"hostname": "x", "subdomain": "y"}, {"hostname": None}) == {"subdomain": "y"}
    with pytest.raises(ApiError) as refused:
        patched({}, {"$patch": "explode"})
    assert refused.value.code == 400


def test_only_retained_keys_stay() -> None:
    target = {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}
    patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    result = strategic_merge_patch(target, patch, schema=schema_of(DEPLOYMENTS))
    assert result == {"spec": {"strategy": {"type": "Recreate"}}}


def test_the_order_of_items_can_be_set() -> None:
    target = {"containers": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}
    order = [{"name": "c"}, {"name": "a"}]
    result = patched(target, {"$setElementOrder/containers": order, "containers": [{"name": "c", "image": "x"}]})
    assert [c["name"] for c in result["containers"]] == ["c", "a", "b"]


def test_primitives_are_merged_and_deleted_by_value() -> None:
    schema = schema_of(PODS)
    target = {"metadata": {"finalizers": ["a/x", "b/x"]}}
    added = strategic_merge_patch(target, {"metadata": {"finalizers": ["b/x", "c/x"]}}, schema=schema)
    assert added["metadata"]["finalizers"] == ["a/x", "b/x", "c/x"]
    patch = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a/x"]}}
    assert strategic_merge_patch(added, patch, schema=schema)["metadata"]["finalizers"] == ["b/x", "c/x"]


def test_an_item_without_its_key_is_refused() -> None:
    with pytest.raises(ApiError, match="does not contain declared merge key: name"):
        patched({"containers": [{"name": "a"}]}, {"containers": [{"image": "x"}]})


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        ({"$setElementOrder/containers": 5}, "setElementOrder list"),
        ({"$setElementOrder/containers": {"name": "a"}, "containers": [{"name": "a"}]}, "setElementOrder list"),
        ({"$retainKeys": 5}, "retainKeys"),
        ({"$deleteFromPrimitiveList/containers": None}, "primitive list"),
    ],
)
def test_directives_that_are_no_lists_are_refused(patch: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiError) as refused:
        patched({"containers": [{"name": "a"}]}, patch)
    assert (refused.value.code, refused.value.message) == (400, f"invalid patch format of {words}")


def test_items_without_a_place_in_the_order_stay_behind_what_they_followed() -> None:
    target = {"containers": [{"name": name} for name in "abcde"]}
    order = [{"name": name} for name in ("d", "new", "b")]
    result = patched(target, {"containers": [{"name": "new"}], "$setElementOrder/containers": order})
    assert "".join(item["name"][0] for item in result["containers"]) == "adnbce"


def test_long_lists_are_merged_in_one_go() -> None:
    """Item by item, this would take minutes; and nobody else would be answered meanwhile."""
    names = [f"E{number}" for number in range(20_000)]
    target = {"containers": [{"name": "a", "env": [{"name": name, "value": "1"} for name in names]}]}
    changes = [{"name": name, "$patch": "delete"} for name in names[::2]]
    order = [{"name": name} for name in reversed(names[1::2])]
    patch = {"containers": [{"name": "a", "env": changes, "$setElementOrder/env": order}]}
    result = patched(target, patch)["containers"][0]["env"]
    assert [item["name"] for item in result] == names[:0:-2]
