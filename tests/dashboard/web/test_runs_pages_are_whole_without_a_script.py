"""A plain GET of the pages about runs shows everything; what is changed is changed by our own page only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Recorded = Callable[..., str]


def get(web: Any, path: str) -> str:
    return str(web.signed_in().get(path).text)


def test_an_empty_archive_says_how_runs_come_to_be(web: Any) -> None:
    text = get(web, "/runs")
    assert "There is no run yet" in text
    assert "The newest 200 runs of the last 90 days are kept" in text


def test_runs_are_listed_with_what_they_came_to(web: Any, recorded: Recorded) -> None:
    run_id = recorded()
    text = get(web, "/runs")
    for words in (f'href="/runs/{run_id}"', "Before the cache", "64,210", "23 Nov 2026 09:50 UTC", "complete", "24 s"):
        assert words in text, words


@pytest.mark.parametrize(
    ("state", "word"), [("interrupted", "interrupted"), ("truncated", "truncated"), ("recording", "being recorded")]
)
def test_a_record_that_is_not_whole_says_so(web: Any, recorded: Recorded, state: str, word: str) -> None:
    run_id = recorded(state=state)
    assert word in get(web, "/runs")
    assert "said" in get(web, f"/runs/{run_id}")


def test_a_list_can_be_narrowed_by_text_and_tag(web: Any, recorded: Recorded) -> None:
    recorded(name="Alpha", tags=["one"])
    recorded(name="Beta", tags=["two"], swarm_id="b")
    assert "Beta" not in get(web, "/runs?tag=one")
    assert "Alpha" not in get(web, "/runs?text=beta")
    assert "No run fits" in get(web, "/runs?text=gamma")


def test_a_run_tells_all_of_itself(web: Any, recorded: Recorded) -> None:
    text = get(web, f"/runs/{recorded()}")
    for words in (
        "<polyline", "120 load users at most", "HPA decides", "Scaling up to 3 replicas", "⌈1 × 4.80⌉", "+0:18",
        "guestbook 1 → 3 replicas", "GET /api/entries", "HTTP 503: no primary in reach", "swarm-k3v9-worker-8kd2p",
        "see whether two more pods are enough", "4f2ab09c1d2e", "by operator", "First run with the new limits.",
    ):  # fmt: skip
        assert words in text, words


def test_an_unknown_value_is_a_dash(web: Any, recorded: Recorded) -> None:
    nothing = dict.fromkeys(("peak_users", "peak_replicas", "requests", "failures", "load_at"))
    run_id = recorded(**nothing, samples=[], spans=[], flags=[], events=[], explanations=[], scaled=None, revisions={})
    text = get(web, f"/runs/{run_id}")
    assert "No samples were recorded" in text
    assert "it did not happen, or was not seen" in text
    assert ">0<" not in text.partition("run-figures")[2].partition("</dl>")[0]


def test_two_are_compared_with_words_and_signs(web: Any, recorded: Recorded) -> None:
    first, second = recorded(), recorded(swarm_id="b", name="After it", failures=76, requests=64_210)
    text = get(web, f"/runs/compare?run={first}&run={second}")
    for words in ("2 runs beside one another", "After it", "+38 (+100 %), worse", "the same", "cmp-2"):
        assert words in text, words


@pytest.mark.parametrize("asked", ["", "?run=a", "?run=a&run=a", "?run=a&run=b&run=c&run=d&run=e"])
def test_fewer_or_more_cannot_be_compared(web: Any, recorded: Recorded, asked: str) -> None:
    ids = {letter: recorded(swarm_id=letter) for letter in "abcde"}
    for letter, run_id in ids.items():
        asked = asked.replace(f"run={letter}", f"run={run_id}")
    answer = web.signed_in().get(f"/runs/compare{asked}")
    assert answer.status_code == 422
    assert "Choose 2 to 4 different runs" in answer.text


def test_what_is_not_there_is_told(web: Any) -> None:
    client = web.signed_in()
    for path in ("/runs/nothing", "/runs/nothing/report.html", "/runs/nothing/samples.csv", "/api/v1/runs/nothing"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "There is no such run" in answer.text


def test_a_run_is_named_noted_and_tagged_in_place(web: Any, recorded: Recorded, htmx: Any) -> None:
    run_id, client = recorded(), web.signed_in()
    for way, form, words in (
        ("rename", {"name": "<b>After"}, "&lt;b&gt;After"),
        ("note", {"note": "Two\nlines"}, "Two\nlines"),
        ("tag", {"tags": "one, Two"}, '<span class="tag">two</span>'),
    ):
        answer = client.post(f"/runs/{run_id}/{way}", data=form, headers=htmx())
        assert (answer.status_code, answer.headers["HX-Retarget"]) == (200, "#about")
        assert words in answer.text
    kept = web.archive.get(run_id)
    assert (kept["name"], kept["note"], kept["tags"]) == ("<b>After", "Two\nlines", ["one", "two"])


def test_what_is_refused_is_said_in_the_form(web: Any, recorded: Recorded, htmx: Any) -> None:
    run_id, client = recorded(), web.signed_in()
    answer = client.post(f"/runs/{run_id}/rename", data={"name": "x" * 81}, headers=htmx())
    assert (answer.status_code, "at most 80" in answer.text) == (422, True)
    assert client.post(f"/runs/{run_id}/tag", data={"tags": "!"}, headers=htmx()).status_code == 422


def test_deleting_wants_the_box_ticked(web: Any, recorded: Recorded, htmx: Any) -> None:
    run_id, client = recorded(), web.signed_in()
    assert client.post(f"/runs/{run_id}/delete", headers=htmx()).status_code == 422
    assert client.get(f"/runs/{run_id}").status_code == 200
    answer = client.post(f"/runs/{run_id}/delete", data={"confirm": run_id}, headers=htmx())
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/runs")
    assert client.get(f"/runs/{run_id}").status_code == 404


def test_what_is_being_recorded_cannot_be_deleted(web: Any, recorded: Recorded, htmx: Any) -> None:
    run_id, client = recorded(state="recording", finished_at=None), web.signed_in()
    answer = client.post(f"/runs/{run_id}/delete", data={"confirm": run_id}, headers=htmx())
    assert (answer.status_code, "is being recorded" in answer.text) == (409, True)


def test_a_form_without_a_script_leads_back_to_the_page(web: Any, recorded: Recorded) -> None:
    run_id, client = recorded(), web.signed_in()
    headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
    answer = client.post(f"/runs/{run_id}/rename", data={"name": "Plain"}, headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/runs/{run_id}")
    assert "Plain" in client.get(f"/runs/{run_id}").text
    answer = client.post(f"/runs/{run_id}/delete", data={"confirm": run_id}, headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/runs")


@pytest.mark.parametrize("way", ["rename", "note", "tag", "delete"])
def test_no_other_page_changes_a_run(web: Any, recorded: Recorded, way: str) -> None:
    run_id, client = recorded(), web.signed_in()
    foreign = {"HX-Request": "true", "Sec-Fetch-Site": "cross-site"}
    for headers in ({}, foreign):
        form = {"confirm": run_id, "name": "x", "note": "x", "tags": "x"}
        assert client.post(f"/runs/{run_id}/{way}", data=form, headers=headers).status_code == 403
    assert web.archive.get(run_id)["name"] == "Before the cache"


def test_programs_get_the_same_documents(web: Any, recorded: Recorded) -> None:
    run_id, client = recorded(), web.signed_in()
    document = client.get(f"/api/v1/runs/{run_id}").json
    for name in ("run_id", "started_at", "finished_at", "target", "profile", "peak_users", "requests", "failures",
                 "peak_replicas", "reaction", "samples", "flags", "explanations"):  # fmt: skip
        assert name in document, name
    assert document == client.get(f"/runs/{run_id}/run.json").json
    listed = client.get("/api/v1/runs").json
    assert listed["kept"] == {"max_count": 200, "max_days": 90}
    assert listed["runs"][0]["run_id"] == run_id


@pytest.mark.parametrize("path", ["/runs", "/runs/ID", "/runs/compare?run=ID&run=OTHER", "/runs/none"])
def test_no_page_has_inline_script_or_style(web: Any, recorded: Recorded, path: str) -> None:
    path = path.replace("ID", recorded()).replace("OTHER", recorded(swarm_id="b"))
    text = get(web, path).lower()
    for inline in ("<style", " style=", " onclick=", "<script>", "javascript:"):
        assert inline not in text
    assert text.count("aria-current=") >= 1
    assert "<h1>" in text
