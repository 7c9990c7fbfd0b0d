"""Whichever controller is refused, the refusal is told in the same words."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.stack.health.creation import refusal
from dashboard.stack.health.workloads import deployment

QUOTA = "exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2"


@pytest.mark.parametrize(
    "message",
    [
        f'Error creating: pods "db-2" is forbidden: {QUOTA}',
        f'create Pod db-2 in StatefulSet db failed error: pods "db-2" is forbidden: {QUOTA}',
        f'Create Pod db-2 in StatefulSet db failed error: pods "db-2" is forbidden: {QUOTA}',
        f'create Claim d for Pod db-2 in StatefulSet db failed error: persistentvolumeclaims "d" is forbidden: {QUOTA}',
    ],
    ids=["ReplicaSet", "StatefulSet", "local StatefulSet", "claim"],
)
def test_a_quota_without_room_is_told_with_its_figures(message: str) -> None:
    found = refusal("StatefulSet db", message)

    assert found.kind == "quota"
    assert found.sentence.startswith("StatefulSet db cannot create pods: ResourceQuota q has no room")
    assert "pods 2 of 2 used, 1 more asked for" in found.sentence


def rolling_out(*, available: int, replicas: int = 2, updated: int = 1) -> Any:
    status = {
        "observedGeneration": 1, "replicas": replicas, "updatedReplicas": updated, "readyReplicas": available,
        "availableReplicas": available,
    }  # fmt: skip
    return {
        "kind": "Deployment",
        "metadata": {"name": "web", "generation": 1},
        "spec": {"replicas": 1},
        "status": status,
    }


def test_an_old_replica_that_is_held_for_the_new_one_is_not_called_ending() -> None:
    assert deployment(rolling_out(available=1)).sentence == "1 old replica stays until the new one is ready"
    assert deployment(rolling_out(available=2)).sentence == "1 old replica is ending"


def test_surplus_replicas_of_the_same_kind_are_ending_whether_ready_or_not() -> None:
    assert deployment(rolling_out(available=1, updated=2)).sentence == "1 old replica is ending"
