"""/metrics: watching, browsers and actions, read off the parts at the moment somebody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from dashboard.audit import Audit
from dashboard.live.hub import Hub
from dashboard.store.views import Views
from dashboard.telemetry import Telemetry


@dataclass
class Reflector:
    resource: str = "pods"
    phase: str = "stale"
    heard_at: float = 990.0
    counts: Mapping[str, int] = field(default_factory=lambda: {"lists": 2, "watches": 5})


class Browsers:
    def pack(self, name: str, payload: bytes, /) -> Any:
        return name, payload

    def send(self, browser: str, packed: Any, /) -> None:
        """Everything is taken."""

    def is_idle(self, browser: str, /) -> bool:
        return True


def told(**parts: Any) -> CollectorRegistry:
    registry = CollectorRegistry()
    given: dict[str, Any] = {"browsers": lambda: 0, "sent": {}, "done": Counter(), **parts}
    registry.register(Telemetry(lambda: [Reflector()], lambda: 3, now=lambda: 1000.0, **given))
    return registry


def test_watching_is_told() -> None:
    registry = told()

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"surgeboard_reflector_{name}", labels)

    assert value("state", resource="pods", state="stale") == 1
    assert value("state", resource="pods", state="live") == 0
    assert value("silence_seconds", resource="pods") == 10
    assert value("events_total", resource="pods", event="watches") == 5
    assert value("mismatches_total") == 3


def test_messages_to_browsers_are_counted() -> None:
    views = Views()
    hub = Hub(views, Browsers())
    hub.join("one")
    hub.flush()
    registry = told(browsers=lambda: hub.count, sent=hub.sent)

    assert registry.get_sample_value("surgeboard_browsers") == 1
    assert registry.get_sample_value("surgeboard_messages_total", {"kind": "snapshot"}) == 1


def test_actions_are_counted_as_the_audit_names_them(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "audit.jsonl", lambda: datetime.now(UTC))
    audit.write("swarm start", by="me", outcome="started")
    audit.write("swarm start", by="me", outcome="refused")
    registry = told(done=audit.counts)

    labels = {"action": "swarm start", "outcome": "refused"}
    assert registry.get_sample_value("surgeboard_actions_total", labels) == 1


def test_answers_are_counted_by_status() -> None:
    registry = told(answers=lambda: {"200": 7, "429": 2})
    assert registry.get_sample_value("surgeboard_answers_total", {"status": "429"}) == 2
