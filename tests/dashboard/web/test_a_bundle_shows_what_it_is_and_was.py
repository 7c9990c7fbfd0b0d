"""A bundle's page: objects with reasons and YAML, what became of them, the history, and what a teardown takes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.stack.bundles.bundle import GeneratedSecret, SecretKeySource
from dashboard.web.deploy import manifest_text


def get(web: Any, path: str, status: int = 200, **headers: str) -> str:
    answer = web.signed_in().get(path, headers=headers)
    assert answer.status_code == status, answer.text
    return str(answer.text)


def test_every_object_has_its_reason_its_yaml_and_its_health(web: Any) -> None:
    web.views.replace("bundles", web.actions.documents["rows"])
    text = get(web, "/deploy/flask")
    bundle = next(each for each in web.actions.bundles() if each.name == "flask")
    for reason in bundle.reasons.values():
        assert reason.split("'")[0][:60] in text.replace("&#39;", "'")
    assert "kind: HorizontalPodAutoscaler" in text
    assert "it ran out of memory (192Mi)" in text
    assert text.index("Namespaces".lower()) < text.index("budgets and autoscalers")


def test_of_a_secret_only_the_keys_are_shown() -> None:
    secret = {
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "stringData": {"password": "hunter2"},
        "metadata": {"name": "s", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "hunter2"}},
        "data": {"key": "aHVudGVyMg=="},
    }  # fmt: skip
    text = manifest_text.as_yaml(secret)
    assert "hunter2" not in text
    assert "aHVudGVyMg" not in text
    assert "password:" in text
    assert "key:" in text


def test_a_generated_secret_tells_where_its_values_come_from() -> None:
    source = SecretKeySource("mongodb", "mongo", "app-password")
    made = GeneratedSecret("flask", "db", generate={"token": 32}, copy={"password": source})
    text = manifest_text.of_generated(made)
    assert "token: <32 random characters, made once, never shown>" in text
    assert "password: <copied from Secret mongodb/mongo, key app-password>" in text


def test_a_page_without_its_history_is_still_worth_having(web: Any) -> None:
    web.actions.refuse = Refused("The cluster does not answer: timed out", status=503)
    text = get(web, "/deploy/flask")
    assert "The cluster does not answer: timed out" in text
    assert "kind: Deployment" in text


def test_the_history_offers_what_can_be_returned_to(web: Any) -> None:
    text = get(web, "/deploy/flask")
    assert "in place" in text
    assert "Deployment guestbook was not ready in time" in text
    assert text.count("Roll back…") == 1
    assert "Its manifests were too large to keep." in text


def test_the_history_tells_with_which_option_a_revision_was_applied(web: Any) -> None:
    assert "kubelet-insecure-tls" not in get(web, "/deploy/flask")
    web.actions.documents["history"][0]["options"] = ["kubelet_insecure_tls", "of_a_later_version"]
    text = get(web, "/deploy/flask")
    assert "with <code>--kubelet-insecure-tls</code>" in text
    assert "of_a_later_version" not in text


def seal_in(text: str) -> str:
    found = re.search('name="seal" value="([0-9a-f]{64})"', text)
    assert found
    return found[1]


def test_a_roll_back_is_planned_and_says_what_stays(web: Any, htmx: Any) -> None:
    web.actions.planned = "same"
    text = get(web, "/deploy/flask/history/2")
    assert "Roll back to revision 2?" in text
    assert "Data and Secrets stay as they are." in text
    assert ("plan_back", ("flask", 2, frozenset())) in web.actions.asked
    data = {"number": "2", "remove": "ConfigMap/flask/x", "take_over": "Service/flask/y", "then": "progress"}
    assert web.signed_in().post("/deploy/flask/roll-back", headers=htmx(), data=data).status_code == 422
    assert web.actions.asked[-1][0] == "plan_back", "nothing is rolled back to unseen"
    data["seal"] = seal_in(text)
    answer = web.signed_in().post("/deploy/flask/roll-back", headers=htmx(), data=data)
    assert web.actions.sealed == data["seal"]
    assert answer.headers["HX-Redirect"] == "/deploy"
    assert web.actions.asked[-1] == ("roll_back", ("flask", 2, "operator"))
    assert web.actions.agreed == (("Service/flask/y",), None, ("ConfigMap/flask/x",))


def test_the_revision_in_place_offers_no_return(web: Any) -> None:
    text = get(web, "/deploy/flask/history/3")
    assert "This is what is in place." in text
    assert "roll-back" not in text
    assert [name for name, _ in web.actions.asked] == ["history"]


def test_a_revision_that_is_not_kept_is_not_there(web: Any) -> None:
    assert "is not kept any more" in get(web, "/deploy/flask/history/9", 404)


@pytest.mark.parametrize(
    ("bundle", "number", "status"), [("shop", "2", 404), ("flask", "two", 422), ("flask", "", 422)]
)
def test_a_roll_back_of_nothing_is_refused(web: Any, htmx: Any, bundle: str, number: str, status: int) -> None:
    answer = web.signed_in().post(f"/deploy/{bundle}/roll-back", headers=htmx(), data={"number": number})
    assert answer.status_code == status
    assert web.actions.asked == []


def test_drift_tells_who_changed_what(web: Any) -> None:
    text = get(web, "/deploy/flask/drift")
    assert "2 as applied, 1 changed, 1 missing." in text
    assert "kubectl-edit" in text
    assert "64Mi" in text
    assert "metadata.labels.team" in text
    assert "Plan to put it back" in text


def test_drift_is_a_part_for_htmx_and_a_page_for_a_plain_request(web: Any) -> None:
    assert "<!doctype html>" in get(web, "/deploy/flask/drift")
    part = get(web, "/deploy/flask/drift", **{"HX-Request": "true"})
    assert "<!doctype" not in part
    assert "On the cluster" in part


def test_no_drift_is_said_and_offers_nothing(web: Any) -> None:
    objects = web.actions.documents["drift"]["objects"]
    web.actions.documents["drift"]["objects"] = [each for each in objects if each["state"] == "as applied"]
    text = get(web, "/deploy/flask/drift")
    assert "No drift: all 2 objects are as applied." in text
    assert "Plan to put it back" not in text


def test_a_part_that_is_refused_says_so_in_its_place(web: Any) -> None:
    web.actions.refuse = Refused("You may not read deployments in flask.", status=403)
    part = get(web, "/deploy/flask/drift", 403, **{"HX-Request": "true"})
    assert "You may not read deployments in flask." in part
    assert "<!doctype" not in part


def test_evidence_shows_cause_events_pods_and_log_as_text(web: Any) -> None:
    text = get(web, "/deploy/flask/object?id=Deployment.apps/flask/guestbook")
    assert web.actions.asked == [("evidence", ("flask", "Deployment.apps/flask/guestbook"))]
    for words in ("Raise its memory limit", "BackOff", "CrashLoopBackOff", "before it last ended",
                  "&lt;script&gt;alert(1)&lt;/script&gt;", "little to attack"):  # fmt: skip
        assert words in text, words


def test_a_teardown_lists_what_goes_and_offers_what_stays(web: Any, htmx: Any) -> None:
    text = get(web, "/deploy/flask/teardown")
    assert text.index("Deployment flask/guestbook") < text.index("Stays")
    assert 'name="also" value="Secret/flask/guestbook-database"' in text
    assert 'value="ConfigMap/flask/guestbook-old"' not in text
    data = {"bundle": "flask", "confirm": "flask", "also": ["Secret/flask/guestbook-database"], "then": "progress"}
    assert web.signed_in().post("/teardown", headers=htmx(), data=data).status_code == 422
    assert web.actions.asked[-1][0] == "removal", "nothing is torn down unseen"
    data["seal"] = seal_in(text)
    answer = web.signed_in().post("/teardown", headers=htmx(), data=data)
    assert web.actions.sealed == data["seal"]
    assert answer.headers["HX-Redirect"] == "/deploy"
    assert web.actions.asked[-1] == ("teardown", ("flask", "operator", "Secret/flask/guestbook-database"))


@pytest.mark.parametrize("path", ["", "/drift", "/teardown", "/object?id=x", "/history/1"])
def test_an_unknown_bundle_has_no_page(web: Any, path: str) -> None:
    assert "There is no bundle" in get(web, f"/deploy/shop{path}", 404)
    assert web.actions.asked == []
