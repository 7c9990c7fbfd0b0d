"""T26, T29: nonsense is refused in a sentence; a form of ours works without a script, one of another page never."""

from __future__ import annotations

import re
from typing import Any

import pytest

PLAN = {"users": "60", "spawn_rate": "10", "minutes": "3", "profile": "steady", "workers": "1"}
NUMBERS = ["users", "spawn_rate", "minutes", "duration_s", "workers", "p95_limit_ms", "failed_limit_percent"]
NONSENSE = [
    "-1", "0", "NaN", "nan", "inf", "-inf", "1e308", "1e8", "100000000", "9" * 400, "0x10", "1_0", "+5", "5.5.5",
    "1,000", "[1]", "[60,60]", '{"$gt":0}', "true", "null", "' OR 1=1", "<script>", "6O", "６０", "٦٠", "60\x00",
    "\ud800", "\r\nX-Evil: 1", "--",
]  # fmt: skip
PERSON = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Origin": "null"}


@pytest.mark.parametrize("field", NUMBERS)
@pytest.mark.parametrize("value", NONSENSE)
def test_a_number_that_is_none_is_refused(web: Any, htmx: Any, field: str, value: str) -> None:
    data = {key: each.encode("utf-8", "surrogatepass") for key, each in {**PLAN, field: value}.items()}
    answer = web.signed_in().post("/load/plan", headers=htmx(**{"HX-Target": "x-refusal"}), data=data)
    assert answer.status_code == 422, answer.text
    assert "refusal" in answer.text
    assert web.actions.asked == []


@pytest.mark.parametrize(
    "extra",
    [
        {"host": "http://victim.example"}, {"url": "http://victim.example"}, {"nonce": "x"}, {"users[]": "1"},
        {"__proto__": "x"}, {"SWARM_TARGET": "http://victim.example"}, {"users ": "1"}, {"": "1"}, {"by": "admin"},
        {"users": ["60", "500"]}, {"target": ["guestbook", "mongo"]}, {"target": "http://victim.example"},
        {"target": "169.254.169.254"}, {"target": "guestbook.flask"}, {"target": "../mongo"}, {"scenario": "../../etc"},
        {"scenario": "http://victim.example/x.py"}, {"profile": "cannon"}, {"note": "x" * 201}, {"note": "a\nb"},
        {"keep_alive": "maybe"},
    ],
)  # fmt: skip
def test_a_field_that_is_not_asked_for_is_refused(web: Any, htmx: Any, extra: dict[str, Any]) -> None:
    answer = web.signed_in().post("/load/plan", headers=htmx(), data={**PLAN, **extra})
    assert answer.status_code == 422
    assert web.actions.asked == []


@pytest.mark.parametrize(
    "extra",
    [{}, {"nonce": ""}, {"nonce": ["a", "b"]}, {"nonce": "a", "users": "500"}, {"nonce": "a", "target": "x"}, PLAN],
)
def test_a_start_takes_a_nonce_and_nothing_else(web: Any, htmx: Any, extra: dict[str, Any]) -> None:
    assert web.signed_in().post("/swarm/start", headers=htmx(), data=extra).status_code == 422
    assert web.actions.asked == []


@pytest.mark.parametrize("path", ["/load/plan", "/swarm/start", "/swarm/users"])
@pytest.mark.parametrize("body", ["[]", '{"users": 1e308}', '{"users": [60]}', "NaN", "null", "\x00"])
def test_json_is_no_form(web: Any, htmx: Any, path: str, body: str) -> None:
    answer = web.signed_in().post(path, headers=htmx(), data=body, content_type="application/json")
    assert answer.status_code == 422
    assert web.actions.asked == []


def test_the_nonce_is_in_the_plan_alone_and_in_no_cache(web: Any, htmx: Any) -> None:
    client = web.signed_in()
    answer = client.post("/load/plan", headers=htmx(), data=PLAN)
    assert 'value="nonce-of-the-plan"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "nonce-of-the-plan" not in client.get("/").text + client.get("/api/v1/state").text


