"""Both sides: a control that needs more than the person has is off and names the right, and its route says no."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from dashboard.access.capabilities import ROUTES, Capability
from dashboard.access.rights import Rights
from dashboard.web.person import missing

VIEW, LOADTEST, APPLY = Capability.VIEW, Capability.LOADTEST, Capability.APPLY
RIGHTS = {LOADTEST: "create jobs in namespace load", APPLY: "patch deployments in namespace flask"}
BELOW = {LOADTEST: VIEW, APPLY: LOADTEST}
PATHS = (
    "/", "/deploy", "/deploy/flask", "/deploy/plan?bundle=flask", "/deploy/flask/teardown", "/deploy/flask/history/1",
    "/load", "/scaling", "/scaling/repair?plan=yes", "/data", "/limits", "/story", "/runs",
)  # fmt: skip
BLAST = {
    "id": "a1", "state": "running", "title": "own", "variant": "own", "phase": "leaks", "by": "ada", "deaths": [],
    "parties": [], "started_at": "2026-11-23T14:00:00.000Z",
}  # fmt: skip
HOSTILE = '"><script>alert(1)</script>\u202e]-' + "x" * 200


class Controls(HTMLParser):
    """What a page sends: the address of each form or button, and the buttons by which it is sent."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sends: list[tuple[str, list[dict[str, str | None]]]] = []
        self.needing: list[dict[str, str | None]] = []
        self._form: list[dict[str, str | None]] | None = None
        self._without_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "noscript" or self._without_script:
            self._without_script = True
            return
        found = dict(attrs)
        if "data-needs" in found:
            self.needing.append(found)
        where = found.get("hx-post") or (found.get("action") if found.get("method") == "post" else None)
        if tag == "form" and where:
            self._form = []
            self.sends.append((where, self._form))
        elif where:
            self.sends.append((where, [found]))
        if tag == "button" and found.get("type") == "submit" and self._form is not None:
            self._form.append(found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "noscript":
            self._without_script = False


def fill(web: Any, recorded: Callable[..., str]) -> str:
    """Everything that can be pressed is there; the address of a run."""
    web.views.put("connection", "cluster", {"state": "live", "cluster": "local", "since": "2026-11-23T14:00:00Z"})
    swarm = {"id": "k3v9", "state": "running", "target": "guestbook", "users": 1, "target_users": 1}
    web.views.put("swarm", "current", {**swarm, "started_by": "operator"})
    web.views.put("blast", "current", {**BLAST, "by": "ada"})
    web.views.put("deploy", "current", {"state": "applying", "bundle": "flask", "bundles": ["flask"], "steps": []})
    return f"/runs/{recorded()}"


def needs_of(web: Any, path: str) -> Capability:
    endpoint, _ = web.app.url_map.bind("127.0.0.1").match(path.partition("?")[0], method="POST")
    return ROUTES[endpoint]


def changing(web: Any) -> dict[str, str]:
    """Endpoint → address of each route that changes something for a person."""
    found = {}
    for rule in web.app.url_map.iter_rules():
        needed = ROUTES[rule.endpoint]
        if rule.methods - {"GET", "HEAD", "OPTIONS"} and needed in BELOW:
            path = re.sub(r"<(?:\w+:)?(number)>", "1", rule.rule)
            found[rule.endpoint] = re.sub(r"<[^>]+>", "flask", path)
    return found


def test_a_route_is_closed_to_whoever_has_one_capability_less(web: Any, htmx: Any) -> None:
    routes = changing(web)
    assert len(routes) >= 17
    for endpoint, path in routes.items():
        needed = ROUTES[endpoint]
        client = web.signed_in(BELOW[needed])
        answer = client.post(path, headers=htmx())
        assert answer.status_code == 403, endpoint
        assert RIGHTS[needed] in answer.headers["HX-Trigger"], endpoint
        assert web.signed_in(needed).post(path, headers=htmx()).status_code != 403, endpoint
        assert client.post(path, headers=htmx(Accept="application/json")).status_code == 403
    assert all(name not in ("deploy", "teardown") for name, _ in web.actions.asked)


@pytest.mark.parametrize("most", [VIEW, LOADTEST, APPLY], ids=lambda each: each.value)
def test_every_control_of_every_page_is_off_where_its_route_says_no(
    web: Any, recorded: Callable[..., str], most: Capability
) -> None:
    run = fill(web, recorded)
    client = web.signed_in(most, by="system:serviceaccount:surgeboard:surgeboard-viewer")
    seen = set()
    for path in (*PATHS, run):
        answer = client.get(path)
        assert answer.status_code == 200, path
        text = answer.text
        page = Controls(text)
        for where, buttons in page.sends:
            needed = needs_of(web, where)
            if needed not in BELOW:
                continue
            seen.add(where)
            assert buttons, (path, where)
            for button in buttons:
                assert button.get("data-needs") == needed.value, (path, where)
        for control in page.needing:
            needed = Capability(control["data-needs"])
            is_off = needed not in web.session.capabilities
            assert (control.get("aria-disabled") == "true") is is_off, (path, control)
            if is_off:
                assert RIGHTS[needed] in str(control["title"]), (path, control)
                for words in str(control.get("aria-describedby") or "").split():
                    shown = re.search(rf'id="{words}"[^>]*>', text)
                    assert shown is not None, (path, words)
                    assert " hidden" not in shown[0], (path, words)
            elif control.get("data-reason"):
                assert control["data-reason"] not in str(control.get("aria-describedby")).split(), (path, control)
    assert len(seen) >= 12


def test_the_bar_says_who_it_is_what_they_may_and_until_when(web: Any) -> None:
    client = web.signed_in(LOADTEST, by="system:serviceaccount:surgeboard:surgeboard-operator", until=1_795_449_600.0)
    for path in PATHS:
        text = client.get(path).text
        who = text[text.index('<details id="who"') : text.index("</details>", text.index('<details id="who"'))]
        assert 'title="system:serviceaccount:surgeboard:surgeboard-operator"' in who
        assert '<bdi class="who-name">operator</bdi>' in who
        assert "can start load" in who
        assert 'datetime="2026-11-23T16:00:00Z">16:00 UTC</time>' in who
        assert 'hx-post="/sign-out"' in who
        assert '<body data-may="look view loadtest">' in text


def test_on_the_machine_itself_the_bar_is_quiet(web: Any) -> None:
    text = web.signed_in().get("/").text
    assert 'id="who"' not in text
    assert 'id="sign-out"' in text
    assert 'data-may="look view loadtest apply" data-local' in text
    assert "aria-disabled" not in text


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("system:serviceaccount:a:b", "b"), ("system:serviceaccount:a:a-b", "b"), ("system:serviceaccount:a:a-", "a-"),
        ("system:serviceaccount:a:ab", "ab"), ("a-b", "a-b"),
        ("system:serviceaccount:a:b:c", "system:serviceaccount:a:b:c"),
        ("oidc:ada@example.com", "oidc:ada@example.com"), ("operator", "operator"),
    ],
)  # fmt: skip
def test_a_name_is_shortened_only_where_it_is_a_service_account_s(web: Any, name: str, short: str) -> None:
    assert f'<bdi class="who-name">{short}</bdi>' in web.signed_in(VIEW, by=name).get("/").text


