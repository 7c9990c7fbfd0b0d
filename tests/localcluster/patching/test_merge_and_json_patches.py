"""JSON merge patch and JSON patch."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcluster.apiserver.patching.json import json_patch
from localcluster.apiserver.patching.merge import merge_patch
from localcluster.errors import ApiError

VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
MAPS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@settings(deadline=None)
@given(MAPS, MAPS)
def test_null_removes_and_everything_else_is_there_afterwards(target: dict[str, Any], patch: dict[str, Any]) -> None:
    before = copy.deepcopy(target)
    result = merge_patch(target, patch)
    assert target == before
    for key, value in patch.items():
        assert (key in result) == (value is not None)
    assert merge_patch(result, patch) == result


def test_maps_merge_and_lists_replace() -> None:
    target = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
    assert merge_patch(target, {"a": {"c": [3], "b": None}}) == {"a": {"c": [3]}, "d": 1}


def test_operations_follow_one_another() -> None:
    operations = [{"op": "add", "path": "/data/c", "value": "3"}, {"op": "remove", "path": "/data/a"}]
    target = {"data": {"a": "1"}}
    assert json_patch(target, operations) == {"data": {"c": "3"}}
    assert target == {"data": {"a": "1"}}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/data/zzz"},
        {"op": "test", "path": "/data/a", "value": "2"},
        {"op": "nonsense", "path": "/data"},
    ],
)
def test_an_operation_that_does_not_fit_is_unprocessable(operation: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as refused:
        json_patch({"data": {"a": "1"}}, [operation])
    error = refused.value
    assert (error.code, error.reason, error.details) == (422, "Invalid", {})
    assert error.message == "the server rejected our request due to an error in our request"


def test_a_patch_that_is_no_list_is_a_bad_request() -> None:
    with pytest.raises(ApiError) as refused:
        json_patch({}, {"op": "add"})
    assert refused.value.code == 400


def test_copies_move_what_is_there_by_then() -> None:
    operations = [
        {"op": "add", "path": "/data/b", "value": {"c": "2"}},
        {"op": "copy", "from": "/data/b", "path": "/data/d"},
        {"op": "replace", "path": "/data/b/c", "value": "3"},
    ]
    target = {"data": {"a": "1"}}
    assert json_patch(target, operations) == {"data": {"a": "1", "b": {"c": "3"}, "d": {"c": "2"}}}
    assert target == {"data": {"a": "1"}}


def test_copies_that_double_what_is_there_are_too_much() -> None:
    operations = [{"op": "copy", "from": "/data", "path": f"/data/k{number}"} for number in range(60)]
    with pytest.raises(ApiError) as refused:
        json_patch({"data": {"a": "1"}}, operations)
    assert (refused.value.code, refused.value.reason) == (413, "RequestEntityTooLarge")


@pytest.mark.parametrize("operation", [{"op": "copy", "path": "/a"}, {"op": "copy", "from": "/z", "path": "/a"}, 5])
def test_a_copy_of_nothing_is_unprocessable(operation: Any) -> None:
    with pytest.raises(ApiError) as refused:
        json_patch({"data": {}}, [{"op": "copy", "from": "/data", "path": "/b"}, operation])
    assert refused.value.code == 422