def test_both_steps_and_the_stop_work_without_a_script(web: Any) -> None:
    client = web.signed_in()
    page = client.post("/load/plan", headers=PERSON, data=PLAN)
    assert page.status_code == 200
    assert 'href="/load">Change</a>' in page.text
    nonce = re.search(r'name="nonce" value="([^"]+)"', page.text)
    assert nonce
    assert client.post("/swarm/start", headers=PERSON, data={"nonce": nonce[1]}).status_code == 303
    answer = client.post("/swarm/stop", headers=PERSON, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert [name for name, _ in web.actions.asked] == ["plan_swarm", "start_swarm", "stop_swarm"]


def test_the_banner_stops_a_swarm_from_every_page_and_asks_nothing(web: Any) -> None:
    row = {"state": "running", "users": 40, "target_users": 60, "target": "guestbook", "profile": "steady"}
    row |= {"ends_at": "2026-11-23T14:03:20Z", "started_by": "operator", "id": "k3v9"}
    web.views.put("swarm", "current", row)
    client = web.signed_in()
    for path in ("/", "/deploy", "/load", "/runs"):
        text = client.get(path).text
        banner = text[text.index('id="swarm-banner"') : text.index("</form>", text.index('id="swarm-banner"'))]
        assert " hidden" not in banner.split('<p class="right-why"')[0].replace("aria-hidden", ""), path
        assert "40 of 60 load users on guestbook" in banner
        assert "ends by itself at 14:03:20" in banner
        assert "started by operator" in banner
        assert 'method="post" action="/swarm/stop"' in banner
        assert "confirm" not in banner
    web.views.put("swarm", "current", {**row, "state": "stopped"})
    assert '<div id="swarm-banner" class="swarm-banner" data-tone="stopped" hidden>' in client.get("/deploy").text


def test_an_experiment_is_seen_on_every_page_with_a_stop_that_asks_nothing(web: Any) -> None:
    row = {"state": "running", "title": "with a limit of its own", "phase": "it leaks", "by": "operator", "id": "a1"}
    web.views.put("blast", "current", {**row, "ends_at": "2026-11-23T14:03:20.000Z"})
    client = web.signed_in()
    for path in ("/", "/deploy", "/load", "/scaling", "/data", "/story", "/runs"):
        text = client.get(path).text
        banner = text[text.index('id="blast-banner"') : text.index("</form>", text.index('id="blast-banner"'))]
        assert " hidden" not in banner.split('<p class="right-why"')[0].replace("aria-hidden", ""), path
        assert "with a limit of its own: it leaks · the cluster ends it at 14:03:20 at the latest" in banner
        assert 'method="post" action="/limits/blast/stop"' in banner
    answer = client.post("/limits/blast/stop", headers=PERSON, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, web.actions.asked[-1][0]) == (303, "stop_blast")
    web.views.put("blast", "current", {**row, "state": "done"})
    assert 'class="swarm-banner blast-banner" data-tone="done" hidden>' in client.get("/deploy").text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8081"},  # by plain http, where browsers tell nothing else
        {"Origin": "http://127.0.0.1:8080", **PERSON, "Sec-Fetch-Site": "cross-site"},
        {**PERSON, "Sec-Fetch-Site": "same-site"},  # another port of this machine
        {**PERSON, "Sec-Fetch-Site": "cross-site"},  # another page, or the sandboxed frame with the app
        {**PERSON, "Sec-Fetch-Site": "none"},
        {**PERSON, "Sec-Fetch-Mode": "no-cors"},
        {**PERSON, "Sec-Fetch-Mode": "cors"},
        {**PERSON, "Content-Type": "text/plain"},
        {**PERSON, "Content-Type": "multipart/form-data; boundary=x"},
    ],
)
@pytest.mark.parametrize("path", ["/load/plan", "/swarm/start", "/swarm/stop"])
def test_no_other_page_plans_starts_or_stops(web: Any, path: str, headers: dict[str, str]) -> None:
    kind = headers.get("Content-Type", "application/x-www-form-urlencoded")
    rest = {name: value for name, value in headers.items() if name != "Content-Type"}
    answer = web.signed_in().post(path, headers=rest, data=b"nonce=a&users=1", content_type=kind)
    assert answer.status_code == 403
    assert web.actions.asked == []


@pytest.mark.parametrize("path", ["/swarm/users", "/deploy", "/deploy/cancel", "/teardown", "/sign-out"])
def test_a_form_without_script_reaches_nothing_else(web: Any, path: str) -> None:
    data = {"users": "1", "spawn_rate": "1", "bundle": "flask", "confirm": "flask"}
    assert web.signed_in().post(path, headers=PERSON, data=data).status_code == 403
    assert web.actions.asked == []


def test_a_stranger_starts_and_stops_nothing(web: Any, htmx: Any) -> None:
    for path in ("/load/plan", "/swarm/start", "/swarm/stop", "/swarm/users"):
        for headers in (htmx(), PERSON):
            assert web.client().post(path, headers=headers, data=PLAN).status_code == 401
    assert web.actions.asked == []
