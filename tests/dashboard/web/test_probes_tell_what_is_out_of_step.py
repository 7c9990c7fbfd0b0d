"""/healthz fails while what is held differs from the API server again and again; /metrics is Prometheus' text."""

from __future__ import annotations

from flask import Flask
from prometheus_client import Gauge

from dashboard.store.views import Snapshot, Views
from dashboard.web.health import READY_S, Inside, health


def test_healthz_names_what_is_not_in_step() -> None:
    failing: set[str] = set()
    app = Flask(__name__)
    app.register_blueprint(health(Views(), Inside(lambda: failing)))
    client = app.test_client()

    assert client.get("/healthz").status_code == 200
    failing.add("pods")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (503, "not in step with the API server: pods\n")


def test_metrics_are_what_was_registered() -> None:
    inside = Inside()
    Gauge("surgeboard_browsers", "Browsers.", registry=inside.registry).set(3)
    app = Flask(__name__)
    app.register_blueprint(health(Views(), inside))

    answer = app.test_client().get("/metrics")

    assert answer.content_type.startswith("text/plain")
    assert "surgeboard_browsers 3.0" in answer.text


class Counted(Views):
    """It counts how often somebody looked at everything."""

    looks = 0

    def snapshot(self) -> Snapshot:
        self.looks += 1
        return super().snapshot()


def test_however_often_somebody_asks_whether_it_is_ready_it_looks_twice_a_second() -> None:
    views, now = Counted(), [0.0]
    views.put("connection", "cluster", {"state": "live"})
    app = Flask(__name__)
    app.register_blueprint(health(views, Inside(), steady=lambda: now[0]))
    client = app.test_client()

    assert {client.get("/readyz").status_code for _ in range(50)} == {200}
    assert views.looks == 1
    views.put("connection", "cluster", {"state": "down"})
    now[0] += READY_S
    assert {client.get("/readyz").status_code for _ in range(50)} == {503}
    assert views.looks == 2
