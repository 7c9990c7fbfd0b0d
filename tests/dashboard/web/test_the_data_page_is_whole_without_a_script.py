"""The Data page on a plain GET: the set, its names and volumes, the kill in two steps; every state says what it is."""

from __future__ import annotations

import copy
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from dashboard.web.data import drawing

ROWS = json.loads((Path(__file__).resolve().parents[1] / "fixtures" / "data-rows.json").read_text())
PERSON = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Origin": "http://127.0.0.1:8080",
          "Accept": "text/html"}  # fmt: skip


@pytest.fixture
def rows(web: Any) -> Any:
    """The rows of a real cluster after a kill, put with changes."""

    def put(state: str = "live", **data: Any) -> None:
        found = copy.deepcopy(ROWS)
        for key, changes in data.items():
            found["data"][key] = {**found["data"][key], **changes}
        for view, content in found.items():
            web.views.replace(view, content)
        web.views.put("connection", "cluster", {"state": state, "since": "2026-11-23T12:00:00Z", "cluster": "local"})

    return put


def page(web: Any) -> str:
    answer = web.signed_in().get("/data")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return html.unescape(re.sub(r"\s+", " ", answer.text))


def test_the_set_its_members_names_volumes_and_elections_are_there(web: Any, rows: Any) -> None:
    rows()
    text = page(web)
    for words in (
        ROWS["data"]["set"]["sentence"], "mongo-2.mongo.mongodb.svc.cluster.local", "come here", "0.0 s", "3 of 3",
        "The name leads to the pod's own address.", "The name stayed.", "data-mongo-0", "the data stayed.", "won term",
        "23 Nov 12:57:51 UTC", "until 23 Nov 12:57:56 UTC. The name stayed.",
        "handed over as it was told to stop", "6.0.5",
    ):  # fmt: skip
        assert words in text, words
    assert text.count("data-primary") == 1
    assert text.count('class="chain-link"') == 13  # four steps for each of three, and the template


def test_the_kill_is_told_with_figures_chart_and_table(web: Any, rows: Any) -> None:
    rows()
    text = page(web)
    kill = ROWS["data"]["kill"]
    for words in (kill["sentence"], kill["unconfirmed"], "confirmed writes lost", "Every confirmed write looked for"):
        assert words in text, words
    assert text.count('class="kill-yes"') == len(kill["buckets"])
    assert text.count("<tr data-key") == len(kill["buckets"]) + 3 + 2


def test_an_unknown_set_is_unknown_and_a_missing_one_is_not_deployed(web: Any, rows: Any) -> None:
    web.views.put("connection", "cluster", {"state": "live"})
    assert "The agents are being asked." in page(web)
    rows(set={"state": "absent", "sentence": "The database is not deployed here yet."})
    assert re.search(r'<section id="absence" class="card absence" aria-labelledby="absence-title">', page(web))


def test_denied_agents_show_the_rule_that_would_allow_them(web: Any, rows: Any) -> None:
    rows()
    rule = {"sentence": "needs get pods/proxy in namespace mongodb", "yaml": "kind: Role"}
    web.views.put("connection", "agents", {"state": "forbidden", "since": None, "detail": "forbidden", "rule": rule})
    text = page(web)
    inside = text[text.index('id="set"') : text.index('id="members"')]
    assert "needs get pods/proxy in namespace mongodb" in inside


@pytest.mark.parametrize("read", [None, "agents"])
def test_that_no_election_is_known_is_not_said_where_nobody_may_be_asked(web: Any, rows: Any, read: str | None) -> None:
    rows(elections={"rows": []})
    if read:
        web.views.put("connection", read, {"state": "forbidden", "since": "2026-11-23T12:00:00Z"})
    text = page(web)
    assert ('data-f="none" hidden>No election is known yet' in text) == bool(read)
    assert ('data-f="denied">Whether there was an election is not known' in text) == bool(read)


@pytest.mark.parametrize("denied", [False, True])
def test_beside_a_denial_nothing_is_called_unknown_in_other_words(web: Any, rows: Any, denied: bool) -> None:
    rows(volumes={"state": "forbidden" if denied else "live", "rows": []})
    if denied:
        rule = {"sentence": "needs list persistentvolumeclaims in namespace mongodb", "yaml": "kind: Role"}
        web.views.put("connection", "claims", {"state": "forbidden", "since": None, "detail": "no", "rule": rule})
    hidden = re.search(r'data-f="none"( hidden)?>No claim of the database is known.', page(web))
    assert hidden is not None
    assert (hidden[1] is not None) == denied


