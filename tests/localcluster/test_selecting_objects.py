"""Label and field selectors: what they select, and how they are refused."""

from __future__ import annotations

import pytest

from localcluster import selectors
from localcluster.errors import ApiError
from localcluster.resources import CONFIG_MAPS, EVENTS, PODS, REPLICA_SETS

LABELS = {"app": "web", "n": "2"}


@pytest.mark.parametrize(
    "text",
    ["", "app=web", "app==web", "app", "!old", "n in (1,2)", "n notin (1,3)", "old notin (x)", "app!=db", "n>1", "n<3",
     "app=web,n in (2)", " app = web , n "],
)  # fmt: skip
def test_these_select(text: str) -> None:
    assert selectors.parse_label_selector(text).matches(LABELS)


@pytest.mark.parametrize(
    "text", ["app=db", "!app", "old", "n in (1)", "n notin (2)", "app!=web", "n>2", "app>1", "app="]
)
def test_these_do_not(text: str) -> None:
    assert not selectors.parse_label_selector(text).matches(LABELS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("((", "found '(', expected: !, identifier, or 'end of string'"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in x", "unable to parse requirement: found 'x' expected: '('"),
        ("a in (x", "unable to parse requirement: found '', expected: ',', or ')'"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
    ],
)
def test_a_bad_selector_is_refused_in_the_apis_words(text: str, message: str) -> None:
    with pytest.raises(ApiError) as refused:
        selectors.parse_label_selector(text)
    assert (refused.value.code, refused.value.reason, refused.value.message) == (400, "BadRequest", message)


def test_a_bad_key_is_named() -> None:
    with pytest.raises(ApiError, match='key: Invalid value: "-a": name part must consist of'):
        selectors.parse_label_selector("-a=b")


def test_a_selector_prints_as_the_api_prints_it() -> None:
    assert str(selectors.parse_label_selector("b in (y,x),a=1,!c")) == "a=1,b in (x,y),!c"
    assert str(selectors.from_object({"matchLabels": {"app": "web"}})) == "app=web"


def test_no_selector_selects_nothing_and_an_empty_one_everything() -> None:
    assert not selectors.from_object(None).matches(LABELS)
    assert selectors.from_object({}).matches(None)
    assert not selectors.from_map({}).matches(LABELS)
    assert selectors.from_map({"app": "web"}).matches(LABELS)


def test_expressions_of_an_object_select() -> None:
    expressions = [{"key": "app", "operator": "In", "values": ["web"]}, {"key": "old", "operator": "DoesNotExist"}]
    assert selectors.from_object({"matchExpressions": expressions}).matches(LABELS)


def test_fields_are_compared_by_their_text() -> None:
    pod = {"metadata": {"name": "p"}, "spec": {}, "status": {"phase": "Running"}}
    select = selectors.parse_field_selector("status.phase=Running,spec.nodeName=,metadata.name!=q", resource=PODS)
    assert select.matches(pod)
    assert not selectors.parse_field_selector("spec.nodeName!=", resource=PODS).matches(pod)
    assert selectors.parse_field_selector("spec.hostNetwork=false", resource=PODS).matches(pod)
    assert selectors.parse_field_selector("status.replicas=0", resource=REPLICA_SETS).matches({"status": {}})


def test_events_are_selected_by_what_they_are_about() -> None:
    event = {"involvedObject": {"kind": "Pod", "name": "p"}, "source": {"component": "kubelet"}, "type": "Normal"}
    text = "involvedObject.kind=Pod,involvedObject.name=p,source=kubelet"
    assert selectors.parse_field_selector(text, resource=EVENTS).matches(event)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ApiError) as refused:
        selectors.parse_field_selector("nosuch=1", resource=CONFIG_MAPS)
    expected = '"nosuch" is not a known field selector: only "metadata.name", "metadata.namespace"'
    assert refused.value.message == expected
    with pytest.raises(ApiError, match=r"field label not supported: spec\.image"):
        selectors.parse_field_selector("spec.image=x", resource=PODS)
    with pytest.raises(ApiError, match="invalid selector: 'name'; can't understand 'name'"):
        selectors.parse_field_selector("name", resource=PODS)
