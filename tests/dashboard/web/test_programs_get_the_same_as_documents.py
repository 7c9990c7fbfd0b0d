"""What the Deploy page shows is there as JSON, with the same words and numbers."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.errors import Refused


def test_bundles_are_listed_even_before_they_are_known(web: Any) -> None:
    client = web.signed_in()
    names = [each["name"] for each in client.get("/api/v1/bundles").json["bundles"]]
    assert names == ["metrics-server", "mongodb", "flask", "load"]
    assert {each["state"] for each in client.get("/api/v1/bundles").json["bundles"]} == {"unknown"}
    web.views.replace("bundles", web.actions.documents["rows"])
    web.actions.problems = {"shop": "cannot be read"}
    document = client.get("/api/v1/bundles").json
    assert document["problems"] == {"shop": "cannot be read"}
    flask = document["bundles"][2]
    assert (flask["state"], flask["revision"]["number"], len(flask["folder_revision"])) == ("failed", 3, 12)


@pytest.mark.parametrize(
    ("path", "key", "asked"),
    [
        ("plan?take_over=a", "counts", ("plan", (("flask",), frozenset({"a"})))),
        ("drift", "objects", ("drift", ("flask",))),
        ("history", "revisions", ("history", ("flask",))),
    ],
)
def test_a_bundle_answers_for_itself(web: Any, path: str, key: str, asked: tuple[str, Any]) -> None:
    answer = web.signed_in().get(f"/api/v1/bundles/flask/{path}")
    assert (answer.status_code, key in answer.json) == (200, True)
    assert web.actions.asked == [asked]


@pytest.mark.parametrize("path", ["plan", "drift", "history"])
def test_refusals_are_documents_too(web: Any, path: str) -> None:
    client = web.signed_in()
    assert "There is no bundle" in client.get(f"/api/v1/bundles/shop/{path}").json["message"]
    web.actions.refuse = Refused("The cluster does not answer.", status=503)
    answer = client.get(f"/api/v1/bundles/flask/{path}")
    assert (answer.status_code, answer.json["message"]) == (503, "The cluster does not answer.")


def test_the_progress_is_there(web: Any) -> None:
    client = web.signed_in()
    assert client.get("/api/v1/deploy").json == {"state": "idle"}
    web.views.put("deploy", "current", web.actions.documents["deploy"])
    assert client.get("/api/v1/deploy").json == web.actions.documents["deploy"]


def test_a_program_may_deploy_and_gets_a_sentence(web: Any) -> None:
    headers = {"X-Requested-With": "script", "Origin": "http://127.0.0.1:8080", "Accept": "application/json"}
    data = {"bundle": "flask", "then": "progress"}
    answer = web.signed_in().post("/deploy", headers=headers, data=data)
    assert (answer.status_code, answer.json) == (202, {"message": "Deploying flask."})
