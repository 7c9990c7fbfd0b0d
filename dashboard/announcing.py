"""Tells the cluster itself what was done: an Event on the object it was done to, for all who look there.

A failure is said in the log and changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.kube import errors

log = logging.getLogger(__name__)
COMPONENT = "surgeboard"


@dataclass(frozen=True, slots=True)
class Events:
    """`now` is the wall clock."""

    cluster: Any
    now: Callable[[], datetime]

    def say(self, name: str, reason: str, text: str, *, about: Mapping[str, str]) -> None:
        """One Event a name, whoever of several dashboards comes first. `about`: apiVersion, kind, namespace, name."""
        moment = self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        event = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": about["namespace"]},
            "involvedObject": dict(about),
            "reason": reason,
            "message": text[:1000],
            "type": "Normal",
            "source": {"component": COMPONENT},
            "reportingComponent": COMPONENT,
            "reportingInstance": COMPONENT,
            "firstTimestamp": moment,
            "lastTimestamp": moment,
            "count": 1,
        }
        try:
            self.cluster.create(f"/api/v1/namespaces/{about['namespace']}/events", event)
        except errors.AlreadyExists:
            return
        except errors.ApiError as error:
            log.warning("the Event %s (%s) could not be written: %s", reason, name, error)
