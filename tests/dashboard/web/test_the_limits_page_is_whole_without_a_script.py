"""A plain GET of the Limits page shows every bound, kill and result; the experiment asks before it starts."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import Refused

ROWS = json.loads((Path(__file__).resolve().parents[1] / "fixtures" / "limits-rows.json").read_text())
RULE = {"sentence": "needs list resourcequotas in namespace shop", "yaml": "kind: Role\n", "resource": "resourcequotas"}
PERSON = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Origin": "null"}
FORM = "application/x-www-form-urlencoded"
READS = ("pods", "replicasets", "statefulsets", "jobs", "events")


def fill(web: Any, rows: dict[str, Any] = ROWS, *, state: str = "live") -> None:
    for name in ("cluster", *READS):
        row = {"state": state, "cluster": "local", "since": None, "detail": ""}
        web.views.put("connection", name, row)
    for view, found in rows.items():
        web.views.replace(view, found)


def get(web: Any) -> str:
    return html.unescape(str(web.signed_in().get("/limits").text))


def test_everything_is_there(web: Any) -> None:
    fill(web)
    text = get(web)
    for words in (
        "HPA web wants Deployment web to have 6 pods; there are 4.",
        "it lacks pods 2 and requests.cpu 100m",
        "Full: pods and requests.cpu.",
        "No quota: nothing bounds this namespace.",
        "None allowed: persistentvolumeclaims and services.loadbalancers.",
        "limit, if none is set",
        "LimitRange lr",
        "Burstable",
        "Killed at the bound of 96Mi: container leaker (OOMKilled, exit code 137).",
        "Whoever shares a bound shares the end",
        "Memory rose to 254 Mi of 256Mi.",
    ):
        assert words in text, words
    assert "t-result" in text


def test_an_empty_cluster_says_so_and_one_that_is_being_read_does_not(web: Any) -> None:
    fill(web, {})
    text = get(web)
    assert "No pod is running." in text
    assert "It was not run here yet." in text
    fill(web, {}, state="syncing")
    assert "Being read." in get(web)


def test_denied_quotas_are_told_with_the_rule(web: Any) -> None:
    denied = {
        **ROWS["limits"]["shop"], "state": "forbidden", "known": False, "quotas": [], "tone": "unknown", "rule": RULE,
        "sentence": "Its quotas may not be read, so what bounds it is unknown.",
    }  # fmt: skip
    fill(web, {**ROWS, "limits": {"shop": denied}})
    text = get(web)
    assert "needs list resourcequotas in namespace shop" in text
    assert "nothing bounds this namespace" not in text


def test_denied_pods_are_not_told_as_none(web: Any) -> None:
    fill(web, {})
    web.views.put("connection", "pods", {"state": "forbidden", "since": None, "detail": "no", "rule": RULE})
    text = get(web)
    none = text[text.index('data-none="memory-list"') :].split(">", 1)[0]
    assert "hidden" in none


def test_hostile_names_are_text(web: Any) -> None:
    row = {**next(iter(ROWS["memory"].values())), "pod": "<script>alert(1)</script>"}
    fill(web, {**ROWS, "memory": {"u": row}})
    assert "<script>alert" not in str(web.signed_in().get("/limits").text)


def test_programs_get_the_rows(web: Any) -> None:
    fill(web)
    told = json.loads(web.signed_in().get("/api/v1/limits").text)
    assert set(told) == {"limits", "containers", "memory", "oom", "blocked", "blast"}
    assert told["limits"]["shop"]["quotas"][0]["name"] == "rq"


def test_a_figure_has_the_moment_at_which_it_was_measured(web: Any) -> None:
    fill(web)
    uid = next(iter(ROWS["memory"]))
    web.views.put("pods", uid, {"uid": uid, "metrics_at": "2026-11-23T12:51:08Z"})
    assert "measured at 12:51:08" in get(web)
    told = json.loads(web.signed_in().get("/api/v1/limits").text)
    assert told["memory"][uid]["at"] == "2026-11-23T12:51:08Z"


def test_the_plan_is_shown_before_anything_starts(web: Any, htmx: Any) -> None:
    fill(web)
    answer = web.signed_in().post("/limits/blast/plan", headers=htmx(), data={"variant": "own"})
    assert "nonce-of-the-leak" in answer.text
    assert "320 MiB at most" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert [name for name, _ in web.actions.asked] == ["plan_blast"]


def test_starting_takes_nothing_but_the_nonce(web: Any, htmx: Any) -> None:
    fill(web)
    client = web.signed_in()
    for path, data, status in (
        ("start", {}, 422), ("start", {"nonce": "n", "variant": "shared"}, 422),
        ("plan", {"variant": "own", "mb": "9"}, 422),
        ("start", {"nonce": "n"}, 200), ("stop", {}, 200),
    ):  # fmt: skip
        assert client.post(f"/limits/blast/{path}", headers=htmx(), data=data).status_code == status, (path, data)
    assert [name for name, _ in web.actions.asked] == ["start_blast", "stop_blast"]


def test_a_browser_without_script_plans_starts_and_stops(web: Any) -> None:
    fill(web)
    client = web.signed_in()
    page = client.post("/limits/blast/plan", headers=PERSON, data={"variant": "shared"})
    assert "without a limit of its own" in page.text
    assert "<h3" in page.text
    for path, data in (("start", {"nonce": "n"}), ("stop", {})):
        answer = client.post(f"/limits/blast/{path}", headers=PERSON, data=data, content_type=FORM)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/limits#blast")


def test_another_site_cannot_have_it_done(web: Any) -> None:
    headers = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    for path in ("plan", "start", "stop"):
        assert web.signed_in().post(f"/limits/blast/{path}", headers=headers, data={}).status_code == 403
    assert web.actions.asked == []


def test_a_refusal_is_a_sentence(web: Any, htmx: Any) -> None:
    fill(web)
    web.actions.refuse = Refused("A swarm is active already.", status=409)
    headers = htmx(**{"HX-Target": "blast-plan-or-refusal"})
    answer = web.signed_in().post("/limits/blast/plan", data={"variant": "own"}, headers=headers)
    assert (answer.status_code, "A swarm is active already." in answer.text) == (409, True)


@pytest.mark.parametrize("state", ["starting", "running", "cleaning", "done", "failed", "stopped"])
def test_every_state_of_an_experiment_is_told(web: Any, state: str) -> None:
    row = {**ROWS["blast"]["own"], "state": state, "reason": "because", "phase": "it leaks"}
    fill(web, {**ROWS, "blast": {"current": row}})
    text = get(web)
    stop = text[text.index('id="blast-stop"') :].split(">", 1)[0]
    assert ("hidden" not in stop) == (state in ("starting", "running", "cleaning"))
    assert ("because" in text) == (state in ("failed", "stopped"))
