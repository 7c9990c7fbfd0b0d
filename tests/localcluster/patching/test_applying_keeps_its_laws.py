"""Laws of server-side apply that hold for any data."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from localcluster.apiserver.patching import fieldsets
from localcluster.apiserver.patching.apply import server_side_apply
from localcluster.apiserver.patching.managed import track_update
from localcluster.resources import CONFIG_MAPS, PODS

DATA = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("123"), max_size=6)
ENV = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("ABCDEF"), "value": st.sampled_from("12")}),
    unique_by=lambda variable: variable["name"],
)


def config(data: dict[str, str]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "law"}, "data": data}


def pod(env: list[dict[str, str]]) -> dict[str, Any]:
    spec = {"containers": [{"name": "main", "env": env}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "law"}, "spec": spec}


def apply(live: Any, body: Any, *, manager: str, resource: Any = CONFIG_MAPS, force: bool = True) -> dict[str, Any]:
    return server_side_apply(live, body, resource=resource, manager=manager, force=force, now="T")


@settings(deadline=None)
@given(DATA, DATA)
def test_applying_twice_changes_nothing_more(first: dict[str, str], second: dict[str, str]) -> None:
    live = apply(apply(None, config(first), manager="one"), config(second), manager="two")
    assert apply(live, config(second), manager="two") is live


@settings(deadline=None)
@given(DATA, DATA)
def test_a_sole_writer_gets_exactly_what_it_applied_last(first: dict[str, str], second: dict[str, str]) -> None:
    live = apply(apply(None, config(first), manager="one"), config(second), manager="one")
    assert (live.get("data") or {}) == second


@settings(deadline=None)
@given(DATA, DATA)
def test_who_applies_nothing_leaves_what_the_other_owns(mine: dict[str, str], theirs: dict[str, str]) -> None:
    both = apply(apply(None, config(theirs), manager="them"), config(mine), manager="me")
    alone = apply(both, config({}), manager="me")
    expected = {key: value for key, value in theirs.items() if mine.get(key, value) == value}
    assert (alone.get("data") or {}) == expected


@settings(deadline=None)
@given(ENV, ENV)
def test_lists_by_key_hold_both_writers_items_once(mine: list[dict[str, str]], theirs: list[dict[str, str]]) -> None:
    live = apply(apply(None, pod(theirs), manager="them", resource=PODS), pod(mine), manager="me", resource=PODS)
    env = live["spec"]["containers"][0]["env"]
    names = [variable["name"] for variable in env]
    assert sorted(names) == sorted({variable["name"] for variable in (*mine, *theirs)})
    mine_in_order = [variable["name"] for variable in mine]
    assert [name for name in names if name in mine_in_order] == mine_in_order


@settings(deadline=None)
@given(DATA, DATA, DATA)
def test_an_update_never_leaves_a_field_with_two_unequal_owners(
    first: dict[str, str], second: dict[str, str], third: dict[str, str]
) -> None:
    live = apply(None, config(first), manager="one")
    live = track_update(live, {**live, "data": second}, resource=CONFIG_MAPS, manager="editor", now="T")
    live = track_update(live, {**live, "data": third}, resource=CONFIG_MAPS, manager="other", now="T")
    owners = [fieldsets.from_fields_v1(entry["fieldsV1"]) for entry in live["metadata"].get("managedFields", [])]
    owned = [path for fields in owners for path in fields if len(path) == 2]
    assert set(owned) == {("f:data", f"f:{key}") for key in third}
    assert len(owned) == len(set(owned))


@settings(deadline=None)
@given(st.sets(st.lists(st.sampled_from(["f:a", "f:b", 'k:{"name":"x"}', 'v:"1"']), min_size=1, max_size=4).map(tuple)))
def test_field_sets_survive_their_written_form(paths: set[tuple[str, ...]]) -> None:
    assert fieldsets.from_fields_v1(fieldsets.to_fields_v1(paths)) == paths
