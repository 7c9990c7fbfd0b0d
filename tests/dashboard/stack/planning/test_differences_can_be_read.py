"""The diff names fields as people do, and says nothing where nothing differs."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.stack.planning.diff import as_text, changes
from dashboard.stack.planning.plan import FieldChange


def pod(**container: Any) -> dict[str, Any]:
    held = {"name": "app", "image": "one", **container}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"template": {"spec": {
        "containers": [{"name": "side", "image": "s"}, held],
    }}}}  # fmt: skip


def rows(before: Any, after: Any) -> list[tuple[str, str | None, str | None]]:
    return [(row.path, row.before, row.after) for row in changes(before, after)]


def test_items_are_called_by_what_tells_them_apart():
    before = pod(
        ports=[{"containerPort": 80}, {"containerPort": 81, "protocol": "UDP"}],
        env=[{"name": "A", "value": "1"}], volumeMounts=[{"name": "tmp", "mountPath": "/tmp"}],
    )  # fmt: skip
    after = pod(
        image="two", ports=[{"containerPort": 81, "protocol": "UDP", "name": "x"}, {"containerPort": 80}],
        env=[{"name": "B", "value": "2"}, {"name": "A", "value": "3"}],
        volumeMounts=[{"name": "tmp", "mountPath": "/tmp", "readOnly": True}, {"name": "tmp", "mountPath": "/var"}],
    )  # fmt: skip
    at = "spec.template.spec.containers[app]"
    assert rows(before, after) == [
        (f"{at}.image", "one", "two"),
        (f"{at}.ports[81/UDP].name", None, "x"),
        (f"{at}.ports (order)", "80/TCP, 81/UDP", "81/UDP, 80/TCP"),
        (f"{at}.env[A].value", "1", "3"),
        (f"{at}.env[B].name", None, "B"),
        (f"{at}.env[B].value", None, "2"),
        (f"{at}.volumeMounts[/tmp].readOnly", None, "true"),
        (f"{at}.volumeMounts[/var].name", None, "tmp"),
        (f"{at}.volumeMounts[/var].mountPath", None, "/var"),
    ]


def test_an_argument_put_in_between_is_one_change():
    assert rows(pod(args=["--a", "--b", "--c"]), pod(args=["--a", "--new", "--b", "--c"])) == [
        ("spec.template.spec.containers[app].args[1]", None, "--new")
    ]


def test_rules_without_a_name_are_matched_by_what_they_hold():
    one, two = {"verbs": ["get"], "resources": ["pods"]}, {"verbs": ["list"], "resources": ["nodes"]}
    role = {"kind": "Role", "apiVersion": "v1", "metadata": {"name": "r"}}
    assert rows({**role, "rules": [one, two]}, {**role, "rules": [two]}) == [
        ("rules[0].verbs[0]", "get", None),
        ("rules[0].resources[0]", "pods", None),
    ]


def test_equal_quantities_are_no_change_where_quantities_are_meant():
    assert not rows(pod(resources={"limits": {"cpu": "1000m", "memory": "0.5Gi"}}),
                    pod(resources={"limits": {"cpu": 1, "memory": "512Mi"}}))  # fmt: skip
    assert rows(pod(resources={"limits": {"cpu": "1000m"}}), pod(resources={"limits": {"cpu": "1001m"}})) == [
        ("spec.template.spec.containers[app].resources.limits.cpu", "1000m", "1001m")
    ]


def test_equal_quantities_in_a_text_are_a_change():
    settings_of = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "c"}}
    assert rows({**settings_of, "data": {"sizeLimit": "1000m"}}, {**settings_of, "data": {"sizeLimit": "1"}}) == [
        ("data.sizeLimit", "1000m", "1")
    ]


def test_what_changes_places_goes_the_same_way_back():
    there, back = rows(pod(args=["a", "b"]), pod(args=["b", "a"])), rows(pod(args=["b", "a"]), pod(args=["a", "b"]))
    assert [(before, after) for _, before, after in there] == [(after, before) for _, before, after in back]


def test_a_number_and_its_text_are_told_apart():
    assert rows(pod(env=[{"name": "A", "value": 1}]), pod(env=[{"name": "A", "value": "1"}])) == [
        ("spec.template.spec.containers[app].env[A].value", "1", '"1"')
    ]


def test_what_the_server_writes_is_left_out():
    live = pod()
    live["status"] = {"replicas": 3}
    live["metadata"] |= {
        "uid": "u", "resourceVersion": "9", "generation": 4, "creationTimestamp": "now", "managedFields": [{}],
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
    }  # fmt: skip
    assert rows(live, pod()) == []


def test_a_long_text_is_shown_around_what_differs():
    ((_, before, after),) = rows(pod(image=f"{'x' * 300}ONE{'y' * 300}"), pod(image=f"{'x' * 300}TWO{'y' * 300}"))
    assert before == f"…{'x' * 24}ONE{'y' * 24}…"
    assert after == f"…{'x' * 24}TWO{'y' * 24}…"


def test_a_file_is_compared_line_by_line():
    config = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "c"}}
    before = {**config, "data": {"app.conf": "one\ntwo\nthree\n"}}
    after = {**config, "data": {"app.conf": "zero\none\nTWO\nthree\n"}}
    assert rows(before, after) == [
        ("data[app.conf] line 1", None, "zero"),
        ("data[app.conf] line 3", "two", "TWO"),
    ]
    assert as_text(changes(before, after)) == [
        "+ data[app.conf] line 1: zero",
        "- data[app.conf] line 3: two",
        "+ data[app.conf] line 3: TWO",
    ]


def test_a_file_that_changes_everywhere_is_cut_short():
    config = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "c"}}
    before, after = ({**config, "data": {"f": "\n".join(f"{word}{n}" for n in range(900))}} for word in ("a", "b"))
    found = changes(before, after)
    assert len(found) == 201
    assert found[-1] == FieldChange("data.f, 700 more lines", "…", "…")


def test_a_secret_says_which_keys_change_and_no_value():
    secret = {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "s"}}
    before = {**secret, "data": {"a": "b2xk", "b": "c2FtZQ==", "gone": "Z29uZQ=="}}
    after = {**secret, "data": {"a": "bmV3", "b": "c2FtZQ==", "c": "YWRkZWQ="}}
    assert rows(before, after) == [
        ("data.a", "<changed>", "<changed>"),
        ("data.gone", "<changed>", None),
        ("data.c", None, "<changed>"),
    ]
    assert as_text(changes(before, after))[0] == "~ data.a: <changed>"


NAMES = st.sampled_from(["name", "image", "data", "stringData", "limits", "cpu", "type", "key", "port", "a.b", "x"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["1", "1000m", "512Mi", "a\nb", "a\nc", ""]),
    st.text(max_size=8),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=14,
)
OBJECTS = st.dictionaries(st.sampled_from(["metadata", "spec", "data", "kind", "rules"]), VALUES, max_size=4)


@given(OBJECTS)
def test_nothing_differs_from_itself(one: Any):
    assert changes(one, copy.deepcopy(one)) == ()


@given(OBJECTS, OBJECTS)
@settings(max_examples=300)
def test_the_way_back_is_the_same_turned_round(one: Any, other: Any):
    there, back = changes(one, other), changes(other, one)
    told = sorted(json.dumps([row.before, row.after]) for row in there)
    assert told == sorted(json.dumps([row.after, row.before]) for row in back)
    assert all(row.before != row.after or row.before in ("<changed>", "…") for row in there)
    assert len(as_text(there)) >= len(there)


@given(OBJECTS, OBJECTS)
@settings(max_examples=300)
def test_no_row_means_the_same_object(one: Any, other: Any):
    """Whatever is a difference in a field that is not the server's own is told."""
    if not changes(one, other):
        assert set(changes(None, one)) == set(changes(None, other)) or "1000m" in json.dumps([one, other])


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.uuids(), min_size=1), st.data())
def test_the_value_of_a_secret_is_never_told(values: Any, data: Any):
    texts = {key: f"{value}\n{value}" for key, value in values.items()}
    field = data.draw(st.sampled_from(["data", "stringData"]))
    before = data.draw(st.sampled_from([None, {"kind": "Secret", "data": {"other": str(next(iter(values.values())))}}]))
    last = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(texts)}
    after = {"kind": "Secret", "apiVersion": "v1", "metadata": {"annotations": last}, field: texts}
    told = repr((changes(before, after), as_text(changes(before, after)), changes(after, before or {})))
    assert not any(str(value) in told for value in values.values())
