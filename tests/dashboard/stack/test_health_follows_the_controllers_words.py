"""Health: each state of a workload, from the object alone."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.stack.health.rules import health_of


def live(kind: str, spec: dict[str, Any], status: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"generation": 2, **metadata}, "spec": spec, "status": status}


ROLLED_OUT = {"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}
DEADLINE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "too late"}


@pytest.mark.parametrize(
    ("status", "state", "sentence"),
    [
        (ROLLED_OUT, "ok", ""),
        ({}, "progressing", "has not seen it"),
        ({**ROLLED_OUT, "observedGeneration": 1}, "progressing", "has not seen the change"),
        ({**ROLLED_OUT, "availableReplicas": 1}, "progressing", "1 of 3 replicas available"),
        ({**ROLLED_OUT, "updatedReplicas": 2}, "progressing", "2 of 3 replicas updated"),
        ({**ROLLED_OUT, "replicas": 4}, "progressing", "1 old replicas are ending"),
        ({**ROLLED_OUT, "conditions": [DEADLINE]}, "failed", "too late"),
    ],
)
def test_a_deployment(status: dict[str, Any], state: str, sentence: str) -> None:
    health = health_of(live("Deployment", {"replicas": 3}, status))

    assert health.state == state
    assert sentence in health.sentence


def test_a_stateful_set_waits_for_every_ordinal() -> None:
    status = {"observedGeneration": 2, "readyReplicas": 2}

    assert health_of(live("StatefulSet", {"replicas": 3}, status)).sentence == "2 of 3 replicas ready"


def test_what_is_being_deleted_is_not_healthy() -> None:
    assert health_of(live("ConfigMap", {}, {}, deletionTimestamp="2026-01-01T00:00:00Z")).state == "progressing"


def test_a_failed_job_says_why() -> None:
    failed = {"type": "Failed", "status": "True", "message": "Job has reached the specified backoff limit"}

    assert health_of(live("Job", {}, {"conditions": [failed]})).sentence.startswith("Job has reached")
