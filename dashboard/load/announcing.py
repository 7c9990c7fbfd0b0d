"""Tells the cluster itself that a swarm started or stopped: an Event on the target's Service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from dashboard.announcing import Events
from dashboard.settings import Target

Reason = Literal["SwarmStarted", "SwarmStopped"]


@dataclass(frozen=True, slots=True)
class Announcing:
    """`now` is the wall clock."""

    cluster: Any
    now: Callable[[], datetime]

    def say(self, reason: Reason, text: str, *, swarm_id: str, target: Target) -> None:
        """One Event a swarm and reason."""
        about = {"apiVersion": "v1", "kind": "Service", "namespace": target.namespace, "name": target.service}
        Events(self.cluster, self.now).say(f"swarm-{swarm_id}.{reason.lower()}", reason, text, about=about)
