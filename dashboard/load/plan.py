"""A swarm as it would start, for a person to read and confirm (dashboard/confirming.py). It must not know how."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dashboard.confirming import VALID_S
from dashboard.load import workloads
from dashboard.load.pinning import Pinned
from dashboard.load.request import GUESTBOOK, REQUESTS_PER_S_MAX, SwarmRequest
from dashboard.settings import Target


@dataclass(frozen=True, slots=True)
class Plan:
    """One swarm as it would start. The nonce is for whoever made the plan; it is in no log, view or record."""

    nonce: str = field(repr=False)
    session: str
    by: str
    swarm_id: str
    request: SwarmRequest
    target: Target
    pinned: Pinned
    fence: str
    made_at: datetime

    @property
    def ends_at(self) -> datetime:
        """By itself, if it is confirmed right now."""
        return self.made_at + timedelta(seconds=self.request.duration_s)

    @property
    def ends_at_latest(self) -> datetime:
        """By the cluster's hand, if it is confirmed at the last moment."""
        return self.ends_at + timedelta(seconds=VALID_S + workloads.GRACE_S)

    @property
    def objects(self) -> tuple[str, ...]:
        """What is created in namespace load, as `Kind name`."""
        kinds = {"secrets": "Secret", "jobs": "Job", "configmaps": "ConfigMap"}
        own = [] if self.request.scenario == GUESTBOOK else [workloads.scenario_path(self.swarm_id)]
        parts = [path.split("/") for path in [*workloads.paths(self.swarm_id), *own]]
        return (*(f"{kinds[each[-2]]} {each[-1]}" for each in parts), "Lease swarm")

    def document(self) -> dict[str, Any]:
        """As plain data, for the one who made it."""
        request = self.request
        return {
            "nonce": self.nonce,
            "valid_s": VALID_S,
            "by": self.by,
            "target": {
                "id": self.target.id,
                "url": self.target.url,
                "namespace": self.target.namespace,
                "service": self.target.service,
                "port": self.target.port,
                "paths": list(self.target.paths),
                "addresses": list(self.pinned.addresses),
                "endpoints": list(self.pinned.endpoints),
            },
            "users": request.users,
            "spawn_rate": request.spawn_rate,
            "duration_s": request.duration_s,
            "profile": request.profile,
            "workers": request.workers,
            "scenario": request.scenario,
            "keep_alive": request.keep_alive,
            "requests_per_second_at_most": REQUESTS_PER_S_MAX,
            "ends_at": _text(self.ends_at),
            "ends_at_latest": _text(self.ends_at_latest),
            "objects": list(self.objects),
            "fence": self.fence,
        }


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
