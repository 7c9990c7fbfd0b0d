"""Waiting for a workload says what is wrong with its pods, not only how many are missing."""

from __future__ import annotations

from typing import Any

import pytest

DB = "/apis/apps/v1/namespaces/shop/statefulsets/db"
LABELS = {"app": "db"}
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
STATEFUL_SET = {
    "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db", "namespace": "shop"},
    "spec": {"replicas": 2, "selector": {"matchLabels": LABELS}},
}  # fmt: skip
CONFIG_MISSING = {"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "db" not found'}}


@pytest.fixture
def waiting(deploying: Any, cluster: Any, time: Any) -> Any:
    """Deploying a StatefulSet whose first pod needs a Secret that is not there."""
    cluster.becomes_healthy = False
    deploying.put([NAMESPACE, STATEFUL_SET])

    def appear() -> None:
        owner = {"kind": "StatefulSet", "uid": cluster.objects[DB]["metadata"]["uid"]}
        cluster.objects["/api/v1/namespaces/shop/pods/db-0"] = {
            "metadata": {"name": "db-0", "uid": "p", "labels": LABELS, "ownerReferences": [owner]},
            "spec": {"containers": [{"name": "app", "image": "db:1"}]},
            "status": {
                "phase": "Pending",
                "containerStatuses": [{"name": "app", "ready": False, "restartCount": 0, "state": CONFIG_MISSING}],
            },
        }

    time.on_sleep = appear
    return deploying


def test_the_step_and_the_error_name_pod_container_and_what_is_missing(waiting: Any) -> None:
    row = waiting.deploy()

    assert row["state"] == "failed"
    assert "Container app of pod db-0 needs Secret db, which is not there" in row["steps"][-1]["detail"]
    assert "needs Secret db" in row["error"]


def test_what_is_below_is_looked_at_now_and_then_only(waiting: Any, cluster: Any) -> None:
    asked: list[str] = []
    listed = cluster.list

    def counting(path: str, **options: Any) -> Any:
        asked.append(path)
        return listed(path, **options)

    cluster.list = counting
    waiting.deploy()

    looks = sum(path.endswith("/pods") for path in asked)
    assert 10 < looks < 100
