"""Whether a swarm is still there: its pods, and the Job of its master. Only reads."""

from __future__ import annotations

from typing import Any

from dashboard.kube import errors
from dashboard.load import workloads
from dashboard.load.workloads import NAMESPACE


def master_is_over(cluster: Any, swarm_id: str) -> bool:
    """False also when the cluster does not answer."""
    try:
        return workloads.is_over(cluster.get(workloads.job_path(workloads.master_job(swarm_id))))
    except errors.NotFound:
        return True
    except errors.ApiError:
        return False


def is_gone(cluster: Any, swarm_id: str, *, is_removed: bool) -> bool:
    """No pod of it is left; one that nobody removes is gone when its pods have ended. Raises ApiError."""
    selector = f"batch.kubernetes.io/job-name in (swarm-{swarm_id}-master,swarm-{swarm_id}-worker)"
    pods = cluster.list(f"/api/v1/namespaces/{NAMESPACE}/pods", query={"labelSelector": selector})
    if is_removed:
        return not pods
    running = [each for each in pods if each.get("status", {}).get("phase") not in ("Succeeded", "Failed")]
    return not running and master_is_over(cluster, swarm_id)
