"""A plain GET shows figures, tiles, story and reasons; what is unknown is a dash and never a zero."""

from __future__ import annotations

import itertools
from typing import Any

from flask import Flask

from dashboard.store.views import Views
from dashboard.web import presenting
from dashboard.web.health import Inside, health
from dashboard.web.pod_tiles import pod_state, tile

SAMPLE = {"t": 1000, "users": 60, "rps": 204.4, "p95_ms": 86.0, "failed_percent": 0.0, "cpu_percent": 166.6,
          "cpu_target": 50, "replicas": 3, "ready": 2}  # fmt: skip


def pod(**more: Any) -> dict[str, Any]:
    return {"uid": "p1", "name": "guestbook-7d9f-x2kqp", "short": "x2kqp", "namespace": "flask",
            "state": "Running", "ready": True, "ready_at": "2026-11-23T14:05:55Z", "restarts": 0,
            "created_at": "2026-11-23T14:05:51Z",
            "workload": {"kind": "Deployment", "name": "guestbook", "uid": "w1"}, "cpu_percent": 56.0,
            } | more  # fmt: skip


def fill(web: Any) -> None:
    web.views.put("connection", "cluster", {"state": "live", "cluster": "local", "since": None, "detail": ""})
    web.views.put("samples", "999", {**SAMPLE, "t": 999, "users": 1})
    web.views.put("samples", "1000", SAMPLE)
    web.views.put(
        "workloads", "w1",
        {"uid": "w1", "kind": "Deployment", "namespace": "flask", "name": "guestbook", "replicas": 1,
         "hpa": "guestbook", "state": "ok", "reason": None},
    )  # fmt: skip
    web.views.put(
        "hpas", "h1", {"uid": "h1", "namespace": "flask", "name": "guestbook", "min": 1, "max": 8, "cpu_target": 50}
    )
    web.views.put("pods", "p1", pod())
    web.views.put(
        "story", "s1", {"id": "s1", "t": "2026-11-23T14:05:51Z", "kind": "scaled", "text": "1 <b>→</b> 3", "count": 4}
    )
    web.views.put(
        "why", "h1", {"sentence": "Steady.", "sum": [{"label": "bounds", "value": "1 – 8", "deciding": True}]}
    )


def test_it_shows_everything_there_is(web: Any) -> None:
    fill(web)
    text = web.signed_in().get("/").text
    for words in ("live · local", "60", "204", "167", "CPU of request, target 50", "of 8", "flask / guestbook",
                  "Deployment · 1 pod · HPA 1–8", "x2kqp", "14:05:51", "× 4", "Steady.", "1 – 8"):  # fmt: skip
        assert words in text, words
    assert "1 &lt;b&gt;→&lt;/b&gt; 3" in text
    assert f'data-seq="{web.views.snapshot().seq}"' in text


def test_an_empty_store_is_unknown_and_not_zero(web: Any) -> None:
    shown = presenting.figures({})
    assert shown["users"] == shown["cpu"] == shown["ready"] == "–"
    assert "reading the cluster" in web.signed_in().get("/").text


def test_a_zero_that_is_known_is_a_zero() -> None:
    shown = presenting.figures({"samples": {"1": {"t": 1, "users": 0, "failed_percent": 0.0}}})
    assert (shown["users"], shown["failed"], shown["rps"]) == ("0", "0.0", "–")


def test_it_invites_when_nothing_is_deployed(web: Any) -> None:
    web.views.put("connection", "cluster", {"state": "live", "cluster": "local"})
    web.views.put("stack", "health", {"state": "absent", "sentence": "nothing deployed"})
    text = web.signed_in().get("/").text
    assert 'data-state="empty"' in text
    assert "Nothing is deployed here yet" in text


def test_a_pods_state_is_a_tone_and_a_word() -> None:
    assert pod_state(pod()) == ("ready", "ready")
    assert pod_state(pod(ready=False, ready_at=None)) == ("starting", "starting")
    assert pod_state(pod(ready=False)) == ("trouble", "not ready")
    assert pod_state(pod(state="Pending")) == ("starting", "pending")
    assert pod_state(pod(state="CrashLoopBackOff")) == ("trouble", "CrashLoopBackOff")
    assert pod_state(pod(deleted_at="2026-11-23T14:05:51Z")) == ("ending", "ending")


def test_a_tile_names_the_role_and_caps_the_bar() -> None:
    shown = tile(pod(role="primary", cpu_percent=158.0, restarts=1, memory_bytes=74_000_000))
    assert (shown["word"], shown["star"], shown["cpu"], shown["fill"], shown["over"]) == (
        "primary",
        True,
        "158 %",
        100,
        True,
    )
    assert shown["details"] == "guestbook-7d9f-x2kqp · 71 Mi memory · 1 restart"


def test_the_api_gives_the_rows_as_they_are(web: Any) -> None:
    fill(web)
    document = web.signed_in().get("/api/v1/state").json
    assert document["epoch"] == "e1"
    assert document["views"]["samples"]["1000"] == SAMPLE


def test_ready_means_that_everything_watched_is_live() -> None:
    views, seconds = Views(), itertools.count()
    app = Flask("probes")
    app.register_blueprint(health(views, Inside(), steady=lambda: float(next(seconds))))
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    views.put("connection", "cluster", {"state": "live"})
    views.put("connection", "pods", {"state": "live"})
    assert client.get("/readyz").status_code == 200
    views.put("connection", "pods", {"state": "stale"})
    assert client.get("/readyz").json == {"ready": False, "watching": {"cluster": "live", "pods": "stale"}}
