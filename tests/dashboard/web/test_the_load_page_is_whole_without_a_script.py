"""A plain GET of the Load page shows the form with its drawn profile, and each state of a swarm with its tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROW = json.loads((Path(__file__).resolve().parents[1] / "fixtures" / "swarm-row.json").read_text())
NONE = {"id": None, "state": "none"}
PLACES = ("/load", "/load/preview", "/load/run", "/load?profile=ceiling&users=3")


def fill(web: Any, swarm: dict[str, Any] = NONE) -> None:
    web.views.put("connection", "cluster", {"state": "live", "cluster": "local", "since": None, "detail": ""})
    web.views.put("stack", "health", {"state": "ok", "healthy": 8, "total": 8, "sentence": "stack healthy"})
    web.views.put("bundles", "load", {"name": "load", "state": "ok"})
    web.views.put("swarm", "current", swarm)
    for namespace, name, ready in (("flask", "guestbook", 4), ("shop", "web", 0)):
        row = {"uid": name, "kind": "Deployment", "namespace": namespace, "name": name, "replicas": 4, "ready": ready}
        web.views.put("workloads", name, {**row, "hpa": None, "state": "ok", "reason": None})


def get(web: Any, path: str = "/load") -> str:
    return str(web.signed_in().get(path).text)


def shown(text: str, part: str) -> bool:
    """Whether the part with this id is not hidden."""
    tag = text[text.index(f'id="{part}"') :].split(">", 1)[0]
    return not tag.endswith(" hidden") and " hidden " not in tag


def test_before_a_swarm_the_form_is_there_with_its_profile_drawn(web: Any) -> None:
    fill(web)
    text = get(web)
    for words in ("Start a swarm", "guestbook (flask/guestbook)", "shop (shop/web)", "checkout", "Double wave",
                  "Steady: climb, then hold. 60 load users at the peak, after 6 s; over after 3 min.",
                  'class="picture-line"', "1 min 30 s"):  # fmt: skip
        assert words in text, words
    assert not shown(text, "swarm-now")
    assert not shown(text, "load-tables")
    assert not shown(text, "load-obstacle")
    assert 'http-equiv="refresh"' not in text


def test_the_form_keeps_what_its_address_says(web: Any) -> None:
    fill(web)
    text = get(
        web, "/load?profile=spike&users=50&spawn_rate=25&duration_s=90&keep_alive=false&note=why+not&target=shop"
    )
    assert 'value="spike" checked' in text
    assert 'value="false" checked' in text
    for value in ("50", "25", "90", "why not"):
        assert f'value="{value}"' in text
    assert "Spike: a low base, one sudden peak. 50 load users at the peak, after 32 s; over after 1 min 30 s." in text
    assert "shop/web is not ready" in text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("users=501", "Load users: 501 is outside 1 to 500."),
        ("users=many", "is not a whole number"),
        ("duration_s=901", "Seconds: 901 is outside 10 to 900."),
        ("profile=flood", "Choose a profile"),
    ],
)
def test_what_cannot_be_drawn_says_why_in_its_place(web: Any, query: str, sentence: str) -> None:
    for path in ("/load", "/load/preview"):
        answer = web.signed_in().get(f"{path}?{query}")
        assert answer.status_code == 200
        assert sentence in answer.text.replace("&#39;", "'")
        assert "picture-line" not in answer.text


@pytest.mark.parametrize(
    ("view", "key", "row", "words"),
    [
        ("connection", "cluster", {"state": "syncing"}, "The cluster is being read"),
        ("connection", "cluster", {"state": "stale", "since": "2026-11-23T14:03:20Z"}, "The cluster has gone quiet"),
        ("connection", "cluster", {"state": "down"}, "The cluster does not answer"),
        ("connection", "cluster", {"state": "forbidden"}, "lets the dashboard not read enough"),
        ("stack", "health", {"state": "absent"}, "Nothing is deployed here yet"),
        ("bundles", "load", {"state": "absent"}, "Swarms have no place to run yet"),
        ("workloads", "guestbook", {"namespace": "flask", "name": "guestbook", "replicas": 2, "ready": 0},
         "0 of 2 pods are ready. A swarm can be started once one is."),
        ("workloads", "guestbook", {"namespace": "flask", "name": "other", "ready": 1}, "flask/guestbook is not there"),
    ],
)  # fmt: skip
def test_what_is_in_the_way_is_named_with_what_helps(
    web: Any, view: str, key: str, row: dict[str, Any], words: str
) -> None:
    fill(web)
    web.views.put(view, key, {"uid": key, "kind": "Deployment", "state": "ok", **row})
    text = get(web)
    assert words in text
    assert shown(text, "load-obstacle")
    assert 'id="load-plan" class="button button-load-main" disabled' in text
    helps = {"stack": "/deploy", "bundles": "/deploy/load", "workloads": "/deploy"}
    if view in helps:
        assert f'href="{helps[view]}">' in text[text.index('id="load-obstacle"') :]


def test_before_anything_is_known_nothing_is_claimed(web: Any) -> None:
    text = get(web)
    assert "The cluster is being read" in text
    assert "Nothing is deployed" not in text.split('id="load-obstacle"')[1].split("</div>")[0]


def test_a_running_swarm_is_shown_with_all_its_tables(web: Any) -> None:
    fill(web, ROW)
    text = get(web)
    for words in (
        "Load goes to guestbook with the profile steps.", "ends by itself at 14:08:00", "does it hold for Friday?",
        "reused (keep-alive)", "41,200", "37 failed", "The generator is at its limit, not the server.",
        "2 of 3 workers are left; they carry all load users.", "/api/entries", "20,111", "412", "0.5 %",
        "HTTPError(&#39;503 Server Error", "14:05:02", "swarm-k3v9-worker-8kd2p", "61 %", "at its limit",
        "lost at 14:04:10", "the load users were spread over the other workers", "71.9 %", "not told",
    ):  # fmt: skip
        assert words in text, words
    assert not shown(text, "start")
    assert shown(text, "load-change")
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in text


def test_a_swarm_that_is_over_keeps_its_totals_and_offers_another(web: Any) -> None:
    fill(web, {**ROW, "state": "stopped", "users": 0, "rps": 0.0, "p95_ms": None, "saturated": False})
    text = get(web)
    assert "Load went to guestbook: 41,200 requests, 37 of them failed." in text
    assert "Start another swarm" in text
    assert ">91<" in text
    assert not shown(text, "load-change")
    assert 'http-equiv="refresh"' not in text
    assert "of all requests" in text


def test_a_failure_says_its_reason(web: Any) -> None:
    fill(web, {**ROW, "state": "failed", "error": "all workers are gone; look at the worker pods' Events"})
    assert "The load on guestbook failed: all workers are gone" in get(web)


def test_the_last_swarm_leads_to_its_run(web: Any, recorded: Any) -> None:
    fill(web, {**ROW, "state": "stopped"})
    assert "/runs/" not in get(web, "/load/run")
    run_id = recorded(swarm_id="k3v9", state="complete")
    for path in ("/load", "/load/run"):
        text = get(web, path)
        assert f'href="/runs/{run_id}"' in text
        assert "load to the HPA&#39;s decision" in text
        assert "every 10s" not in text


def test_a_run_that_is_still_recorded_is_looked_at_again(web: Any, recorded: Any) -> None:
    fill(web, {**ROW, "state": "stopped"})
    recorded(swarm_id="k3v9", state="recording")
    assert "every 10s" in get(web, "/load/run")


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("swarm", [NONE, ROW], ids=["none", "running"])
def test_no_part_has_inline_script_or_style(web: Any, path: str, swarm: dict[str, Any]) -> None:
    fill(web, swarm)
    text = get(web, path).lower()
    for inline in ("<style", " style=", " onclick=", "<script>", "javascript:"):
        assert inline not in text


def test_what_an_attacker_may_name_stays_text(web: Any) -> None:
    evil = "<img src=x>"
    fill(
        web,
        {**ROW, "failures_by": [{"error": evil, "name": evil}], "pods": [{"pod": evil}], "note": evil, "reason": evil},
    )
    assert evil not in get(web)


def test_a_row_of_an_older_master_is_no_error(web: Any) -> None:
    fill(web, {"id": "a", "state": "running", "target": "gone", "workers": 3, "users": 5, "endpoints": None})
    text = get(web)
    assert "No request has been answered yet." in text
    assert "No worker has met its master yet." in text