def test_a_hostile_name_is_text(web: Any, recorded: Callable[..., str]) -> None:
    run = fill(web, recorded)
    row = {"id": "k3v9", "state": "running", "target": "guestbook", "users": 1, "target_users": 1}
    web.views.put("swarm", "current", {**row, "started_by": HOSTILE})
    web.views.put("blast", "current", {**BLAST, "by": HOSTILE})
    client = web.signed_in(VIEW, by=HOSTILE)
    for path in (*PATHS, run):
        text = client.get(path).text
        assert "<script>alert" not in text
        assert '"><' + "script" not in text
        assert "<bdi>&#34;&gt;&lt;script&gt;" in text
        # What runs the other way turns nothing but the name.
        assert text.count("started by \u2068&#34;&gt;&lt;script&gt;") == 2
    assert client.get("/api/v1/me").json["name"] == HOSTILE


def test_a_right_is_worded_as_the_cluster_s_own_refusals_are(web: Any) -> None:
    rights = Rights("flask")
    for capability, right in RIGHTS.items():
        assert rights.rule(capability).sentence == f"needs {right}"
        assert missing(capability) == f"It needs the right to {right}, which you do not have."


def test_a_page_can_ask_who_looks_at_it(web: Any) -> None:
    client = web.signed_in(VIEW, by="ada", until=1_795_449_600.0)
    answer = client.get("/api/v1/me")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "name": "ada", "can": "can view", "capabilities": ["look", "view"], "read_only": False,
        "runs_out_at": "2026-11-23T16:00:00Z",
        "why": {name.value: f"It needs the right to {right}, which you do not have." for name, right in RIGHTS.items()},
    }  # fmt: skip
    web.session.lacking = {APPLY: "The proxy passes on no token."}
    assert client.get("/api/v1/me").json["why"]["apply"] == "The proxy passes on no token."
    assert web.client().get("/api/v1/me").status_code == 401
