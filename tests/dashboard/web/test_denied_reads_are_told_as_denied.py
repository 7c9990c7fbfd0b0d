"""Wherever a figure or a list depends on a read that the cluster refuses, the page says so, with the rule."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.kube.rules import rule_of
from dashboard.web import presenting

PLURALS = {
    "pods": "/api/v1/pods", "events": "/api/v1/events", "namespaces": "/api/v1/namespaces",
    "deployments": "/apis/apps/v1/deployments", "statefulsets": "/apis/apps/v1/statefulsets",
    "horizontalpodautoscalers": "/apis/autoscaling/v2/horizontalpodautoscalers",
    "metrics": "/apis/metrics.k8s.io/v1beta1/pods", "agents": "/api/v1/namespaces/mongodb/pods/mongo-0:8081/proxy/",
    "swarm": "/apis/batch/v1/namespaces/load/jobs", "app": "/api/v1/namespaces/flask/services/guestbook:80/proxy/",
}  # fmt: skip


def forbid(web: Any, *reads: str) -> None:
    web.views.put("connection", "cluster", {"state": "live", "cluster": "local", "since": None, "detail": ""})
    for read in reads:
        rule = rule_of("GET", PLURALS[read]).of_all().document()
        row = {"state": "forbidden", "since": "2026-11-23T12:00:00Z", "detail": "no", "rule": rule}
        web.views.put("connection", read, row)


def section(text: str, name: str) -> str:
    """The markup of one card."""
    start = text.index(f'id="{name}"')
    return text[start : text.index("</section>", start)]


def shown(markup: str) -> str:
    """What of a card is not hidden in its places for refusals."""
    parts = markup.split('<div class="denied-place')
    return parts[0] + "".join(part for part in parts[1:] if " hidden>" not in part.split("\n")[0])


@pytest.mark.parametrize(
    ("read", "card"),
    [
        ("pods", "pods"), ("deployments", "pods"), ("statefulsets", "pods"), ("agents", "pods"), ("metrics", "pods"),
        ("horizontalpodautoscalers", "why"), ("metrics", "pipeline"), ("events", "story"), ("app", "app"),
        ("deployments", "app"),
    ],
)  # fmt: skip
def test_each_card_of_the_stage_names_the_right_it_lacks(web: Any, read: str, card: str) -> None:
    forbid(web, read)
    text = shown(section(web.signed_in().get("/").text, card))
    assert "denied:" in text
    assert rule_of("GET", PLURALS[read]).of_all().sentence in text
    assert "kind: " in text  # the rule, behind its fold


@pytest.mark.parametrize("address", ["/", "/deploy", "/load", "/runs"])
def test_every_page_lists_what_is_denied(web: Any, address: str) -> None:
    forbid(web, "namespaces", "events")
    text = section(web.signed_in().get(address).text, "denied")
    assert "2 reads are denied" in text
    assert "needs list namespaces" in text
    assert "needs list events in every namespace" in text


@pytest.mark.parametrize("address", ["/", "/deploy", "/load", "/runs"])
def test_nothing_is_said_where_nothing_is_denied(web: Any, address: str) -> None:
    forbid(web)
    text = web.signed_in().get(address).text
    assert "hidden>" in text[text.index('id="denied"') : text.index('id="denied"') + 200]


@pytest.mark.parametrize(
    ("read", "cpu", "ready"),
    [("pods", "denied", "–"), ("metrics", "denied", "–"), ("deployments", "denied", "denied"), ("events", "–", "–")],
)
def test_figures_of_a_denied_read_are_denied_and_not_zero(web: Any, read: str, cpu: str, ready: str) -> None:
    forbid(web, read)
    figures = presenting.figures(web.views.snapshot().views)
    assert (figures["cpu"], figures["ready"]) == (cpu, ready)


def test_a_stack_that_cannot_be_seen_is_not_called_absent(web: Any) -> None:
    forbid(web, "deployments")
    web.views.put("stack", "health", {"state": "forbidden", "sentence": "The stack cannot be seen."})
    client = web.signed_in()
    text = client.get("/").text
    assert 'data-state="empty"' not in text
    assert "Nothing is deployed here yet" not in text.split('id="first-run"')[1][:60]
    assert "There is nothing to put under load" not in client.get("/load").text


def test_the_load_page_says_when_swarms_cannot_be_seen(web: Any) -> None:
    forbid(web, "swarm")
    text = web.signed_in().get("/load").text
    assert "needs list jobs in namespace load" in shown(text[text.index('id="load"') :])


def test_a_target_that_cannot_be_seen_is_not_called_missing(web: Any) -> None:
    forbid(web, "deployments")
    web.views.put("workloads", "m", {"namespace": "mongodb", "name": "mongo", "ready": 3, "replicas": 3})
    assert "flask/guestbook is not there" not in web.signed_in().get("/load").text


def test_who_may_not_read_everything_is_ready_all_the_same(web: Any) -> None:
    forbid(web, "events")
    assert web.client().get("/readyz").status_code == 200


def test_who_may_not_read_anything_is_not(web: Any) -> None:
    forbid(web, "events")
    web.views.put("connection", "cluster", {"state": "forbidden"})
    assert web.client().get("/readyz").status_code == 503


def test_hostile_words_of_a_refusal_are_text(web: Any) -> None:
    forbid(web)
    row = {"state": "forbidden", "since": None, "detail": "<img src=x onerror=alert(1)>", "rule": None}
    web.views.put("connection", "pods", row)
    text = web.signed_in().get("/").text
    assert "<img src=x" not in text
    assert "&lt;img src=x" in text


def test_a_bundle_whose_objects_may_not_be_read_names_each_right_once(web: Any) -> None:
    rule = rule_of("get", "/api/v1/namespaces/flask/secrets/x").of_all().document()
    unread = {"namespace": "flask", "state": "unknown", "sentence": "may not be read", "rule": rule, "kind": "Secret"}
    good = {"id": "c", "kind": "Service", "namespace": "flask", "name": "c", "state": "ok", "sentence": ""}
    objects = [{**unread, "id": "a", "name": "a"}, {**unread, "id": "b", "name": "b"}, good]
    row = {"name": "flask", "title": "flask", "state": "ok", "sentence": "All 1 objects are well. 2 may not be read.",
           "total": 3, "ok": 1, "objects": objects, "revision": None, "folder_changed": None}  # fmt: skip
    web.views.put("bundles", "flask", row)
    for address in ("/deploy", "/deploy/flask"):
        text = web.signed_in().get(address).text
        head = text[text.index('data-key="flask"') : text.index('data-f="more"', text.index('data-key="flask"'))]
        assert head.count(">needs get secrets in namespace flask<") == 1, address
        assert "1 right is missing to see all of it" in head
        assert "1 of 3 objects well" in head


def test_that_no_swarm_is_seen_is_no_zero_where_swarms_may_not_be_read(web: Any) -> None:
    forbid(web, "swarm")
    web.views.put("samples", "1", {"t": 1, "users": 0, "rps": 0.0})
    web.views.put("swarm", "current", {"state": "none", "users": 0})
    figures = presenting.figures(web.views.snapshot().views)
    assert {figures[name] for name in ("users", "rps", "p95", "failed")} == {"denied"}
    web.views.put("swarm", "current", {"state": "running", "users": 9})
    assert presenting.figures(web.views.snapshot().views)["users"] == "0"
