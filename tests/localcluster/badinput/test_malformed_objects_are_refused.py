"""Valid objects with something senseless in them: stored, or refused with a Status; never a 500 or half a change."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcluster.resources import STORED

OBJECTS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("objects.json").read_text())
RESOURCES = {resource.kind: resource for resource in STORED}
BOUNDED = settings(
    max_examples=250, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
SENSELESS = st.one_of(
    st.sampled_from(
        [
            None, True, 0, -1, 2**31, 2**63 - 1, 2**64, 10**30, 1.5, "", "a", "A" * 300, "ä\u0000x", "../..", "1Gi",
            "-1", "1e3", "1e999999999", [], [None], [[]], {}, {"": ""}, {"a": None}, [{}],
            [{"name": "a"}, {"name": "a"}], ["a", 1, None], {"$patch": "delete"}, {"$patch": "replace"},
            {"$retainKeys": ["x"]}, {"$retainKeys": 5}, {"$setElementOrder/containers": 5}, {"matchLabels": 1},
            {"matchExpressions": [{"key": "a", "operator": "?"}]},
        ]
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    ),
)  # fmt: skip
NAMES = st.sampled_from(["x", "name", "spec", "metadata", "items", "type", "$patch", "", "kind", "a.b"])
OPERATIONS = st.sampled_from(["add", "remove", "replace", "test", "move", "copy", "what", None])


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*place, key))


@st.composite
def mutated(draw: st.DrawFn) -> tuple[Any, Any]:
    """A resource and an object of it with one to three places changed."""
    original = draw(st.sampled_from(OBJECTS))
    found = copy.deepcopy(original)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(list(places(found))))
        if not place:
            continue
        holder = found
        for key in place[:-1]:
            holder = holder[key]
        action = draw(st.sampled_from(["set", "set", "set", "drop", "add"]))
        if action == "set":
            holder[place[-1]] = copy.deepcopy(draw(SENSELESS))
        elif action == "drop":
            del holder[place[-1]]
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(draw(SENSELESS)))
        else:
            holder[draw(NAMES)] = copy.deepcopy(draw(SENSELESS))
    return RESOURCES[original["kind"]], found


def encoded(body: Any) -> bytes:
    return json.dumps(body).encode("utf-8", "surrogatepass")


@BOUNDED
@given(case=mutated(), query=st.sampled_from(["", "?fieldValidation=Strict", "?dryRun=All", "?fieldManager=x"]))
def test_created_or_refused(server: Any, path_of: Any, case: Any, query: str) -> None:
    resource, body = case
    headers = {"Content-Type": "application/json"}
    status = server.refused("POST", path_of(resource) + query, encoded(body), headers)
    if status == 201:  # what was taken can be read back, as JSON and as a Table, and deleted
        table = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
        assert server.call("GET", path_of(resource))[0] == 200
        assert server.call("GET", path_of(resource), headers=table)[0] == 200
        server.refused("DELETE", path_of(resource), encoded({"gracePeriodSeconds": 0}), headers)


@BOUNDED
@given(
    case=mutated(),
    how=st.sampled_from(["merge-patch+json", "strategic-merge-patch+json", "apply-patch+yaml", "PUT"]),
    subresource=st.sampled_from(["", "", "/status", "/scale"]),
    query=st.sampled_from(["?fieldManager=f", "?fieldManager=f&force=true", "", "?dryRun=All"]),
)
def test_changed_or_refused(server: Any, path_of: Any, case: Any, how: str, subresource: str, query: str) -> None:
    resource, body = case
    original = next(each for each in OBJECTS if RESOURCES[each["kind"]] is resource)
    headers = {"Content-Type": "application/json"}
    server.call("POST", path_of(resource), encoded(original), headers)
    path = f"{path_of(resource)}/{original['metadata']['name']}{subresource}{query}"
    if how == "PUT":
        server.refused("PUT", path, encoded(body), headers)
    else:
        server.refused("PATCH", path, encoded(body), {"Content-Type": f"application/{how}"})


@st.composite
def json_patches(draw: st.DrawFn) -> tuple[Any, Any]:
    original = draw(st.sampled_from(OBJECTS))
    pointers = ["/" + "/".join(map(str, place)) for place in places(original) if place]
    pointer = st.sampled_from(pointers) | st.sampled_from(["", "/", "x", "/metadata/-", "/~2", "/spec/-1", 5, None])
    operation = st.fixed_dictionaries(
        {"op": OPERATIONS}, optional={"path": pointer, "from": pointer, "value": SENSELESS, "x": st.none()}
    )
    return original, draw(st.lists(operation, max_size=3) | SENSELESS)


@BOUNDED
@given(case=json_patches())
def test_json_patches_apply_or_are_refused(server: Any, path_of: Any, case: Any) -> None:
    original, patch = case
    resource = RESOURCES[original["kind"]]
    server.call("POST", path_of(resource), encoded(original), {"Content-Type": "application/json"})
    path = f"{path_of(resource)}/{original['metadata']['name']}"
    server.refused("PATCH", path, encoded(patch), {"Content-Type": "application/json-patch+json"})
