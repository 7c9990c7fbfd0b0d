"""Tells the cluster itself that a swarm started or stopped: an Event on the target's Service, for all who look there.

A failure is said in the log and changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from dashboard.kube import errors
from dashboard.settings import Target

log = logging.getLogger(__name__)
Reason = Literal["SwarmStarted", "SwarmStopped"]
COMPONENT = "surgeboard"


@dataclass(frozen=True, slots=True)
class Announcing:
    """`now` is the wall clock."""

    cluster: Any
    now: Callable[[], datetime]

    def say(self, reason: Reason, text: str, *, swarm_id: str, target: Target) -> None:
        """One Event a swarm and reason, whoever of several dashboards comes first."""
        moment = self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        event = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"swarm-{swarm_id}.{reason.lower()}", "namespace": target.namespace},
            "involvedObject": {
                "apiVersion": "v1", "kind": "Service", "namespace": target.namespace, "name": target.service,
            },
            "reason": reason,
            "message": text[:1000],
            "type": "Normal",
            "source": {"component": COMPONENT},
            "reportingComponent": COMPONENT,
            "reportingInstance": COMPONENT,
            "firstTimestamp": moment,
            "lastTimestamp": moment,
            "count": 1,
        }  # fmt: skip
        try:
            self.cluster.create(f"/api/v1/namespaces/{target.namespace}/events", event)
        except errors.AlreadyExists:
            return
        except errors.ApiError as error:
            log.warning("the Event %s of swarm %s could not be written: %s", reason, swarm_id, error)
