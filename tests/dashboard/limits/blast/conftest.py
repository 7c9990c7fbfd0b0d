"""Experiments on a cluster with levers, with a clock in the test's hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard.announcing import Events
from dashboard.audit import Audit
from dashboard.confirming import Plans
from dashboard.errors import Refused
from dashboard.limits.blast.experiment import Experiment
from dashboard.limits.blast.objects import LABEL, Templates
from dashboard.limits.blast.rails import Rails
from dashboard.limits.blast.starting import Starting
from dashboard.limits.blast.taking_up import TakingUp
from dashboard.load.turn import EXPERIMENT, Turn

MANIFESTS = Path(__file__).resolve().parents[4] / "manifests"
RANGE = {"metadata": {"name": "load", "namespace": "load"},
         "spec": {"limits": [{"type": "Container", "default": {"memory": "256Mi"}}]}}  # fmt: skip
QUOTA = {"metadata": {"name": "load", "namespace": "load"}, "spec": {"hard": {"pods": "56", "limits.memory": "14Gi"}},
         "status": {"used": {"pods": "0", "limits.memory": "0"}}}  # fmt: skip
RANGES, QUOTAS = "/api/v1/namespaces/load/limitranges/load", "/api/v1/namespaces/load/resourcequotas/load"


class Driver:
    """Experiments with a clock in the test's hand. `pressed`: nodes short of memory; `loaded`: a swarm runs."""

    def __init__(self, cluster: Any, folder: Path) -> None:
        self.cluster, self.seconds = cluster, 0.0
        self.pressed: list[str] = []
        self.loaded: str | None = None
        self.rows: dict[str, Any] = {}
        self.kept: dict[str, Any] = {}
        self.story: list[str] = []
        self.audit = Audit(folder / "audit.jsonl", self.now)
        cluster.objects |= {RANGES: RANGE, QUOTAS: QUOTA}
        templates = Templates.read(MANIFESTS)
        self.experiment = Experiment(
            cluster, self.rows.__setitem__, self.kept.__setitem__, lambda: self.pressed, lambda: self.now().isoformat(),
            lambda: self.seconds,
        )  # fmt: skip
        self.starting = Starting(
            templates, Rails(cluster, templates), self.experiment, Plans(lambda: self.seconds),
            Turn(cluster, self.now, EXPERIMENT), Events(cluster, self.now), self.audit, self._is_loaded,
            lambda _kind, text, **_more: self.story.append(text), self.now,
        )  # fmt: skip
        self.experiment.ended = self.starting.over
        self.taking_up = TakingUp(
            cluster, self.experiment, templates, self._is_there, lambda _kind, text, **_more: self.story.append(text),
            self.now, lambda: self.seconds,
        )  # fmt: skip

    def _is_there(self) -> bool:
        found = [each for path, each in self.cluster.objects.items() if "/jobs/" in path]
        return any(LABEL in each["metadata"]["labels"] for each in found)

    def now(self) -> datetime:
        return datetime.fromtimestamp(1_795_430_000 + self.seconds, UTC)

    def start(self, variant: str = "own") -> str:
        plan = self.starting.plan(variant, by="operator", session="s")
        self.starting.start(plan.nonce, by="operator", session="s")
        role = {"surgeboard.dev/role": "watch", LABEL: plan.blast_id}
        self.cluster.pods = [{"metadata": {"name": "watch-1", "labels": role}, "status": {"phase": "Running"}}]
        return plan.blast_id

    def tick(self, *, after: float = 1.0) -> dict[str, Any]:
        self.seconds += after
        self.experiment.tick()
        self.taking_up.tick()
        return dict(self.rows.get("current", {"state": "none"}))

    def record(self) -> list[tuple[str, str]]:
        lines = map(json.loads, self.audit.path.read_text().splitlines())
        return [(each["action"], each["outcome"]) for each in lines]

    def _is_loaded(self) -> None:
        if self.loaded:
            raise Refused(self.loaded, status=409)


@pytest.fixture
def new_driver() -> Callable[[Any, Path], Driver]:
    return Driver


@pytest.fixture
def driver(cluster: Any, tmp_path: Path) -> Driver:
    return Driver(cluster, tmp_path)
