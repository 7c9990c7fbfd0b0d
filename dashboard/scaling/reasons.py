"""Keeps the view `why` true: one explanation an HPA."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dashboard.scaling.explanation import explain
from dashboard.scaling.sampler import Sampler
from dashboard.store.views import Views

SYNC_PERIOD = timedelta(seconds=15)
"""The controller's usual --horizontal-pod-autoscaler-sync-period; a cluster may have another."""

Row = Mapping[str, Any]


@dataclass(slots=True)
class Reasons:
    """`on_explanation(hpa, explanation)` hears each change of state or sentence."""

    views: Views
    sampler: Sampler
    now: Callable[[], datetime]
    on_explanation: Callable[[Row, Row], None] | None = None
    _seen: dict[str, tuple[Row, datetime]] = field(default_factory=dict)

    def tick(self) -> None:
        """Explains anew what has changed; called every second."""
        hpas = self.views.rows("hpas")
        self.views.replace("why", {key: self._why(key, hpa) for key, hpa in hpas.items()})

    def _why(self, key: str, hpa: Row) -> Row:
        before = self._seen.get(key)
        if before is None or before[0] != hpa:
            self._seen[key] = (hpa, self.now())
        explanation = explain(hpa)
        row = {
            "hpa": {"namespace": hpa["namespace"], "name": hpa["name"]},
            "state": explanation.state,
            "sentence": explanation.sentence,
            "sum": [asdict(term) for term in explanation.sum],
            "next_decision_at": self._next_decision(key),
            "metrics_at": self._metrics_at(),
            "confidence": explanation.confidence,
            "advice": explanation.advice,
        }
        if self.on_explanation and (before is None or self._sentence(key) != row["sentence"]):
            self.on_explanation(hpa, row)
        return row

    def _sentence(self, key: str) -> str | None:
        shown = self.views.get("why", key)
        return shown["sentence"] if shown else None

    def _next_decision(self, key: str) -> str:
        """The status is written at a sync, so syncs are multiples of the period after the last change seen."""
        changed, now = self._seen[key][1], self.now()
        periods = int((now - changed) / SYNC_PERIOD) + 1
        return (changed + periods * SYNC_PERIOD).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _metrics_at(self) -> str | None:
        times = [pod["metrics_at"] for pod in self.sampler.pods() if pod.get("metrics_at")]
        return max(times) if times else None
