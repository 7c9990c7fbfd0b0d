"""The page that a token is pasted into: only from a form of ours, never in an address, and back to where one was."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from dashboard.access.attempts import Attempts
from dashboard.access.door import Door
from dashboard.access.forwarded import Proxies
from dashboard.access.origins import Origins
from dashboard.access.people import People
from dashboard.access.rechecks import Rechecks
from dashboard.access.rights import Rights
from dashboard.errors import Refused
from dashboard.kube.credential import acting_with
from dashboard.kube.errors import SignInAgain, Unreachable
from dashboard.kube.reviews import Person

FORM = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
HTML = {"Accept": "text/html"}


class Cluster:
    """Levers: `people`, token → name, and `seeing`, who may view; with `doing` they may do the rest."""

    def __init__(self) -> None:
        self.people = {"t-ada": "ada"}
        self.seeing = {"ada"}
        self.down = False
        self.doing = True

    def whose(self, token: str) -> Person | None:
        if self.down:
            raise Unreachable("away")
        return Person(self.people[token]) if token in self.people else None

    def may(self, person: Person, _right: Any) -> bool:
        return person.name in self.seeing

    def may_with(self, _credential: Any, _right: Any) -> bool:
        return self.doing


@pytest.fixture
def cluster(web: Any) -> Cluster:
    made, clock = Cluster(), lambda: web.now
    people = People(made, Rights("flask", ("flask",)), clock)
    rechecks = Rechecks(web.access.sessions, people, clock)
    web.record = []
    web.access._record = lambda *what, **more: web.record.append((what, more))
    web.access.door = Door(web.access.sessions, people, Attempts(clock), rechecks, web.access._record)
    return made


def sign_in(client: Any, pasted: str = "t-ada", headers: Any = FORM, **form: str) -> Any:
    return client.post("/sign-in", data={"token": pasted, **form}, headers=headers)


def test_a_token_becomes_a_cookie(web: Any, cluster: Cluster) -> None:
    client = web.client()
    answer = sign_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "t-ada" not in cookie
    assert client.get("/").status_code == 200


def test_by_https_the_cookie_is_never_sent_without_nor_to_another_host(web: Any, cluster: Cluster, htmx: Any) -> None:
    web.access.origins = web.app.wsgi_app._origins = Origins.of(["https://board.example"])
    client, base = web.client(), {"base_url": "http://board.example"}  # TLS ends before us
    given = client.post("/sign-in", data={"token": "t-ada"}, headers=FORM, **base).headers["Set-Cookie"]
    client.set_cookie("__Host-surgeboard", given.partition("=")[2].partition(";")[0], domain="board.example")
    taken = client.post("/sign-out", headers=htmx(Origin="https://board.example"), **base).headers["Set-Cookie"]
    for cookie in (given, taken):
        assert cookie.startswith("__Host-surgeboard=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_spaces_of_a_terminal_are_no_part_of_it(web: Any, cluster: Cluster) -> None:
    assert sign_in(web.client(), " t-\nada ").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_no_other_page_signs_anybody_in(web: Any, cluster: Cluster, headers: dict[str, str]) -> None:
    answer = sign_in(web.client(), headers=headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_a_token_in_an_address_is_of_no_use(web: Any, cluster: Cluster) -> None:
    client = web.client()
    answer = client.get("/sign-in?token=t-ada", headers=HTML)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert b"t-ada" not in answer.data
    assert client.post("/sign-in?token=t-ada", headers=FORM, data={}).status_code == 403


def test_a_single_use_link_is_none_here(web: Any, cluster: Cluster) -> None:
    url = web.links.renew()
    answer = web.client().get(url[url.index("/sign-in") :], headers=HTML)
    assert "Set-Cookie" not in answer.headers


def test_the_page_tells_what_to_paste_and_is_kept_by_nobody(web: Any, cluster: Cluster) -> None:
    answer = web.client().get("/sign-in", headers=HTML)
    text = re.sub("<[^>]*>", "", answer.text)
    assert "kubectl -n surgeboard create token surgeboard-operator" in text
    assert "kubectl -n surgeboard create token surgeboard-viewer" in text
    assert b'type="password"' in answer.data
    assert b"<script" not in answer.data
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_refusal_says_nothing_of_why_and_repeats_nothing(web: Any, cluster: Cluster) -> None:
    answer = sign_in(web.client(), "some-wrong-token")
    assert answer.status_code == 403
    assert b"not accepted" in answer.data
    assert b"some-wrong-token" not in answer.data


def test_who_may_not_view_gets_the_role_to_ask_for(web: Any, cluster: Cluster) -> None:
    cluster.seeing.clear()
    answer = sign_in(web.client())
    assert answer.status_code == 403
    assert b"needs list pods in namespace flask" in answer.data
    assert b"kind: RoleBinding" in answer.data


def test_a_cluster_that_is_away_is_said_so(web: Any, cluster: Cluster) -> None:
    cluster.down = True
    answer = sign_in(web.client())
    assert answer.status_code == 503
    assert b"could not be reached" in answer.data


def test_too_many_failures_are_told_when_to_come_again(web: Any, cluster: Cluster) -> None:
    client = web.client()
    for _ in range(10):
        sign_in(client, "wrong")
    answer = sign_in(client)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 901


def test_links_are_limited_alike(web: Any) -> None:
    client = web.client()
    for _ in range(10):
        assert client.get("/sign-in?token=wrong").status_code == 403
    answer = client.get("/sign-in?token=wrong", headers=HTML)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_coming_in_by_a_link_is_recorded_too(web: Any) -> None:
    record: list[dict[str, Any]] = []
    web.access._record = lambda action, **more: record.append({"action": action, **more})
    web.client().get("/sign-in?token=wrong")
    web.signed_in()
    refused, accepted = record
    assert (refused["outcome"], refused["from"]) == ("refused", "127.0.0.1")
    assert (accepted["by"], accepted["outcome"]) == ("operator", "accepted")
    assert "wrong" not in repr(record)


def test_a_picture_on_somebodys_page_uses_up_nothing(web: Any) -> None:
    client = web.client()
    for _ in range(20):
        assert client.get("/sign-in?token=wrong", headers={"Sec-Fetch-Dest": "image"}).status_code == 403
    url = web.links.renew()
    assert client.get(url[url.index("/sign-in") :]).status_code == 303


@pytest.mark.parametrize("way", ["/scaling", "/runs?tag=a&text=b", "/story?kind=swarm"])
def test_one_comes_back_to_where_one_was_going(web: Any, cluster: Cluster, way: str) -> None:
    client = web.client()
    asked = client.get(way, headers=HTML)
    assert asked.status_code == 401
    assert f'name="next" value="{way}"'.replace("&", "&amp;").encode() in asked.data
    assert sign_in(client, next=way).headers["Location"] == way


@pytest.mark.parametrize(
    "way",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "/%0d%0aX: y\r\nSet-Cookie: a",
        "javascript:alert(1)", "evil.example", "", "/sign-out", "/app/~key/", "/x" * 1000, "///evil.example", "//[",
    ],
)  # fmt: skip
def test_one_is_never_led_elsewhere(web: Any, cluster: Cluster, way: str) -> None:
    assert sign_in(web.client(), next=way).headers["Location"] == "/"


def test_a_page_that_was_open_is_led_to_the_door_and_back(web: Any, cluster: Cluster, htmx: Any) -> None:
    answer = web.client().post("/swarm/stop", headers=htmx(**{"HX-Current-URL": "http://127.0.0.1:8080/load?x=1"}))
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?ended=1&next=%2Fload%3Fx%3D1"


@pytest.mark.parametrize("way", ["/load", "/runs?tag=a&text=b"])
def test_an_open_page_whose_session_ends_has_the_way_back_to_itself(web: Any, cluster: Cluster, way: str) -> None:
    client = web.client()
    sign_in(client)
    found = re.search(r'id="sign-in-again" href="([^"]+)"', client.get(way).text)
    assert found
    door = web.client().get(html.unescape(found[1]), headers=HTML).text
    assert "Your sign-in has ended." in door
    assert f'name="next" value="{html.escape(way)}"' in door


def test_a_right_that_is_gone_is_noticed_when_the_cluster_says_no(web: Any, cluster: Cluster, htmx: Any) -> None:
    client = web.client()
    sign_in(client)
    cluster.doing = False
    assert "loadtest" in client.get("/api/v1/me").json["capabilities"], "nobody has been asked yet"
    web.actions.refuse = Refused("The cluster does not allow it.", status=403)
    assert client.post("/swarm/stop", headers=htmx()).status_code == 403
    assert client.get("/api/v1/me").json["capabilities"] == ["look", "view"]


def test_a_token_that_ends_in_the_middle_leads_to_the_door(web: Any, cluster: Cluster, htmx: Any) -> None:
    client = web.client()
    sign_in(client)
    web.actions.refuse = SignInAgain("The cluster does not take the token of ada any more.")
    del cluster.people["t-ada"]
    answer = client.post("/swarm/stop", headers=htmx(**{"HX-Current-URL": "http://127.0.0.1:8080/load"}))
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/sign-in?ended=1")
    assert client.get("/").status_code == 401


def test_a_refused_token_of_somebody_still_known_is_told_and_ends_nothing(
    web: Any, cluster: Cluster, htmx: Any
) -> None:
    client = web.client()
    sign_in(client)
    web.actions.refuse = SignInAgain("Sign in again, please.")
    answer = client.post("/swarm/stop", headers=htmx())
    assert answer.status_code == 401
    assert "Sign in again, please." in answer.headers["HX-Trigger"]
    assert client.get("/").status_code == 200


def test_signing_in_again_leaves_no_session_behind(web: Any, cluster: Cluster) -> None:
    client = web.client()
    sign_in(client)
    (first,) = web.access.sessions.open_now()
    sign_in(client)
    (second,) = web.access.sessions.open_now()
    assert first.id != second.id
    assert first.held.read() is None


def test_signing_out_forgets_the_token_and_is_recorded(web: Any, cluster: Cluster, htmx: Any) -> None:
    client = web.client()
    sign_in(client)
    (session,) = web.access.sessions.open_now()
    assert client.post("/sign-out", headers=htmx()).status_code == 200
    assert session.held.read() is None
    assert (("sign-out",), {"by": "ada", "outcome": "done"}) in web.record
    assert b"Sign in again" in client.get("/signed-out").data


def test_the_way_out_says_truly_what_becomes_of_a_swarm(web: Any, cluster: Cluster) -> None:
    text = web.client().get("/signed-out").text
    assert "a swarm that you started runs to its planned end" in text
    assert "ends by itself" not in text


def test_a_page_that_asks_who_one_is_has_nobody_reviewed(web: Any, cluster: Cluster) -> None:
    client = web.client()
    sign_in(client)
    asked: list[str] = []
    whose = cluster.whose
    cluster.whose = lambda token: asked.append(token) or whose(token)  # type: ignore[method-assign,func-returns-value]
    for _ in range(3):
        web.now += 20
        assert client.get("/api/v1/me").status_code == 200
    assert asked == []


def test_a_request_is_made_with_the_persons_credential_and_the_next_one_is_not(web: Any, cluster: Cluster) -> None:
    seen: list[Any] = []
    real = web.actions.bundles
    web.actions.bundles = lambda: seen.append(acting_with.get()) or real()
    client = web.client()
    sign_in(client)
    client.get("/deploy")
    assert seen
    assert {each.by for each in seen} == {"ada"}
    assert acting_with.get() is None


@pytest.fixture
def behind(web: Any, cluster: Cluster) -> Any:
    """A browser whose requests come through a proxy at 10.1.2.3 that says who it is."""
    web.access.door.by_proxy = True
    web.app.wsgi_app._proxies = Proxies.of(["10.1.2.0/24"], tell_who=True)

    def get(path: str, *, peer: str = "10.1.2.3", method: str = "GET", **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.client().open(path, method=method, headers=HTML | named, environ_overrides={"REMOTE_ADDR": peer})

    return get


def test_whom_the_proxy_names_is_in_without_a_form_or_a_cookie(behind: Any) -> None:
    answer = behind("/", X_Forwarded_User="ada")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_whom_anybody_else_names_is_not(behind: Any) -> None:
    answer = behind("/", peer="10.9.9.9", X_Forwarded_User="ada")
    assert answer.status_code == 401
    assert b"<form" not in answer.data


def test_without_a_token_of_theirs_nobody_changes_anything(web: Any, behind: Any) -> None:
    answer = behind(
        "/swarm/stop", method="POST", X_Forwarded_User="ada", HX_Request="true", Sec_Fetch_Site="same-origin"
    )
    assert answer.status_code == 403
    assert "no token" in answer.headers["HX-Trigger"]
    assert web.actions.asked == []


def test_with_one_they_change_what_they_may(web: Any, behind: Any) -> None:
    answer = behind(
        "/swarm/stop", method="POST", X_Forwarded_User="ada@x", Authorization="Bearer t-ada", HX_Request="true",
        Sec_Fetch_Site="same-origin",
    )  # fmt: skip
    assert answer.status_code == 200
    assert web.actions.asked == [("stop_swarm", ("ada",))]


def test_another_page_uses_nobody_behind_a_proxy(web: Any, behind: Any) -> None:
    answer = behind(
        "/swarm/stop", method="POST", X_Forwarded_User="ada", X_Forwarded_Access_Token="t-ada",
        Sec_Fetch_Site="cross-site",
    )  # fmt: skip
    assert answer.status_code == 403
    assert web.actions.asked == []


def test_who_may_not_view_is_told_behind_a_proxy_too(behind: Any, cluster: Cluster) -> None:
    cluster.seeing.clear()
    answer = behind("/", X_Forwarded_User="ada")
    assert answer.status_code == 403
    assert b"kind: Role" in answer.data


def test_there_is_no_form_to_post_to_behind_a_proxy(web: Any, behind: Any) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded", "Sec_Fetch_Mode": "navigate"}
    answer = behind("/sign-in", method="POST", Sec_Fetch_Site="same-origin", **form)
    assert answer.status_code == 405
    assert b"<form" not in answer.data
    assert behind("/sign-in?next=/scaling").headers["Location"] == "/scaling"
