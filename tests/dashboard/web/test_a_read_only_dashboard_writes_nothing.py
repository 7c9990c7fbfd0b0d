"""There is no route that writes, nobody may more than view, and no page has anything to press that would."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from dashboard.access.capabilities import Capability, up_to
from dashboard.access.origins import SAFE_METHODS

PATHS = (
    "/", "/deploy", "/deploy/flask", "/deploy/plan?bundle=flask", "/deploy/flask/teardown", "/deploy/flask/history/1",
    "/load", "/scaling", "/scaling/repair?plan=yes", "/data", "/limits", "/story", "/runs",
)  # fmt: skip
SENTENCE = "This dashboard is read-only: nothing can be changed through it."


def unsafe(web: Any) -> set[str]:
    return {rule.endpoint for rule in web.app.url_map.iter_rules() if set(rule.methods) - SAFE_METHODS}


def test_no_route_takes_anything_but_reads_save_for_signing_in_and_out(read_only_web: Any) -> None:
    assert unsafe(read_only_web) <= {"sign_in.sign_in", "sign_in.sign_out"}
    assert "sign_in.sign_out" in unsafe(read_only_web)


def test_a_route_that_is_added_later_is_no_exception(read_only_web: Any) -> None:
    app = read_only_web.app
    app._got_first_request = False

    app.post("/later", endpoint="later")(lambda: "done")
    app.route("/both", endpoint="both", methods=["GET", "PUT"])(lambda: "done")

    rules = {rule.endpoint: set(rule.methods) - SAFE_METHODS for rule in app.url_map.iter_rules()}
    assert "later" not in rules
    assert rules["both"] == set()


def test_what_others_take_answers_to_nobody_here(web: Any, read_only_web: Any, htmx: Any) -> None:
    client = read_only_web.signed_in()
    for rule in web.app.url_map.iter_rules():
        if rule.endpoint in ("sign_in.sign_in", "sign_in.sign_out"):
            continue
        path = re.sub(r"<int:\w+>", "1", rule.rule)
        path = re.sub(r"<key>", read_only_web.session.frame_key, path)
        path = re.sub(r"<[^>]+>", "flask", path)
        for method in set(rule.methods) - SAFE_METHODS:
            answer = client.open(path, method=method, headers=htmx(Accept="application/json"))
            assert answer.status_code == 405, (method, path)
            if not path.startswith("/app/"):
                assert answer.json["message"] == SENTENCE, "a page that was opened before it was read-only shows it"
    assert read_only_web.actions.asked == []


def test_the_framed_app_is_looked_at_only(read_only_web: Any) -> None:
    client = read_only_web.signed_in()
    path = f"/app/~{read_only_web.session.frame_key}/entries"
    assert client.get(path).status_code == 200
    answer = client.post(path, data={"text": "hello"})
    assert answer.status_code == 405
    assert SENTENCE in answer.text
    assert f'href="/app/~{read_only_web.session.frame_key}/"' in answer.text, "the way back, within the frame"
    assert 'href="/"' not in answer.text
    assert [what[0] for _, what in read_only_web.actions.asked] == ["GET"]


def test_nobody_may_more_than_view(read_only_web: Any) -> None:
    client = read_only_web.signed_in()
    assert read_only_web.session.capabilities == up_to(Capability.VIEW)
    told = client.get("/api/v1/me").json
    assert (told["capabilities"], told["read_only"]) == (["look", "view"], True)
    assert set(told["why"].values()) == {SENTENCE}


def test_the_door_promises_nothing_that_there_is_not(read_only_web: Any) -> None:
    read_only_web.access.door = SimpleNamespace(by_proxy=False)
    text = read_only_web.client().get("/", headers={"Accept": "text/html"}).text
    assert "This dashboard is read-only: whoever signs in looks on" in text
    assert "surgeboard-viewer" in text
    assert not re.search("surgeboard-operator|start load|done in your name", text)


@pytest.mark.parametrize("by", [None, "ada"], ids=["on the machine", "a person"])
def test_no_page_has_anything_to_press_that_would_write(
    read_only_web: Any, recorded_here: Callable[..., str], by: str | None
) -> None:
    web = read_only_web
    web.views.put("connection", "cluster", {"state": "live", "cluster": "local", "since": "2026-11-23T14:00:00Z"})
    web.views.put("swarm", "current", {"id": "k3v9", "state": "running", "target": "guestbook"})
    blast = {"id": "a1", "state": "running", "title": "own", "variant": "own", "phase": "leaks", "by": "ada"}
    web.views.put("blast", "current", {**blast, "deaths": [], "parties": [], "started_at": "2026-11-23T14:00:00.000Z"})
    web.views.put("deploy", "current", {"state": "applying", "bundle": "flask", "bundles": ["flask"], "steps": []})
    client = web.signed_in(by=by)
    for path in (*PATHS, f"/runs/{recorded_here()}"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        text = answer.text
        assert '<p id="read-only"' in text, path
        assert re.findall(r'hx-(?:post|put|patch|delete)="([^"]*)"', text) == ["/sign-out"], path
        assert 'method="post"' not in text, path
        assert "data-needs" not in text, path
