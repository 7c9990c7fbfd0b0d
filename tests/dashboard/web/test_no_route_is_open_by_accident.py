"""Every route names what it needs, and a stranger gets nothing that needs anything."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from dashboard.access.capabilities import ROUTES, Capability


def test_the_table_lists_every_route_and_nothing_else(web: Any) -> None:
    routes = {rule.endpoint for rule in web.app.url_map.iter_rules()}
    assert routes == set(ROUTES)


def test_a_stranger_gets_nothing_but_public_routes(web: Any, htmx: Any) -> None:
    client = web.client()
    for rule in web.app.url_map.iter_rules():
        if ROUTES[rule.endpoint] is Capability.PUBLIC:
            continue
        path = rule.rule.replace("<key>", "wrong").replace("<path:path>", "x")
        path = path.replace("<bundle>", "flask").replace("<int:number>", "1")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = client.open(path, method=method, headers=htmx())
            assert answer.status_code in (401, 403), (method, path)
    assert web.actions.asked == []


def test_a_route_that_nobody_listed_answers_to_nobody(web: Any) -> None:
    app: Flask = web.app
    app._got_first_request = False
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = web.signed_in().get("/forgotten")
    assert answer.status_code == 403
    assert b"secret" not in answer.data


def test_no_state_changes_by_get(web: Any) -> None:
    changing = [rule for rule in web.app.url_map.iter_rules() if rule.endpoint.startswith("operations.")]
    assert changing
    assert all(rule.methods == {"POST", "OPTIONS"} for rule in changing)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}, {"HX-Request": "true", "Sec-Fetch-Site": "same-site"}])
def test_a_signed_in_browser_is_not_used_by_another_page(web: Any, headers: dict[str, str]) -> None:
    client = web.signed_in()
    for path in ("/deploy", "/teardown", "/swarm/start", "/swarm/stop", "/sign-out"):
        assert client.post(path, headers=headers, data={"bundle": "flask"}).status_code == 403
    assert web.actions.asked == []
    assert client.get("/").status_code == 200
