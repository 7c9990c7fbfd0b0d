"""Unknown fields go, defaults come, and what does not fit the schema is refused in Kubernetes' words."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.apiserver.custom.values import faults_of

WIDGETS = "/apis/example.com/v1/namespaces/test/widgets"
FOUR = [{"name": name} for name in "abcd"]
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"replicas": 11}, "spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10"),
    ({"replicas": -1}, "spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0"),
    (
        {"replicas": "2"},
        'spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"',
    ),
    ({"size": "XL"}, 'spec.size: Unsupported value: "XL": supported values: "S", "M", "L"'),
    ({"size": None}, 'spec.size: Invalid value: "null": spec.size in body must be of type string: "null"'),
    ({"name": "A"}, "spec.name: Invalid value: \"A\": spec.name in body should match '^[a-z]+$'"),
    ({"name": "abcdef"}, "spec.name: Too long: may not be more than 5 bytes"),
    (
        {"port": True},
        'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
    ),
    ({"parts": FOUR}, "spec.parts: Too many: 4: must have at most 3 items"),
    ({"parts": [{"weight": 1}]}, "spec.parts[0].name: Required value"),
    ({"parts": [{"name": "a"}, {"name": "a"}]}, 'spec.parts[1]: Duplicate value: {"name":"a"}'),
]


@pytest.mark.parametrize(("spec", "message"), REFUSED, ids=[message for _, message in REFUSED])
async def test_a_value_that_does_not_fit_is_named(
    http: Any, widgets: Any, define: Any, widget: Any, spec: dict[str, Any], message: str
) -> None:
    await define(widgets)
    status, answer = await http.call("POST", WIDGETS, widget(**spec))
    assert (status, answer["message"]) == (422, f'Widget.example.com "one" is invalid: {message}')


def test_combinations_name_no_field() -> None:
    node = {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
    (cause,) = faults_of({}, node, path="spec")
    assert cause["field"] == "<nil>"
    assert (
        cause["message"] == 'Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid'
    )
    assert faults_of({"a": 1}, node, path="spec") == []


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("date-time", "2026-01-31T10:00:00Z", "2026-13-31T10:00:00Z"),
        ("date", "2026-01-31", "31.1.2026"),
        ("ipv4", "10.0.0.1", "10.0.0.256"),
        ("cidr", "10.0.0.0/8", "10.0.0.0"),
        ("duration", "1h30m", "soon"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123"),
        ("byte", "YQ==", "?"),
        ("unheard-of", "anything", None),
    ],
)
def test_formats_are_looked_at(kind: str, good: str, bad: str | None) -> None:
    node = {"type": "string", "format": kind}
    assert faults_of(good, node, path="at") == []
    if bad is not None:
        (cause,) = faults_of(bad, node, path="at")
        assert cause["message"].endswith(f'at in body must be of type {kind}: "{bad}"')


async def test_defaults_and_unknown_fields(http: Any, widgets: Any, define: Any, widget: Any) -> None:
    await define(widgets)
    sent = widget(parts=[{"name": "a", "colour": "red"}], any={"a": {"b": None}}, extra=1)
    url = f"{http.url}{WIDGETS}"
    async with http.session.post(url, json=sent) as answer:
        created = await answer.json()
        assert answer.headers.getall("Warning") == [
            '299 - "unknown field \\"spec.parts[0].colour\\""', '299 - "unknown field \\"spec.extra\\""',
        ]  # fmt: skip
    assert created["spec"] == {
        "size": "S", "replicas": 1, "parts": [{"name": "a", "weight": 3}], "any": {"a": {"b": None}},
    }  # fmt: skip


async def test_strict_writers_are_refused(http: Any, widgets: Any, define: Any, widget: Any) -> None:
    await define(widgets)
    status, answer = await http.call("POST", f"{WIDGETS}?fieldValidation=Strict", widget(extra=1))
    assert (status, answer["reason"]) == (400, "BadRequest")
    assert answer["message"] == (
        'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.extra"'
    )


async def test_metadata_is_that_of_all_objects(http: Any, widgets: Any, define: Any, widget: Any) -> None:
    await define(widgets)
    wrong = widget()
    wrong["metadata"]["labels"] = {"a": 5}
    status, answer = await http.call("POST", WIDGETS, wrong)
    assert status == 400
    assert "cannot unmarshal number into Go struct field" in answer["message"]


async def test_what_was_wrong_already_may_be_labelled(http: Any, widgets: Any, define: Any, widget: Any) -> None:
    """A definition may become stricter than what is stored."""
    await define(widgets)
    await http.call("POST", WIDGETS, widget(name="abc"))
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com"
    pointer = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/name/pattern"
    tightened = [{"op": "replace", "path": pointer, "value": "^z"}]
    assert (await http.call("PATCH", path, tightened, content_type="application/json-patch+json"))[0] == 200
    merge = "application/merge-patch+json"
    label = {"metadata": {"labels": {"a": "b"}}}
    assert (await http.call("PATCH", f"{WIDGETS}/one", label, content_type=merge))[0] == 200
    status, answer = await http.call("PATCH", f"{WIDGETS}/one", {"spec": {"replicas": 2}}, content_type=merge)
    assert (status, "should match '^z'" in answer["message"]) == (422, True)
