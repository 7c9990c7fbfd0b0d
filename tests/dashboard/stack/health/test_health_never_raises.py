"""Health is told of any object: of every one that was ever recorded, and of what no API server should send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.stack.health import events
from dashboard.stack.health.causes import MAKERS, cause_of
from dashboard.stack.health.rules import RULES, health_of

RECORDINGS = Path(__file__).resolve().parents[5] / "shared" / "golden"
NOW = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
STATES = {"ok", "progressing", "failed", "suspended", "unknown"}

KINDS = sorted(RULES)
WORDS = st.sampled_from([
    "True", "False", "Failed", "Running", "Pending", "Unschedulable", "CrashLoopBackOff", "ErrImagePull", "OOMKilled",
    "2026-11-23T05:00:00Z", "DisruptionAllowed", "Progressing", "Ready", "PodScheduled", "ReplicaFailure",
])  # fmt: skip
NAMES = st.sampled_from([
    "type", "status", "reason", "message", "conditions", "replicas", "readyReplicas", "observedGeneration", "phase",
    "containerStatuses", "state", "waiting", "terminated", "exitCode", "lastState", "spec", "name", "hard", "used",
    "lastTransitionTime", "finishedAt", "updateStrategy", "rollingUpdate", "partition", "loadBalancer", "ingress",
    "restartCount", "ready", "finalizers", "managedFields", "time",
])  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=5),
    max_leaves=25,
)


def recorded(path: Path) -> Iterator[dict[str, Any]]:
    """Every object of a recording: watched, answered, or inside a list."""
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        found = entry["event"].get("object") if entry["type"] == "watch" else entry.get("response")
        if isinstance(found, dict) and isinstance(found.get("items"), list):
            kind = str(found.get("kind")).removesuffix("List")
            yield from ({"kind": kind, "apiVersion": found.get("apiVersion"), **each} for each in found["items"])
        elif isinstance(found, dict):
            yield found


def test_every_recorded_object_has_a_health() -> None:
    if not RECORDINGS.is_dir():
        pytest.skip("no recordings")
    judged = 0
    for path in sorted(RECORDINGS.glob("*.jsonl")):
        objects = list(recorded(path))
        told = [events.read(each) for each in objects if each.get("kind") == "Event"]
        pods = [each for each in objects if each.get("kind") == "Pod"][-5:]
        for each in objects:
            assert health_of(each, now=NOW, of_pods=pods).state in STATES
            cause_of(each, pods, told[-20:])
            judged += 1
    assert judged > 500


@given(
    kind=st.sampled_from(KINDS), metadata=ANYTHING, spec=ANYTHING, status=ANYTHING, pod=ANYTHING, event=ANYTHING,
    timed=st.booleans(),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_nonsense_has_a_health_too(
    kind: tuple[str, str], metadata: Any, spec: Any, status: Any, pod: Any, event: Any, timed: bool
) -> None:
    version = f"{kind[0]}/v1" if kind[0] else "v1"
    live = {"apiVersion": version, "kind": kind[1], "metadata": metadata, "spec": spec, "status": status}
    pods = [{"metadata": metadata, "spec": spec, "status": pod}, {"status": status}]
    row = events.read(event if isinstance(event, dict) else {})

    assert health_of(live, now=NOW if timed else None, of_pods=pods).state in STATES
    cause = cause_of(live, pods, [row])

    assert cause is None or cause.sentence
    assert kind[1] not in MAKERS or cause_of(live) is None or cause_of(live).sentence
