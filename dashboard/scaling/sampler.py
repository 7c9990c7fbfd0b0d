"""One sample a second of load, CPU and replicas, from the rows that are there; unknown stays unknown."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.scaling.utilisation import percent_of_request
from dashboard.store.denied import is_denied
from dashboard.store.views import Views

KEPT_S = 1800
"""Seconds of samples kept for the page; a run keeps its own."""

SOURCES = ("pods", "deployments", "horizontalpodautoscalers")
"""What a sample of the cluster is made of, as the view `connection` names it."""
NOT_CURRENT = frozenset({"stale", "down", "syncing"})

Row = Mapping[str, Any]


@dataclass(slots=True)
class Sampler:
    """Samples the workload `kind` `namespace`/`name`. `now`: the wall clock."""

    views: Views
    namespace: str
    name: str
    now: Callable[[], datetime]
    _keys: deque[str] = field(default_factory=deque)

    def tick(self) -> dict[str, Any]:
        """Takes and keeps one sample; called every second."""
        sample = self.sample()
        key = str(sample["t"])
        self.views.put("samples", key, sample)
        self._keys.append(key)
        while len(self._keys) > KEPT_S:
            self.views.remove("samples", self._keys.popleft())
        return sample

    def sample(self) -> dict[str, Any]:
        """The values right now: `t` in milliseconds since the epoch, percentages of the request and of requests."""
        swarm = self.views.get("swarm", "current") or {}
        if swarm.get("state") == "none" and is_denied(self.views.rows("connection"), "swarm"):
            swarm = {}  # that none is followed here does not mean that there is none
        # What the cluster said last is shown as such elsewhere; a sample says what is true at its second.
        workload = self.workload() if self._is_current("deployments") else None
        hpa = self.hpa() if self._is_current("horizontalpodautoscalers") else None
        may_see = not is_denied(self.views.rows("connection"), "pods", "metrics")
        cpu = percent_of_request(pod for pod in self.pods() if pod["ready"]) if workload and may_see else None
        return {
            "t": round(self.now().timestamp() * 1000),
            "users": swarm.get("users"),
            "rps": _rounded(swarm.get("rps")),
            "p95_ms": _rounded(swarm.get("p95_ms")),
            "failed_percent": _rounded(swarm.get("failed_percent")),
            "cpu_percent": _rounded(cpu),
            "cpu_target": hpa["cpu_target"] if hpa else None,
            "replicas": workload["replicas"] if workload else None,
            "ready": workload["ready"] if workload else None,
        }

    def workload(self) -> Row | None:
        """The row of the workload under load."""
        return self._named("workloads")

    def hpa(self) -> Row | None:
        """The row of the HPA that scales it."""
        return next(
            (
                row
                for row in self.views.rows("hpas").values()
                if row["namespace"] == self.namespace and row["target"]["name"] == self.name
            ),
            None,
        )

    def pods(self) -> list[Row]:
        """The rows of its pods that are not on their way out."""
        workload = self.workload()
        if workload is None:
            return []
        return [
            row
            for row in self.views.rows("pods").values()
            if row["workload"] and row["workload"]["uid"] == workload["uid"] and not row["deleted_at"]
        ]

    def _is_current(self, source: str) -> bool:
        """Nothing has fallen silent, and this very read is not refused."""
        rows = self.views.rows("connection")
        silent = any(rows[each]["state"] in NOT_CURRENT for each in SOURCES if each in rows)
        return not silent and not is_denied(rows, source)

    def _named(self, view: str) -> Row | None:
        for row in self.views.rows(view).values():
            if row["namespace"] == self.namespace and row["name"] == self.name:
                return row
        return None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
