"""By a share link there is Present mode and nothing else: how one comes in, what one sees, how it ends."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import request

from dashboard.access.capabilities import ROUTES, Capability
from dashboard.access.origins import Origins
from dashboard.access.share_links import ShareLinks
from dashboard.audit import Audit
from dashboard.logs import formatter
from dashboard.web.share.fresh import Fresh, Made

FORM = {"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
OURS = {"HTTP_HOST": "127.0.0.1:8080", "HTTP_ORIGIN": "http://127.0.0.1:8080"}
CANARY = "Canary-Alice-10.1.2.3"


def token_of(web: Any, *, hours: int = 8) -> str:
    return str(web.shares.make(label="Monday", hours=hours, by="operator")[1])


def make(client: Any, label: str = "a") -> Any:
    """The page that is shown after a link was made."""
    answer = client.post("/share", headers=FORM, data={"label": label, "hours": "8"})
    assert (answer.status_code, answer.headers["Location"], answer.text.count("/s/")) == (303, "/share", 0)
    return client.get("/share")


def looking_on(web: Any) -> Any:
    client = web.client()
    assert client.get(f"/s/{token_of(web)}").status_code == 303
    return client


def cookies_of(client: Any) -> str:
    return "; ".join(f"{each.key}={each.value}" for each in client._cookies.values())


def secret_of(client: Any) -> str:
    return str(client.get_cookie("surgeboard-8080", domain="127.0.0.1").value)


def fill(web: Any) -> None:
    """Rows with a canary in every text of every view that is there, listed or not."""
    base = {
        "uid": "u1", "namespace": "flask", "name": "guestbook", "kind": "Deployment", "state": "running",
        "workload": {"kind": "Deployment", "name": "guestbook", "uid": "u1"}, "hpa": {"namespace": "flask"},
        "object": {"kind": "Node", "namespace": None, "name": CANARY}, "min": 1, "max": 8, "t": "2026-11-23T14:03:00Z",
        "target": {"kind": "Deployment", "name": "guestbook"}, "replicas": 1,
    }  # fmt: skip
    texts = ("detail", "server", "sentence", "text", "reason", "advice", "error", "started_by", "by", "ip", "node",
             "unschedulable", "word", "short", "role", "profile", "cluster", "url", "env", "args", "logs")  # fmt: skip
    views = ("connection", "stack", "swarm", "samples", "hpas", "workloads", "pods", "pod_spans", "why", "flags",
             "story", "deploy", "app", "data", "limits", "oom", "blast", "pipeline", "brand_new")  # fmt: skip
    for view in views:
        for key in ("cluster", "current", "health", "u1", "1000"):
            row: dict[str, Any] = {**base, **dict.fromkeys(texts, CANARY)}
            if view in ("flags", "story"):
                row["kind"] = "oom"
            if view == "samples":
                row = {"t": 1000, "users": 3}
            web.views.put(view, key, {**row, "rule": {"sentence": CANARY, "yaml": CANARY}, "containers": [CANARY]})


def test_a_link_leads_to_present_mode_by_a_cookie_of_its_own(web: Any) -> None:
    client, token = web.client(), token_of(web)
    answer = client.get(f"/s/{token}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/present")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("surgeboard-8080-share=")
    assert token not in cookie, "the link itself would work for longer than this browser, and for others"
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=28800" in cookie
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/present").status_code == 200


def test_by_https_its_cookie_is_never_sent_without(web: Any) -> None:
    web.access.origins = web.app.wsgi_app._origins = Origins.of(["https://board.example"])
    cookie = web.client().get(f"/s/{token_of(web)}", base_url="http://board.example").headers["Set-Cookie"]
    assert cookie.startswith("__Host-surgeboard-share=")
    assert {"Secure", "Path=/"} <= set(cookie.split("; "))


def test_a_link_works_for_many_and_a_preview_opens_nothing(web: Any) -> None:
    token = token_of(web)
    for options in ({"method": "HEAD"}, {"headers": {"Sec-Purpose": "prefetch"}}):
        answer = web.client().open(f"/s/{token}", **options)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (204, False)
    assert web.client().get(f"/s/{token}", headers={"Sec-Fetch-Dest": "image"}).status_code == 403
    for _ in range(3):
        assert web.client().get(f"/s/{token}").status_code == 303


def test_every_other_page_is_closed_to_a_shared_browser(web: Any, htmx: Any) -> None:
    client = looking_on(web)
    for rule in web.app.url_map.iter_rules():
        needs = ROUTES[rule.endpoint]
        if needs in (Capability.PUBLIC, Capability.LOOK):
            continue
        path = re.sub(r"<[^>]*>", "1", rule.rule)
        for method in rule.methods - {"OPTIONS"}:
            assert client.open(path, method=method, headers=htmx()).status_code == 403, (method, path)
    assert web.actions.asked == []
    assert client.get("/api/v1/state").status_code == 403


def test_present_mode_holds_nothing_that_is_not_shared(web: Any) -> None:
    fill(web)
    for client in (looking_on(web), web.signed_in()):
        answer = client.get("/present")
        text = answer.text
        assert answer.status_code == 200
        assert "guestbook" in text
        assert "Canary" not in text
        assert "10.1.2.3" not in text
    assert "Canary" in web.signed_in().get("/api/v1/state").text, "else this proves nothing"


def test_present_mode_has_nothing_that_writes(web: Any) -> None:
    text = web.signed_in().get("/present").text
    assert "<form" not in text
    assert "hx-post" not in text
    assert "htmx.min.js" not in text


def test_a_shared_browser_is_not_offered_what_it_may_not(web: Any) -> None:
    shared, full = looking_on(web).get("/present").text, web.signed_in().get("/present").text
    for words in ("Back to the Stage", "Share…"):
        assert words not in shared
        assert words in full
    viewer = web.signed_in(Capability.VIEW).get("/present").text
    assert "Share…" not in viewer


def test_a_link_never_takes_the_place_of_a_fuller_session(web: Any) -> None:
    client = web.signed_in()
    answer = client.get(f"/s/{token_of(web)}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/present")
    assert "Set-Cookie" not in answer.headers
    assert client.get("/").status_code == 200


def test_signing_in_wins_over_a_link_opened_before(web: Any) -> None:
    client = looking_on(web)
    url = web.links.renew()
    client.get(url[url.index("/sign-in") :])
    assert client.get("/").status_code == 200
    assert web.access.authorize({**OURS, "HTTP_COOKIE": cookies_of(client)}).by == "operator"


@pytest.mark.parametrize("how", ["revoked", "run out"])
def test_the_session_and_its_sockets_end_with_the_link(web: Any, how: str) -> None:
    client = looking_on(web)
    environ = {**OURS, "HTTP_COOKIE": cookies_of(client)}
    assert web.access.authorize(environ).capabilities == frozenset({Capability.LOOK})
    if how == "revoked":
        web.shares.revoke(web.shares.listing()[0].id, by="operator")
    else:
        web.now += 8 * 3600
    assert web.access.authorize(environ) is None, "a socket that was let in is asked again by this"
    assert client.get("/present").status_code == 401


@pytest.mark.parametrize("foreign", [{"HTTP_ORIGIN": "http://evil.test"}, {"HTTP_HOST": "evil.test"}])
def test_a_socket_of_a_link_comes_from_our_own_page_too(web: Any, foreign: dict[str, str]) -> None:
    cookies = cookies_of(looking_on(web))
    assert web.access.authorize({**OURS, "HTTP_COOKIE": cookies}) is not None
    assert web.access.authorize({**OURS, **foreign, "HTTP_COOKIE": cookies}) is None


def test_a_wrong_link_is_told_and_counts_but_not_against_who_signs_in(web: Any) -> None:
    client = web.client()
    for _ in range(10):
        answer = client.get("/s/" + "x" * 43)
        assert answer.status_code == 404
        assert "does not work" in answer.text
    assert client.get("/s/" + "x" * 43).status_code == 429
    assert client.get(f"/s/{token_of(web)}").status_code == 429
    url = web.links.renew()
    assert web.client().get(url[url.index("/sign-in") :]).status_code == 303


def test_right_links_do_not_count(web: Any) -> None:
    token = token_of(web)
    assert {web.client().get(f"/s/{token}").status_code for _ in range(30)} == {303}


def test_a_link_s_browsers_have_a_pace_of_their_own(web: Any) -> None:
    client, other = looking_on(web), looking_on(web)
    seen = [client.get("/present").status_code for _ in range(305)]
    assert set(seen) == {200, 429}
    assert other.get("/present").status_code == 200
    assert web.signed_in().get("/present").status_code == 200


def test_a_link_is_made_listed_and_revoked_without_a_script(web: Any) -> None:
    client = web.signed_in()
    made = make(client, "Monday's <demo>")
    assert made.headers["Cache-Control"] == "no-store"
    url = re.search(r'value="(http://[^"]+/s/[\w-]{43})"', made.text)
    assert url is not None
    assert "Monday&#39;s &lt;demo&gt;" in made.text
    listed = client.get("/share").text
    assert "Monday&#39;s &lt;demo&gt;" in listed
    assert "/s/" not in listed, "it is shown once"
    assert web.client().get(url[1].removeprefix("http://127.0.0.1:8080")).status_code == 303
    action = re.search(r'action="(/share/[0-9a-f]{8}/revoke)"', listed)
    assert action is not None
    assert client.post(action[1], headers=FORM, data={"yes": ""}).headers["Location"] == "/share"
    assert web.client().get(url[1].removeprefix("http://127.0.0.1:8080")).status_code == 404
    assert client.post(action[1], headers=FORM, data={"yes": ""}).status_code == 404


def test_reloading_the_page_of_a_fresh_link_makes_no_second_one(web: Any) -> None:
    client = web.signed_in()
    assert 'id="made"' in make(client).text
    assert 'id="made"' not in client.get("/share").text
    assert [each.label for each in web.shares.listing()] == ["a"]


def test_a_fresh_link_is_shown_to_whoever_made_it_and_not_to_a_look_ahead(web: Any) -> None:
    client, other = web.signed_in(), web.signed_in()
    answer = client.post("/share", headers=FORM, data={"label": "a", "hours": "8"})
    assert answer.status_code == 303
    client.head("/share")
    assert 'id="made"' not in client.get("/share", headers={"Sec-Purpose": "prefetch"}).text
    assert 'id="made"' not in other.get("/share").text
    assert 'id="made"' in client.get("/share").text


def test_a_fresh_link_is_not_kept_for_long() -> None:
    now = 0.0
    fresh = Fresh(steady=lambda: now)
    fresh.put("s1", Made("http://x/s/token", "a", is_here=True))
    assert "token" not in repr(vars(fresh))
    now = 61.0
    assert fresh.take("s1") is None
    fresh.put("s2", Made("http://x/s/token", "of somebody who never looked", is_here=True))
    now = 122.0
    fresh.put("s3", Made("http://x/s/token", "a", is_here=True))
    assert "never looked" not in repr(vars(fresh))


@pytest.mark.parametrize("most", [Capability.LOOK, Capability.VIEW, Capability.LOADTEST])
def test_only_whoever_may_apply_makes_links(web: Any, most: Capability) -> None:
    client = web.signed_in(most)
    assert client.get("/share").status_code == 403
    assert client.post("/share", headers=FORM, data={"label": "a", "hours": "8"}).status_code == 403
    assert web.shares.listing() == []


def test_no_other_page_makes_or_revokes_a_link(web: Any) -> None:
    client = web.signed_in()
    token_of(web)
    link_id = web.shares.listing()[0].id
    for headers in ({}, {**FORM, "Origin": "http://evil.test", "Sec-Fetch-Site": "cross-site"}):
        assert client.post("/share", headers=headers, data={"label": "a", "hours": "8"}).status_code == 403
        assert client.post(f"/share/{link_id}/revoke", headers=headers).status_code == 403
    assert len(web.shares.listing()) == 1


@pytest.mark.parametrize(
    "form", [{"label": "", "hours": "8"}, {"label": "a", "hours": "169"}, {"label": "a", "hours": "x"}]
)
def test_a_refused_link_is_told_beside_the_form(web: Any, form: dict[str, str]) -> None:
    answer = web.signed_in().post("/share", headers=FORM, data=form)
    assert answer.status_code == 422
    assert 'class="refusal"' in answer.text


def test_nothing_makes_links_where_nothing_may_be_changed(read_only_web: Any) -> None:
    token = token_of(read_only_web)
    client = read_only_web.signed_in()
    assert client.post("/share", headers=FORM, data={"label": "a", "hours": "8"}).status_code in (403, 405)
    assert client.get("/share").status_code == 403
    assert len(read_only_web.shares.listing()) == 1
    assert read_only_web.client().get(f"/s/{token}").status_code == 404, "nobody could revoke it"


def test_a_broken_file_is_told_where_links_are_made(web: Any, tmp_path: Path) -> None:
    (tmp_path / "share-links.json").write_text("{")
    web.access.shares = ShareLinks(tmp_path)
    text = web.signed_in().get("/share").text
    assert "No share link works" in text
    assert str(tmp_path / "share-links.json") in text


def test_neither_logs_nor_the_record_hold_a_link(web: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    audit = Audit(tmp_path / "audit.jsonl", now=lambda: datetime(2026, 11, 23, tzinfo=UTC))
    web.access.shares = ShareLinks(tmp_path, clock=lambda: web.now, record=audit.write)
    client = web.signed_in()
    with caplog.at_level(logging.DEBUG):
        made = make(client).text
        found = re.search(r"/s/([\w-]{43})", made)
        assert found is not None
        token = found[1]
        visitor = web.client()
        visitor.get(f"/s/{token}")
        # A route that breaks tells its address; so does gunicorn of a request it cannot read.
        logging.getLogger("dashboard.web.errors").error("a route failed: %s %s", "GET", f"/s/{token}")
        logging.getLogger("gunicorn.error").warning("Invalid request from ip=1.2.3.4: GET /s/%s?x=1", token)
    for form in ("text", "json"):
        written = "\n".join(formatter(form).format(each) for each in caplog.records)
        assert "a route failed" in written
        assert token not in written
    record = audit.path.read_text()
    assert token not in record
    assert [json.loads(line)["action"] for line in record.splitlines()] == ["share link make"]


def test_an_ended_link_is_told_apart_from_a_missing_sign_in(web: Any) -> None:
    client = looking_on(web)
    web.now += 9 * 3600
    answer = client.get("/present")
    assert answer.status_code == 401
    assert "share link" in answer.text


@pytest.mark.parametrize(
    ("urls", "came_by", "handed_out"),
    [
        (["https://surgeboard.example.com"], "surgeboard.example.com", "https://surgeboard.example.com/s/"),
        (["https://surgeboard.example.com"], "surgeboard.example.com:443", "https://surgeboard.example.com/s/"),
        (["http://localhost:8080", "https://x.example:8443"], "x.example:8443", "https://x.example:8443/s/"),
        (["http://localhost:8080", "http://a.example", "https://x.example"], "localhost:8080", "https://x.example/s/"),
        (["http://10.1.2.3:30081"], "10.1.2.3:30081", "http://10.1.2.3:30081/s/"),
        (["http://localhost:8080"], "localhost:8080", "http://localhost:8080/s/"),
    ],
)
def test_a_link_is_handed_out_by_the_address_that_people_use(
    web: Any, urls: list[str], came_by: str, handed_out: str
) -> None:
    """TLS ends before us, so what arrives here is plain http whatever the browser asked for."""
    client = web.signed_in()
    web.access.origins = web.app.wsgi_app._origins = origins = Origins.of(urls)
    cookie = web.access.cookie({"HTTP_HOST": came_by}).name
    own = next(each for each in sorted(origins.origins, reverse=True) if came_by in Origins.of([each]).hosts)
    there = web.client()
    there.set_cookie(cookie, secret_of(client), domain=came_by.partition(":")[0])
    answer = there.post(
        "/share", base_url=f"http://{came_by}", headers={**FORM, "Origin": own}, data={"label": "Monday", "hours": "8"}
    )
    assert answer.status_code == 303, answer.text
    answer = there.get("/share", base_url=f"http://{came_by}")
    assert re.search(r"https?://[^\"<\s]*/s/", answer.text)[0] == handed_out  # type: ignore[index]


def test_every_address_that_is_made_has_the_scheme_people_use(web: Any) -> None:
    seen: list[str] = []

    @web.app.before_request
    def look() -> None:
        seen.append(request.host_url)

    web.access.origins = web.app.wsgi_app._origins = Origins.of(["https://surgeboard.example.com", "http://x:8080"])
    for base in ("http://surgeboard.example.com", "http://x:8080"):
        web.client().get("/healthz", base_url=base, headers={"X-Forwarded-Proto": "gopher"})
    assert seen == ["https://surgeboard.example.com/", "http://x:8080/"]


def test_a_read_only_dashboard_takes_no_share_link(read_only_web: Any) -> None:
    """There nobody could list or revoke them, not even those that were made before."""
    web = read_only_web
    _link, token = web.shares.make(label="before", hours=8, by="operator")
    cookie = web.shares.enter(token)
    client = web.client()
    refused = [client.get(f"/s/{token}")]
    client.set_cookie("surgeboard-8080-share", cookie, domain="127.0.0.1")
    refused.append(client.get("/present"))
    assert [each.status_code for each in refused] == [404, 401]
    for each in refused:
        assert "read-only: share links do not work here" in each.text, "it has not run out, and was not revoked"
        assert "for a new one" not in each.text, "there is none to be had"
    assert web.access.authorize({**OURS, "HTTP_COOKIE": f"surgeboard-8080-share={cookie}"}) is None
