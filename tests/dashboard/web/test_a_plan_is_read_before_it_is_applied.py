"""A plan is one sentence, what is missing, a diff an object, and a button that carries what was seen and ticked."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dashboard.errors import Refused

CONFLICT = "Deployment.apps/flask/guestbook"


def plan(web: Any, name: str, query: str = "") -> str:
    web.actions.planned = name
    answer = web.signed_in().get(f"/deploy/plan{query}")
    assert answer.status_code == 200
    return str(answer.text)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("fresh", "7 to create."),
        ("mixed", "1 to create, 1 to change, 1 to remove, 5 unchanged, 1 conflict."),
        ("same", "Nothing to change: all 7 objects are as planned."),
        ("blocked", "1 to create, 1 unchanged, 1 forbidden, 1 invalid."),
    ],
)
def test_the_verdicts_are_one_sentence(web: Any, name: str, sentence: str) -> None:
    assert f"<h1>{sentence}</h1>" in plan(web, name)


def test_without_a_choice_everything_is_planned(web: Any) -> None:
    plan(web, "fresh")
    plan(web, "fresh", "?bundle=flask&bundle=mongodb")
    asked = [what for name, what in web.actions.asked if name == "plan"]
    assert asked[0] == (("metrics-server", "mongodb", "flask", "load"), frozenset())
    assert asked[1] == (("mongodb", "flask"), frozenset())


def test_missing_things_come_first_each_with_what_to_do(web: Any) -> None:
    text = plan(web, "blocked")
    missing, unknown, fine = (text.index(words) for words in ("No metrics API", "can be pulled", "You may create"))
    assert missing < unknown < fine
    assert "Deploy the bundle metrics-server first." in text
    assert "It cannot be applied yet: 2 things the plan needs are missing, 1 object is forbidden and 1 object" in text


def test_a_field_is_shown_before_and_after_as_text(web: Any) -> None:
    text = plan(web, "mixed")
    assert "data.THREADS" in text
    assert "Hello &lt;b&gt;you&lt;/b&gt;" in text
    assert "not there" in text


def test_a_conflict_names_manager_field_and_time_and_can_be_ticked(web: Any) -> None:
    text = plan(web, "mixed")
    assert "<strong>kubectl-edit</strong> owns <code>spec.template.spec.containers[app].image</code> since" in text
    assert re.search(rf'name="take_over" value="{CONFLICT}" form="apply-form" data-conflict[ >]', text)
    again = plan(web, "mixed", f"?bundle=flask&take_over={CONFLICT}")
    assert web.actions.asked[-1] == ("plan", (("flask",), frozenset({CONFLICT})))
    assert re.search(rf'name="take_over" value="{CONFLICT}" form="apply-form" checked', again)


def test_what_was_seen_goes_with_the_button(web: Any, htmx: Any) -> None:
    text = plan(web, "mixed", "?bundle=flask")
    assert '<input type="hidden" name="expect" value="flask:4f2ab09c1d2e">' in text
    assert 'name="remove" value="ConfigMap/flask/guestbook-old" form="apply-form" checked' in text
    form = {"bundle": "flask", "expect": "flask:4f2ab09c1d2e", "take_over": CONFLICT, "remove": "ConfigMap/flask/x"}
    answer = web.signed_in().post("/deploy", headers=htmx(), data={**form, "then": "progress"})
    assert answer.headers["HX-Redirect"] == "/deploy"
    assert web.actions.asked[-1] == ("deploy", (("flask",), "operator"))
    assert web.actions.agreed == ((CONFLICT,), {"flask": "4f2ab09c1d2e"}, ("ConfigMap/flask/x",))


def test_the_quick_way_agrees_to_nothing(web: Any, htmx: Any) -> None:
    answer = web.signed_in().post("/deploy", headers=htmx(), data={"bundle": "flask", "remove": "ConfigMap/flask/x"})
    assert "HX-Redirect" not in answer.headers
    assert web.actions.agreed == ((), None, None)


def test_a_plan_that_is_old_is_refused_in_its_place(web: Any, htmx: Any) -> None:
    client = web.signed_in()
    web.actions.refuse = Refused("flask has changed since it was planned; look at the plan again.", status=409)
    answer = client.post("/deploy", headers=htmx(**{"HX-Target": "apply-refusal"}), data={"bundle": "flask"})
    assert (answer.status_code, "changed since it was planned" in answer.text) == (409, True)


@pytest.mark.parametrize("expect", ["flask", ":4f2a", "flask:"])
def test_a_tampered_form_is_refused(web: Any, htmx: Any, expect: str) -> None:
    data = {"bundle": "flask", "expect": expect}
    assert web.signed_in().post("/deploy", headers=htmx(), data=data).status_code == 422
    assert web.actions.asked == []


@pytest.mark.parametrize(
    ("status", "title"), [(403, "Not allowed"), (409, "Not now"), (503, "The cluster does not answer")]
)
def test_what_cannot_be_planned_says_so_within_the_page(web: Any, status: int, title: str) -> None:
    web.actions.refuse = Refused("Because of <this>.", status=status)
    answer = web.signed_in().get("/deploy/plan?bundle=flask")
    assert answer.status_code == status
    assert f"<h1>{title}</h1>" in answer.text
    assert "Because of &lt;this&gt;." in answer.text
    assert "/deploy/plan?bundle=flask" in answer.text


def test_an_unknown_bundle_is_not_planned(web: Any) -> None:
    answer = web.signed_in().get("/deploy/plan?bundle=shop")
    assert (answer.status_code, "There is no bundle" in answer.text) == (404, True)
    assert web.actions.asked == []