@pytest.mark.parametrize("state", ["syncing", "stale", "down", "forbidden"])
def test_nothing_is_killed_while_the_cluster_is_not_live(web: Any, rows: Any, state: str) -> None:
    rows(state)
    assert 'class="button button-stop" disabled' in page(web)


def test_what_is_in_the_way_of_a_kill_is_said(web: Any, rows: Any) -> None:
    rows()
    assert 'class="button button-stop" disabled' not in page(web)
    why = "mongo-1 is not there: without mongo-0 there would be 1 of the 2 votes."
    rows(set={"why_no_kill": why})
    text = page(web)
    assert why in text
    assert 'class="button button-stop" disabled' in text


def test_hostile_words_are_text(web: Any, rows: Any) -> None:
    rows(set={"sentence": "<script>alert(1)</script>"}, kill={"sentence": "<img src=x onerror=alert(1)>"})
    text = web.signed_in().get("/data").text
    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_programs_get_the_rows(web: Any, rows: Any) -> None:
    rows()
    document = web.signed_in().get("/api/v1/data").json
    assert [each["name"] for each in document["members"]] == ["mongo-0", "mongo-1", "mongo-2"]
    assert document["kill"] == ROWS["data"]["kill"]
    assert set(document) == {"members", "set", "elections", "names", "volumes", "kill"}


def test_the_plan_carries_the_nonce_and_stays_in_no_cache(web: Any, htmx: Any) -> None:
    answer = web.signed_in().post("/data/kill-primary/plan", headers=htmx())
    assert answer.headers["Cache-Control"] == "no-store"
    for words in ("This will kill mongo-1", "nonce-of-the-kill", "At risk", "Kill mongo-1", "grace period of 0"):
        assert words in answer.text, words
    assert web.actions.asked == [("plan_kill", ("operator",))]


def test_the_second_step_takes_the_nonce_alone(web: Any, htmx: Any) -> None:
    client = web.signed_in()
    answer = client.post("/data/kill-primary", headers=htmx(), data={"nonce": "n1"})
    assert "kill-started" in answer.headers["HX-Trigger"]
    assert web.actions.asked == [("kill_primary", ("n1", "operator"))]
    for data in ({}, {"nonce": "n1", "pod": "mongo-2"}, {"nonce": ["n1", "n2"]}):
        assert client.post("/data/kill-primary", headers=htmx(), data=data).status_code == 422
    assert client.post("/data/kill-primary/plan", headers=htmx(), data={"pod": "mongo-2"}).status_code == 422
    assert len(web.actions.asked) == 1


def test_without_script_the_plan_is_a_page_and_the_kill_leads_back(web: Any) -> None:
    client = web.signed_in()
    plan = client.post("/data/kill-primary/plan", headers=PERSON, content_type="application/x-www-form-urlencoded")
    assert "<h3" in plan.text
    assert 'href="/data"' in plan.text
    answer = client.post("/data/kill-primary", headers=PERSON, data={"nonce": "n1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/data")


@pytest.mark.parametrize("path", ["/data/kill-primary/plan", "/data/kill-primary"])
def test_another_page_cannot_use_the_session(web: Any, path: str) -> None:
    client = web.signed_in()
    for headers in ({"Sec-Fetch-Site": "cross-site", "Origin": "http://evil"}, {"Sec-Fetch-Site": "same-site"}):
        assert client.post(path, headers=headers, data={"nonce": "n"}).status_code == 403
    assert client.get(path).status_code == 405
    assert web.actions.asked == []


def test_a_chart_of_nothing_is_empty_and_one_of_an_outage_has_a_shade() -> None:
    assert drawing.chart({})["columns"] == []
    chart = drawing.chart({
        "buckets": [[-200, 2, 0], [0, 0, 1], [200, 0, 0], [400, 4, 0]], "bucket_ms": 200,
        "outage_from_ms": -50, "outage_to_ms": 450,
    })  # fmt: skip
    assert (chart["width"], chart["kill"], chart["shade_x"], chart["shade_width"]) == (40, 10.0, 7.5, 25.0)
    assert [each["up"] for each in chart["columns"]] == [30.0, 0, 0, 60.0]
    assert chart["columns"][1]["down"] == 8.0
    assert drawing.chart({"buckets": [[0, 0, 0]], "outage_from_ms": 0, "outage_to_ms": None})["shade_width"] == 10
