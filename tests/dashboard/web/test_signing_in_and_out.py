"""The link is exchanged for a cookie once; the cookie is as closed as loopback allows; signing out ends it."""

from __future__ import annotations

from typing import Any


def path_of(url: str) -> str:
    return url[url.index("/sign-in") :]


def test_it_exchanges_a_link_once(web: Any) -> None:
    path = path_of(web.links.renew())
    first = web.client().get(path)
    assert (first.status_code, first.headers["Location"]) == (303, "/")
    cookie = first.headers["Set-Cookie"]
    assert cookie.startswith("surgeboard-8080=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    second = web.client().get(path)
    assert second.status_code == 403
    assert b"surgeboard url" in second.data
    assert "Set-Cookie" not in second.headers


def test_a_preview_does_not_use_up_the_link(web: Any) -> None:
    path = path_of(web.links.renew())
    assert web.client().head(path).status_code == 204
    assert web.client().get(path, headers={"Sec-Purpose": "prefetch"}).status_code == 204
    assert web.client().get(path).status_code == 303


def test_a_picture_on_somebodys_page_neither_uses_up_the_link_nor_counts_as_a_failure(web: Any) -> None:
    path = path_of(web.links.renew())
    for tried in [path, *["/sign-in?token=wrong"] * 20]:
        assert web.client().get(tried, headers={"Sec-Fetch-Dest": "image"}).status_code == 403
    assert web.client().get(path).status_code == 303


def test_a_stranger_is_told_how_to_come_in(web: Any) -> None:
    answer = web.client().get("/")
    assert answer.status_code == 401
    assert b"surgeboard url" in answer.data


def test_a_program_is_told_in_json(web: Any) -> None:
    answer = web.client().get("/api/v1/state")
    assert answer.status_code == 401
    assert answer.json["error"] == "Signed out"


def test_signing_out_ends_the_session_and_its_sockets(web: Any, htmx: Any) -> None:
    closed: list[str] = []
    web.access.sessions.on_close(closed.append)
    client = web.signed_in()
    answer = client.post("/sign-out", headers=htmx())
    assert answer.headers["HX-Redirect"] == "/signed-out"
    assert len(closed) == 1
    assert client.get("/").status_code == 401
    assert client.get("/signed-out").status_code == 200


def test_a_socket_is_authorized_by_cookie_and_origin_together(web: Any) -> None:
    client = web.signed_in()
    cookie = client.get_cookie("surgeboard-8080", domain="127.0.0.1").value
    environ = {"HTTP_HOST": "127.0.0.1:8080", "HTTP_COOKIE": f"surgeboard-8080={cookie}"}
    assert web.access.authorize({**environ, "HTTP_ORIGIN": "http://127.0.0.1:8080"}).by == "operator"
    assert web.access.authorize(environ) is None
    assert web.access.authorize({**environ, "HTTP_ORIGIN": "http://evil.example"}) is None
    assert web.access.authorize({"HTTP_HOST": "127.0.0.1:8080", "HTTP_ORIGIN": "http://127.0.0.1:8080"}) is None
    web.now += 9 * 3600
    assert web.access.authorize({**environ, "HTTP_ORIGIN": "http://127.0.0.1:8080"}) is None
