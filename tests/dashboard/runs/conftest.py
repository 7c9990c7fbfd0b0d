"""A stage for the recorder: real views, sampler and file; the clock, the swarm and the cluster are levers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard.runs.archive import Archive
from dashboard.runs.recorder import Keep, Recorder
from dashboard.scaling.sampler import Sampler
from dashboard.store.times import iso
from dashboard.store.views import Views

START = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC).timestamp()
HPA = {"kind": "HorizontalPodAutoscaler", "namespace": "flask", "name": "guestbook"}
SWARM = {
    "id": None, "state": "none", "target": None, "profile": None, "users": 0, "target_users": None, "rps": 0.0,
    "p95_ms": None, "failed_percent": None, "requests": None, "failures": None, "workers": [], "started_at": None,
    "started_by": None, "error": None,
}  # fmt: skip


class Stage:
    """`t` is the time; every `seconds` takes a sample and ticks the recorder, as the core does."""

    def __init__(self, path: Path, *, connect: Callable[..., sqlite3.Connection] = sqlite3.connect) -> None:
        self.t = START
        self.views = Views()
        self.notes: list[tuple[str, str]] = []
        self.sampler = Sampler(self.views, "flask", "guestbook", self.now)
        self.archive = Archive(path, connect=connect)
        self.keep = Keep()
        self.recorder = self.new_recorder(self.archive)
        self.swarm()
        self.scale(1)

    def new_recorder(self, archive: Archive) -> Recorder:
        """Another process's, perhaps."""
        return Recorder(
            archive, self.views, self.sampler, self.now, lambda: self.t, note=self._noted, keep=self.keep
        )  # fmt: skip

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.t, UTC)

    def _noted(self, kind: str, sentence: str) -> None:
        self.notes.append((kind, sentence))

    def swarm(self, **values: Any) -> None:
        """The row of the swarm changes."""
        self.views.put("swarm", "current", {**(self.views.get("swarm", "current") or SWARM), **values})

    def start_swarm(self, swarm_id: str = "s1", **values: Any) -> None:
        """Somebody has started one."""
        row = {
            **SWARM, "id": swarm_id, "state": "starting", "target": "guestbook", "profile": "steady",
            "target_users": 60, "started_at": iso(self.t), "started_by": "ada", **values,
        }  # fmt: skip
        self.views.put("swarm", "current", row)

    def scale(self, replicas: int, ready: int | None = None, *, cpu_percent: int | None = 20) -> None:
        """The Deployment, its pods and its HPA as they are now."""
        ready = replicas if ready is None else ready
        self.views.put("workloads", "d", {
            "uid": "d", "kind": "Deployment", "namespace": "flask", "name": "guestbook", "replicas": replicas,
            "ready": ready,
        })  # fmt: skip
        self.views.put("hpas", "h", {
            "uid": "h", "namespace": "flask", "name": "guestbook",
            "target": {"kind": "Deployment", "name": "guestbook"},
            "min": 1, "max": 8, "current": replicas, "desired": replicas, "cpu_percent": cpu_percent, "cpu_target": 50,
        })  # fmt: skip
        self.views.replace("pods", {
            f"p{number}": {
                "uid": f"p{number}", "namespace": "flask", "name": f"guestbook-{number}", "workload": {"uid": "d"},
                "ready": number < ready, "deleted_at": None, "cpu_millicores": cpu_percent, "cpu_percent": cpu_percent,
                "memory_bytes": 1000, "metrics_at": iso(self.t), "cpu_request_millicores": 100,
            }
            for number in range(replicas)
        })  # fmt: skip
        for number in range(replicas):
            key = f"p{number}"
            before = self.views.get("pod_spans", key) or {}
            self.views.put("pod_spans", key, {
                "uid": key, "workload": "d", "namespace": "flask", "name": f"guestbook-{number}",
                "created_at": before.get("created_at") or iso(self.t),
                "ready_at": iso(self.t) if number < ready else None, "ended_at": None,
            })  # fmt: skip

    def flag(self, kind: str, text: str, *, about: Any = None) -> None:
        """A flag on the time axis, and its line of the story."""
        key = f"{kind}-{self.t}"
        told = {"id": key, "t": iso(self.t), "kind": kind, "object": about, "text": text}
        self.views.put("flags", key, {**told, "sentence": f"{text}."})
        self.views.put("story", key, {**told, "count": 1, "quiet": False})

    def why(self, sentence: str, *, state: str = "within") -> None:
        """The HPA is explained."""
        name = {"namespace": "flask", "name": "guestbook", "uid": "h"}
        terms = [{"label": "CPU", "value": "20 %", "deciding": True}]
        self.views.put("why", "h", {
            "hpa": name, "state": state, "sentence": sentence, "sum": terms, "next_decision_at": iso(self.t),
            "metrics_at": None, "confidence": "computed", "advice": None,
        })  # fmt: skip

    def seconds(self, count: int = 1, **swarm: Any) -> None:
        """Time passes; `swarm`: what its master tells meanwhile."""
        for _ in range(count):
            self.t += 1
            if swarm:
                self.swarm(**swarm)
            self.sampler.tick()
            self.recorder.tick()

    def play(self, swarm_id: str = "s1", *, users: int = 60) -> str:
        """A whole small run; its id."""
        self.start_swarm(swarm_id)
        self.seconds(3)
        self.seconds(10, state="running", users=users, rps=50.0, p95_ms=80.0, requests=500, failures=3)
        self.swarm(state="stopping")
        self.seconds()
        self.swarm(state="stopped", users=0, rps=0.0, p95_ms=None, requests=510, failures=4)
        self.seconds(7)
        return self.archive.list()[0]["run_id"]

    @property
    def sign(self) -> dict[str, Any]:
        """What pages are told of recording."""
        return dict(self.views.get("recording", "current") or {})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "runs.db"


@pytest.fixture
def stage(path: Path) -> Iterator[Stage]:
    """Started, a minute and a half before anything happens."""
    made = Stage(path)
    made.recorder.start()
    made.seconds(90)
    yield made
    made.recorder.stop()


@pytest.fixture
def new_stage(path: Path) -> Iterator[Callable[..., Stage]]:
    """Stages of one's own, not started."""
    made: list[Stage] = []

    def make(*, at: Path = path, **given: Any) -> Stage:
        made.append(Stage(at, **given))
        return made[-1]

    yield make
    for each in made:
        each.recorder.stop()
