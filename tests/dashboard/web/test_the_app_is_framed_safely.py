"""The sample app behind its key: what passes, what stays behind, what is said when it is away."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.web.actions import ProxyAnswer
from dashboard.web.app_frame import relocated


def frame_of(web: Any) -> tuple[Any, str]:
    client = web.signed_in()
    answer = client.get("/app/")
    assert answer.status_code == 303
    return web.client(), answer.headers["Location"]


def test_the_key_alone_opens_the_app_and_nothing_else(web: Any) -> None:
    stranger, frame = frame_of(web)
    assert stranger.get(frame).text == "<p>hello"
    assert stranger.get("/").status_code == 401
    assert stranger.get("/app/~wrong/").status_code == 403


def test_a_form_in_the_frame_is_passed_on_without_cookies(web: Any) -> None:
    stranger, frame = frame_of(web)
    headers = {
        "Origin": "null",
        "Sec-Fetch-Site": "cross-site",
        "Cookie": "surgeboard-8080=x",
        "Authorization": "Bearer y",
    }
    stranger.post(f"{frame}entries?a=1", headers=headers, data={"text": "hi"})
    _, (method, path, query, passed, body) = web.actions.asked[-1]
    assert (method, path, query, body) == ("POST", "entries", "a=1", b"text=hi")
    assert {name.lower() for name in passed} <= {"content-type", "accept", "accept-language", "x-requested-with"}


def test_what_is_the_apps_own_stays_behind(web: Any) -> None:
    closed: list[int] = []
    headers = [
        ("Content-Type", "text/html"), ("Set-Cookie", "a=b"), ("Connection", "close"), ("Transfer-Encoding", "chunked"),
        ("X-Frame-Options", "DENY"), ("Content-Security-Policy", "default-src 'none'"), ("Server", "x"),
        ("Content-Length", "999"),
    ]  # fmt: skip
    web.actions.answer = ProxyAnswer(200, headers, iter([b"a", b"b"]), lambda: closed.append(1))
    stranger, frame = frame_of(web)
    answer = stranger.get(frame)
    assert answer.data == b"ab"
    assert closed == [1]
    assert "Set-Cookie" not in answer.headers
    assert "Transfer-Encoding" not in answer.headers
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox ")
    assert answer.headers["Access-Control-Allow-Origin"] == "null"


def test_the_frame_is_sandboxed_by_our_page_too(web: Any) -> None:
    """Not by the answer's policy alone, which somebody could do without who answers in the app's place."""
    (frame,) = re.findall(r"<iframe[^>]*>", web.signed_in().get("/").text)
    assert 'sandbox="allow-forms allow-scripts"' in frame
    assert 'referrerpolicy="no-referrer"' in frame


@pytest.mark.parametrize("status", [403, 503])
def test_what_keeps_the_app_away_is_told_as_text(web: Any, status: int) -> None:
    web.actions.answer = Refused("<img src=x onerror=a()>", status=status)
    stranger, frame = frame_of(web)
    text = stranger.get(frame).text
    assert "&lt;img" in text
    assert "<img" not in text


def test_its_forms_lead_to_us_alone(web: Any) -> None:
    """Opened by itself, the app could else send the key of its address to anybody."""
    stranger, frame = frame_of(web)
    policy = stranger.get(frame).headers["Content-Security-Policy"]
    assert "form-action 'self'" in [each.strip() for each in policy.split(";")]


def test_a_body_is_streamed_as_it_comes(web: Any) -> None:
    def endless() -> Any:
        while True:
            yield b"x"

    web.actions.answer = ProxyAnswer(200, [("Content-Type", "text/plain")], endless())
    stranger, frame = frame_of(web)
    answer = stranger.get(frame, buffered=False)
    assert next(answer.iter_encoded()) == b"x"
    answer.close()


@pytest.mark.parametrize(
    "away",
    [
        Refused("No pod of flask/guestbook is ready.", status=503),
        ProxyAnswer(
            503,
            [("Content-Type", "application/json")],
            [b'{"kind":"Status","message":"No pod of flask/guestbook is ready."}'],
        ),
    ],
)
def test_an_app_that_is_away_is_a_calm_page(web: Any, away: Any) -> None:
    web.actions.answer = away
    stranger, frame = frame_of(web)
    answer = stranger.get(frame)
    assert answer.status_code == 503
    assert "No pod of flask/guestbook is ready." in answer.text
    assert "not there yet" in answer.text


DENIED = "The cluster denies it: needs create services/proxy <x> in namespace flask."
PAGE = b"<!doctype html><html><head><title>G</title></head><body class=a><h1>Guestbook</h1></body></html>"


def may_only_look(web: Any, page: ProxyAnswer | Refused) -> None:
    """The app may be read; whatever else is asked of it is refused."""
    ask = web.actions.app_request

    def asked(method: str, *more: Any) -> ProxyAnswer:
        web.actions.answer = page if method == "GET" else Refused(DENIED, status=403)
        answer: ProxyAnswer = ask(method, *more)
        return answer

    web.actions.app_request = asked


def test_who_may_not_write_is_told_so_above_the_app(web: Any) -> None:
    closed: list[int] = []
    kind = [("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "a=b")]
    may_only_look(web, ProxyAnswer(200, kind, [PAGE[:40], PAGE[40:]], lambda: closed.append(1)))
    stranger, frame = frame_of(web)
    answer = stranger.post(f"{frame}some/entries", headers={"Origin": "null"}, data={"text": "hi"})
    assert answer.status_code == 403
    assert "Writing is not allowed for this account." in answer.text
    assert "needs create services/proxy &lt;x&gt; in namespace flask" in answer.text
    assert "<h1>Guestbook</h1>" in answer.text
    assert f'<a href="{frame}"' in answer.text
    assert f'<head><base href="{frame}">' in answer.text, "its links lead where they always do"
    assert "Retry-After" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Content-Security-Policy"].startswith("sandbox ")
    assert closed == [1]


@pytest.mark.parametrize(
    "page",
    [
        Refused("No pod is ready.", status=503), ProxyAnswer(200, [("Content-Type", "text/plain")], [b"<body>"]),
        ProxyAnswer(500, [("Content-Type", "text/html")], [PAGE]),
        ProxyAnswer(200, [("Content-Type", "text/html")], [PAGE, b"x" * 1_000_000]),
        ProxyAnswer(200, [("Content-Type", "text/html"), ("Content-Encoding", "gzip")], [PAGE]),
    ],
)  # fmt: skip
def test_who_may_not_write_is_told_so_without_the_app_too(web: Any, page: Any) -> None:
    may_only_look(web, page)
    stranger, frame = frame_of(web)
    answer = stranger.post(f"{frame}entries", headers={"Origin": "null"}, data={"text": "hi"})
    assert answer.status_code == 403
    assert "<h1>Writing is not allowed for this account.</h1>" in answer.text
    assert f'<a href="{frame}">Back to the app</a>' in answer.text
    assert "Guestbook" not in answer.text


def test_the_apps_own_script_that_may_not_write_is_told_so_and_costs_no_second_request(web: Any) -> None:
    may_only_look(web, ProxyAnswer(200, [("Content-Type", "text/html")], [PAGE]))
    stranger, frame = frame_of(web)
    asked = len(web.actions.asked)
    answer = stranger.post(f"{frame}entries", headers={"Origin": "null", "Sec-Fetch-Dest": "empty"}, data={"text": "a"})
    assert answer.status_code == 403
    assert "Guestbook" not in answer.text
    assert len(web.actions.asked) == asked + 1


def test_an_app_that_may_not_be_seen_is_denied_and_not_away(web: Any) -> None:
    web.actions.answer = Refused("The app may not be asked.", status=403)
    stranger, frame = frame_of(web)
    answer = stranger.get(frame)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (403, None)
    assert "The app may not be seen" in answer.text


def test_the_apps_own_script_is_told_what_the_app_said(web: Any) -> None:
    said = b'{"error":"The database does not answer."}'
    web.actions.answer = ProxyAnswer(503, [("Content-Type", "application/json")], [said])
    stranger, frame = frame_of(web)
    answer = stranger.get(f"{frame}api/page", headers={"Sec-Fetch-Dest": "empty"})
    assert (answer.status_code, answer.data) == (503, said)
    assert answer.headers["Access-Control-Allow-Origin"] == "null"


def test_the_apps_own_error_page_is_shown_as_it_is(web: Any) -> None:
    web.actions.answer = ProxyAnswer(503, [("Content-Type", "text/html"), ("Retry-After", "2")], [b"database away"])
    stranger, frame = frame_of(web)
    answer = stranger.get(frame)
    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (503, "database away", "2")


def test_the_key_dies_with_the_session(web: Any, htmx: Any) -> None:
    client = web.signed_in()
    frame = client.get("/app/").headers["Location"]
    client.post("/sign-out", headers=htmx())
    assert web.client().get(frame).status_code == 403


def test_a_preflight_is_answered_for_the_frame_alone(web: Any) -> None:
    stranger, frame = frame_of(web)
    answer = stranger.options(f"{frame}api/entries", headers={"Origin": "null"})
    assert answer.headers["Access-Control-Allow-Origin"] == "null"
    assert web.signed_in().options("/deploy").headers.get("Access-Control-Allow-Origin") is None


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/", "/app/~k/"),
        ("/entries?page=2", "/app/~k/entries?page=2"),
        ("./", "./"),
        ("entries", "entries"),
        ("http://guestbook.flask/entries", "/app/~k/entries"),
        ("//evil.example/x", "/app/~k/x"),
        ("/api/v1/namespaces/flask/services/guestbook:80/proxy/entries", "/app/~k/entries"),
        ("https://127.0.0.1:6443/api/v1/namespaces/flask/services/guestbook/proxy", "/app/~k/"),
    ],
)
def test_redirects_stay_inside_the_frame(location: str, expected: str) -> None:
    assert relocated(location, "/app/~k/") == expected


def test_a_redirect_of_the_app_is_given_to_the_frame_as_one_of_its_own(web: Any) -> None:
    web.actions.answer = ProxyAnswer(303, [("Location", "//evil.example/entries?page=2")], [b""])
    stranger, frame = frame_of(web)
    assert stranger.get(frame).headers["Location"] == f"{frame}entries?page=2"
