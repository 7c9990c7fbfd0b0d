"""A plain GET of the Deploy page shows every bundle with its health, why it is not well, and how far a deploy is."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

PLACES = (
    "/deploy", "/deploy/plan", "/deploy/flask", "/deploy/flask/drift", "/deploy/flask/teardown", "/deploy/progress",
    "/deploy/flask/history/2", "/deploy/flask/object?id=Deployment.apps/flask/guestbook", "/deploy/nothing",
)  # fmt: skip


def fill(web: Any) -> None:
    web.views.put("connection", "cluster", {"state": "live", "cluster": "local", "since": None, "detail": ""})
    web.views.replace("bundles", web.actions.documents["rows"])


def get(web: Any, path: str) -> str:
    return str(web.signed_in().get(path).text)


def test_every_bundle_is_there_with_its_health_and_revision(web: Any) -> None:
    fill(web)
    text = get(web, "/deploy")
    places = [text.index(f'data-key="{name}"') for name in ("metrics-server", "mongodb", "flask", "load")]
    assert places == sorted(places)
    for words in ("healthy", "failed", "not deployed", "revision 3", "4f2ab09c1d2e", "23 Nov 08:12 UTC", "by operator"):
        assert words in text, words


def test_who_deployed_is_named_in_short(web: Any) -> None:
    by = "system:serviceaccount:surgeboard:surgeboard-operator"
    rows = json.loads(json.dumps(web.actions.documents["rows"]).replace('"by": "operator"', f'"by": "{by}"'))
    fill(web)
    web.views.replace("bundles", rows)
    web.views.put(
        "deploy", "current", {"state": "done", "bundle": "flask", "bundles": ["flask"], "steps": [], "by": by}
    )
    for path in ("/deploy", "/deploy/flask"):
        text = re.sub(r'title="[^"]*"', "", get(web, path).partition("<main")[2])
        assert "surgeboard-operator" in text, path
        assert by not in text, path


def test_what_is_not_well_says_why_and_leads_to_its_evidence(web: Any) -> None:
    fill(web)
    text = get(web, "/deploy")
    assert "it ran out of memory (192Mi)" in text
    assert 'href="/deploy/flask/object?id=Deployment.apps' in text
    assert "waits for the first CPU figures" in text
    assert "The folder has changed since it was applied." in text


def test_before_the_cluster_was_read_nothing_is_claimed(web: Any) -> None:
    text = get(web, "/deploy")
    assert text.count("The cluster is being read.") == 4
    assert "Nothing is deployed here yet" not in text
    assert "not deployed" not in text


def test_an_outage_is_one_sentence_a_bundle_and_no_list_of_objects(web: Any) -> None:
    objects = [{"id": "Namespace//x", "kind": "Namespace", "namespace": "", "name": "x", "state": "unknown"}]
    unknown = {"state": "unknown", "sentence": "Cannot be read now: it does not answer.", "objects": objects}
    rows = web.actions.documents["rows"]
    web.views.replace("bundles", {name: {**row, **unknown} for name, row in rows.items()})
    text = get(web, "/deploy")
    assert text.count("Cannot be read now: it does not answer.") == len(rows)
    assert "object?id=Namespace//x" not in text


def test_an_empty_cluster_invites_to_plan(web: Any) -> None:
    rows = web.actions.documents["rows"]
    web.views.replace("bundles", {name: {**row, "state": "absent", "revision": None} for name, row in rows.items()})
    assert "Nothing is deployed here yet" in get(web, "/deploy")


def test_a_folder_that_cannot_be_read_is_shown_beside_the_others(web: Any) -> None:
    web.actions.problems = {"shop": "shop/web.yaml line 12, column 3: <oops>."}
    text = get(web, "/deploy")
    assert "line 12, column 3: &lt;oops&gt;." in text
    assert 'data-key="flask"' in text
    answer = web.signed_in().get("/deploy/shop")
    assert (answer.status_code, "line 12, column 3" in answer.text) == (422, True)


def test_a_persons_own_stack_is_marked(web: Any) -> None:
    web.actions.own = frozenset({"load"})
    assert get(web, "/deploy").count("yours</span>") == 1


def test_progress_is_told_object_by_object_without_a_socket(web: Any) -> None:
    web.views.put("deploy", "current", web.actions.documents["deploy"])
    for path in ("/deploy", "/deploy/progress", "/deploy/flask"):
        text = get(web, path)
        assert "Waiting until flask is ready: 3 of 5 objects. Deployment guestbook: 0 of 1 replicas available." in text
        assert "HorizontalPodAutoscaler flask/guestbook" in text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in get(web, "/deploy/progress")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"state": "planning", "steps": []}, "Checking every object against the cluster before the first change…"),
        ({"state": "pruning", "bundle": "flask"}, "Removing what is no longer in flask: 0 of 1 objects."),
        ({"state": "deleting", "bundle": "flask"}, "Tearing down flask: 0 of 1 objects."),
        ({"state": "done", "action": "roll back"}, "Rolled back: 1 objects, all ready."),
        ({"state": "done", "action": "teardown"}, "Torn down."),
        ({"state": "failed", "steps": []}, "Failed before the first change."),
        ({"state": "failed", "action": "deploy"}, "Failed before the first change."),
        ({"state": "cancelled"}, "Stopped after 0 of 1 objects. What is applied stays; deploying again goes on"),
        ({"state": "failed", "action": "teardown"}, "tearing down again goes on from here."),
        ({"state": "idle"}, "Nothing has been deployed since the dashboard started."),
    ],
)
def test_each_state_of_a_deploy_is_one_sentence(web: Any, row: dict[str, Any], sentence: str) -> None:
    step = {"bundle": "flask", "stage": "services", "result": "pending", "detail": None}
    step["object"] = {"id": "Service/flask/guestbook", "kind": "Service", "namespace": "flask", "name": "guestbook"}
    web.views.put("deploy", "current", {"steps": [step], **row})
    assert sentence in get(web, "/deploy/progress")


@pytest.mark.parametrize("path", PLACES)
def test_no_page_has_inline_script_or_style(web: Any, path: str) -> None:
    fill(web)
    text = get(web, path).lower()
    for inline in ("<style", " style=", " onclick=", "<script>", "javascript:"):
        assert inline not in text


@pytest.mark.parametrize("path", PLACES)
def test_every_page_knows_its_place(web: Any, path: str) -> None:
    text = get(web, path)
    assert text.count("aria-current=") >= 1
    assert "<h1>" in text
    assert 'href="/deploy"' in text
