"""Decisions over rows: those that a recording writes, or hand-made ones, with a clock that the test sets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashboard.kube import metrics
from dashboard.kube.resources import BY_PLURAL
from dashboard.scaling.deciding import Decisions
from dashboard.scaling.reasons import Reasons
from dashboard.scaling.recent_events import RecentEvents
from dashboard.scaling.rescales import Heard
from dashboard.store.projections import PodUse
from dashboard.store.sinks import Sinks
from dashboard.store.story import Story
from dashboard.store.times import iso
from dashboard.store.views import Views

FIXTURES = Path(__file__).parents[1] / "fixtures"
BEGAN = 1_795_409_439.7
"""Second 0 of the recording."""


class Watched:
    """The views as the sinks fill them, and the decisions made of them; `time` in seconds since 1970."""

    def __init__(self) -> None:
        self.time = BEGAN
        self.views = Views(epoch="one")
        self.sinks = Sinks(self.views, story=Story(self.views, now=lambda: self.time), now=lambda: self.time)
        self.decisions = Decisions(self.views, lambda: datetime.fromtimestamp(self.time, UTC))
        self.events = Heard(self.sinks.by_resource["events"], self.decisions.hear)

    def play(self, *, until: float = 1e9, only: str = "", ticking: bool = True) -> None:
        """The recording; with a tick after each moment and a second later, as it would be."""
        for line in (FIXTURES / "hpa-rescales.jsonl").read_text().splitlines():
            moment = json.loads(line)
            if moment["t"] > until or only not in ("", moment["label"]):
                continue
            plural, raw = moment["label"], json.dumps(moment["event"]["object"]).encode()
            sink = self.events if plural == "events" else self.sinks.by_resource[plural]
            sink.apply(msgspec.json.decode(raw, type=BY_PLURAL[plural].struct))
            if ticking:
                self.tick(at=BEGAN + moment["t"])
                self.tick(at=BEGAN + moment["t"] + 1)

    def tick(self, *, at: float | None = None) -> None:
        """A second of the dashboard; each HPA is explained by its own figures, as if by one line."""
        self.time = at if at is not None else self.time + 1
        for uid, hpa in self.views.rows("hpas").items():
            if self.views.get("why", uid) is None or "told" not in (self.views.get("why", uid) or {}):
                self.views.put("why", uid, explained(hpa))
        self.decisions.tick()

    def put(self, *, replicas: int, by: Mapping[str, Any] | None = None, **hpa: Any) -> None:
        """A Deployment with so many replicas and the HPA over it, as rows."""
        target = {"kind": "Deployment", "name": "web"}
        workload = {
            **target, "uid": "w", "namespace": "shop", "replicas": replicas, "scaled_by": by,
            "created_at": iso(BEGAN - 3600),
        }  # fmt: skip
        row = {
            "uid": "h", "namespace": "shop", "name": "web", "target": target, "min": 1, "max": 8, "current": replicas,
            "desired": replicas, "cpu_percent": 40, "cpu_target": 50, "conditions": [], "last_scale_at": None, **hpa,
        }  # fmt: skip
        self.views.put("workloads", "w", workload)
        self.views.put("hpas", "h", row)

    def say(self, state: str, **more: Any) -> None:
        """What the explanation of the hand-made HPA is from now on."""
        self.views.put("why", "h", {"state": state, "sentence": f"It is {state}.", "told": True, **more})

    def rows(self, name: str = "app") -> list[dict[str, Any]]:
        """The decisions about an HPA, oldest first."""
        rows = [dict(row) for row in self.views.rows("decisions").values() if row["hpa"]["name"] == name]
        return sorted(rows, key=lambda row: row["t"])


def explained(hpa: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "state": "ok", "sentence": f"{hpa['cpu_percent']} of {hpa['cpu_target']}", "confidence": "computed",
        "sum": [{"label": "CPU", "value": str(hpa["cpu_percent"]), "deciding": True}],
        "evidence": [{"kind": "object", "text": "as it is", "at": None, "name": "Deployment/app"}],
    }  # fmt: skip


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def again() -> Callable[[], Watched]:
    """Another dashboard that begins later."""
    return Watched


class Explained:
    """The view `why` over a recording of a real cluster, moment by moment; `time` in seconds since 1970.

    `phase`: explained only once a second, at this fraction of it, as the dashboard does; None: at every change.
    """

    def __init__(self, *, began: float = BEGAN, phase: float | None = None) -> None:
        self.phase = phase
        self._next = began + (phase or 0.0)
        self.time = self.began = began
        self.views = Views(epoch="one")
        self.sinks = Sinks(self.views, story=Story(self.views, now=lambda: self.time), now=lambda: self.time)
        self.events = RecentEvents(self.sinks.by_resource["events"])
        self.changes: dict[str, Mapping[str, Any]] = {}
        self.reasons = Reasons(self.views, lambda: datetime.fromtimestamp(self.time, UTC), self.events, self._changed)

    def _changed(self, uid: str) -> Mapping[str, Any] | None:
        return self.changes.get(uid)

    def see(self, line: Mapping[str, Any]) -> None:
        """One line of a recording: what a watch told, or what the metrics API answered; others are a moment to look."""
        self.tick(line["t"])
        if line["type"] == "metrics":
            self.measure(line["answer"])
        elif line.get("label") in BY_PLURAL:
            found = self.decoded(line["label"], line["event"]["object"])
            if line["label"] == "pods":
                self._own(found)
            sink = self.events if line["label"] == "events" else self.sinks.by_resource[line["label"]]
            (sink.delete if line["event"]["type"] == "DELETED" else sink.apply)(found)
        if self.phase is None:
            self.reasons.tick()

    def tick(self, t: float) -> None:
        """The seconds pass until `t` of the recording, as the dashboard lives them."""
        while self._next <= self.began + t:
            self.time = self._next
            self.reasons.tick()
            self._next += 1
        self.time = self.began + t

    def measure(self, answer: Mapping[str, Any]) -> None:
        """What metrics.k8s.io says of all pods from now on."""
        found = metrics.decode(json.dumps(answer).encode())
        self.sinks.set_metrics(
            {name: PodUse(each.cpu_millicores, each.memory_bytes, each.timestamp, each.window_s)
             for name, each in found.items()}
        )  # fmt: skip

    def why(self, name: str) -> dict[str, Any]:
        """The explanation of an HPA."""
        return next(dict(row) for row in self.views.rows("why").values() if row["hpa"]["name"] == name)

    def decoded(self, plural: str, found: Mapping[str, Any]) -> Any:
        """As the reflector decodes it."""
        return msgspec.json.decode(json.dumps(found).encode(), type=BY_PLURAL[plural].struct)

    def _own(self, pod: Any) -> None:
        """The recordings do not watch ReplicaSets; who owns one is in its name."""
        for owner in pod.metadata.owner_references or ():
            name = owner.name.rpartition("-")[0]
            above = [row for row in self.views.rows("workloads").values() if row["name"] == name]
            if owner.kind == "ReplicaSet" and above:
                reference = {"kind": "Deployment", "name": name, "uid": above[0]["uid"], "controller": True}
                meta = {"uid": owner.uid, "name": owner.name, "ownerReferences": [reference]}
                self.sinks.by_resource["replicasets"].apply(self.decoded("replicasets", {"metadata": meta}))


@pytest.fixture
def explained_cluster() -> type[Explained]:
    """Made by a test for the recording it plays."""
    return Explained


@pytest.fixture
def recording() -> Callable[[str], list[dict[str, Any]]]:
    """The lines of a fixture by its name; answers of the metrics API as the figures they are."""

    def read(name: str) -> list[dict[str, Any]]:
        found = [
            json.loads(text) for text in (Path(__file__).parent / "fixtures" / f"{name}.jsonl").read_text().splitlines()
        ]
        return [
            {"t": line["t"], "type": "metrics", "answer": line["response"]} if line["type"] == "request" else line
            for line in found
        ]

    return read
