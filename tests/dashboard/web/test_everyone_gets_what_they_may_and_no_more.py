"""Every route, every method, everybody there can be: the answer is 401, 403 or the route's own, as the table says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from dashboard.access.capabilities import PERSONS, ROUTES, Capability, up_to

PUBLIC = frozenset(
    {"static", "health.healthz", "health.readyz", "health.metrics", "sign_in.sign_in", "sign_in.signed_out",
     "share.enter"}
)  # fmt: skip
FRAME = frozenset({"app_frame.relay"})
LOOK = frozenset({"present.page"})
COMPUTING = frozenset({"sign_in.sign_out", "load.preview", "deploy_api.plan", "deploy.plan", "what_if.answer"})
"""What a viewer may send besides GET: these change nothing of the cluster."""
LOADTEST = frozenset(
    {"limits.plan_blast", "limits.start_blast", "limits.stop_blast", "runs.rename", "runs.note", "runs.tag",
     "runs.delete", "operations.plan_swarm", "operations.start_swarm", "operations.set_swarm_users",
     "operations.stop_swarm"}
)  # fmt: skip
APPLY = frozenset(
    {"data.plan_kill", "data.kill_primary", "operations.deploy", "operations.roll_back", "operations.cancel_deploy",
     "operations.teardown", "share.listing", "share.make", "share.revoke"}
)  # fmt: skip
"""Said a second time on purpose: whoever makes a route easier to reach has to say so here too."""

PARTS = {"key": "wrong", "bundle": "flask", "number": "1", "filename": "js/main.js", "path": "x"}
SAFE = {"GET", "HEAD", "OPTIONS"}
REFUSED = {401, 403}


def expected(endpoint: str) -> Capability:
    """What an endpoint has to need."""
    groups = {Capability.PUBLIC: PUBLIC, Capability.FRAME: FRAME, Capability.LOOK: LOOK,
              Capability.LOADTEST: LOADTEST, Capability.APPLY: APPLY}  # fmt: skip
    return next((capability for capability, names in groups.items() if endpoint in names), Capability.VIEW)


def address(rule: Rule, *, key: str = "wrong") -> str:
    """An address of the rule."""
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda m: {**PARTS, "key": key}.get(m[1], "x"), rule.rule)


def calls(web: Any) -> Iterator[tuple[Rule, str]]:
    """Every rule with each of its methods."""
    for rule in web.app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD"}):
            if method != "OPTIONS" or not rule.provide_automatic_options:
                yield rule, method


def client_of(web: Any, capability: Capability | None) -> tuple[FlaskClient, str]:
    """A browser signed in with `capability` (None: with none at all), and its key of the frame."""
    client = web.signed_in()
    session = web.access.session_of({"HTTP_COOKIE": _cookie(web, client)})
    session.capabilities = up_to(capability) if capability else frozenset()
    session.share = "a-link" if capability is Capability.LOOK else None
    return client, session.frame_key


def _cookie(web: Any, client: FlaskClient) -> str:
    cookie = client.get_cookie(web.access.cookie_name, domain="127.0.0.1")
    assert cookie is not None
    return f"{cookie.key}={cookie.value}"


def answered(client: FlaskClient, rule: Rule, method: str, headers: dict[str, str], *, key: str = "wrong") -> int:
    with client.open(address(rule, key=key), method=method, headers=headers) as answer:
        return int(answer.status_code)


def test_every_route_needs_what_it_has_to(web: Any) -> None:
    assert {name: ROUTES[name] for name in ROUTES} == {name: expected(name) for name in ROUTES}


def test_what_is_changed_needs_more_than_looking(web: Any) -> None:
    changing = {rule.endpoint for rule, method in calls(web) if method not in SAFE}
    open_to_viewers = changing - LOADTEST - APPLY - FRAME - PUBLIC
    assert open_to_viewers <= COMPUTING


@pytest.mark.parametrize("who", ["nobody", "expired", "signed out"])
def test_without_a_session_there_is_nothing_but_what_is_public(
    web: Any, htmx: Callable[..., dict[str, str]], who: str
) -> None:
    client = web.client() if who == "nobody" else web.signed_in()
    if who == "expired":
        web.now += 25 * 3600
    if who == "signed out":
        client.post("/sign-out", headers=htmx())
    for rule, method in calls(web):
        status = answered(client, rule, method, htmx())
        needs = expected(rule.endpoint)
        if needs is Capability.PUBLIC:
            assert status != 401, (rule.rule, method)
        else:
            assert status == (403 if needs is Capability.FRAME else 401), (rule.rule, method, status)
    assert web.actions.asked == []


@pytest.mark.parametrize("capability", [None, *PERSONS])
def test_with_a_capability_there_is_what_it_includes_and_no_more(
    web: Any, htmx: Callable[..., dict[str, str]], capability: Capability | None
) -> None:
    rows = [(rule.endpoint, rule, method) for rule, method in calls(web)]
    may = up_to(capability) if capability else frozenset()
    for endpoint, rule, method in rows:
        needs = expected(endpoint)
        if needs is Capability.PUBLIC or endpoint == "sign_in.sign_out":
            continue
        client, key = client_of(web, capability)
        web.actions.asked.clear()
        status = answered(client, rule, method, htmx(), key=key)
        wanted = Capability.VIEW if needs is Capability.FRAME else needs
        if wanted in may:
            assert status not in REFUSED, (rule.rule, method, status)
            assert status < 500, (rule.rule, method, status)
        else:
            assert status == 403, (rule.rule, method, status)
            assert web.actions.asked == [], (rule.rule, method)


def test_the_key_of_a_frame_opens_nothing_but_the_frame(web: Any, htmx: Callable[..., dict[str, str]]) -> None:
    _, key = client_of(web, Capability.APPLY)
    stranger = web.client()
    opened = {rule.endpoint for rule, method in calls(web) if answered(stranger, rule, method, htmx(), key=key) < 400}
    assert opened & (set(ROUTES) - PUBLIC) == FRAME
