"""Finds a swarm that another process of the dashboard started, from its master's Job and Secret. Only reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from dashboard.kube import errors
from dashboard.load import workloads
from dashboard.load.control import token_of
from dashboard.load.workloads import NAMESPACE


class Cluster(Protocol):
    """The verbs used here; both raise `dashboard.kube.errors.ApiError`."""

    def get(self, path: str, /) -> Any: ...

    def list(self, path: str, /) -> list[dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A running swarm: its id, its token, and what its Job tells of how it was asked for.

    `denied`: why there is no token, when we may not read it.
    """

    id: str
    token: str | None
    asked: Mapping[str, Any]
    denied: str | None = None


def running(cluster: Cluster, targets: Mapping[str, str], *, but: str | None = None) -> Found | None:
    """The swarm that runs, if any; `targets`: id → URL; `but`: one that was seen to its end already.

    One whose Secret is gone is ending already.
    """
    for job in cluster.list(f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs"):
        metadata = job["metadata"]
        swarm_id = workloads.swarm_of(metadata["name"])
        if swarm_id is None or swarm_id == but or metadata.get("deletionTimestamp") or workloads.is_over(job):
            continue
        try:
            return Found(swarm_id, token_of(cluster, swarm_id), _asked(job, targets))
        except errors.NotFound:
            continue
        except errors.Forbidden as error:
            why = f"it {error.rule.sentence}" if error.rule else error.message
            return Found(swarm_id, None, _asked(job, targets), why)
    return None


def _asked(job: Mapping[str, Any], targets: Mapping[str, str]) -> dict[str, Any]:
    settings = workloads.settings_of(job)
    urls = {url: target for target, url in targets.items()}
    annotations = job["metadata"].get("annotations", {})
    by = annotations.get(workloads.STARTED_BY)
    return {
        "target": urls.get(settings.get("SWARM_TARGET", "")),
        "profile": settings.get("SWARM_PROFILE"),
        "target_users": _whole(settings.get("SWARM_USERS")),
        "users_asked": _whole(settings.get("SWARM_USERS")),
        "workers_asked": _whole(settings.get("SWARM_EXPECT_WORKERS")),
        "spawn_rate": _whole(settings.get("SWARM_SPAWN_RATE")),
        "duration_s": _whole(settings.get("SWARM_DURATION_S")),
        "scenario": settings.get("SWARM_SCENARIO"),
        "keep_alive": {"true": True, "false": False}.get(settings.get("SWARM_KEEP_ALIVE", "")),
        "p95_limit_ms": _whole(settings.get("SWARM_P95_LIMIT_MS")),
        "failed_limit_percent": _number(settings.get("SWARM_FAILED_LIMIT_PERCENT")),
        "note": annotations.get(workloads.NOTE, ""),
        "started_at": job.get("status", {}).get("startTime") or job["metadata"].get("creationTimestamp"),
        "started_by": by,
        "by": by,
    }


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
