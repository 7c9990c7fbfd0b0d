"""Who is primary: asks the replica-set agent beside each mongod through the API's pod proxy, and notices failovers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from dashboard.kube import errors
from dashboard.store.views import Views

log = logging.getLogger(__name__)

NAMESPACE, WORKLOAD, AGENT_PORT = "mongodb", "mongo", 8081
TIMEOUT = (2.0, 3.0)


@dataclass(slots=True)
class Members:
    """`proxy_pod` is KubeClient's; `set_role(pod_uid, role)` tells a pod's role (None: unknown); `note` the story."""

    views: Views
    proxy_pod: Callable[..., Any]
    set_role: Callable[[str, str | None], None]
    note: Callable[[str, str], None]
    refused: Callable[[errors.Forbidden | None], None] = lambda _error: None
    """Hears after each round whether the agents may be asked."""
    _primary: str | None = None
    _denied: errors.Forbidden | None = None

    def tick(self) -> None:
        """Asks every agent once; called every few seconds."""
        pods = [row for row in self.views.rows("pods").values() if _is_member(row)]
        self._denied = None
        told = {pod["name"]: self._ask(pod) for pod in pods}
        for pod in pods:
            answer = told[pod["name"]]
            self.set_role(pod["uid"], answer["state"].lower() if answer and answer.get("state") else None)
        self.refused(self._denied)
        self._notice([pod["name"] for pod in pods if (told[pod["name"]] or {}).get("state") == "PRIMARY"])

    def _notice(self, primaries: list[str]) -> None:
        if len(primaries) != 1:
            return
        primary = primaries[0]
        if self._primary is not None and primary != self._primary:
            self.note("failover", f"{primary} is primary now, before it was {self._primary}")
        self._primary = primary

    def _ask(self, pod: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if pod["phase"] != "Running":
            return None
        try:
            answer = self.proxy_pod(NAMESPACE, pod["name"], AGENT_PORT, "/status", timeout=TIMEOUT)
            if answer.status != 200:
                answer.close()
                return None
            document: Mapping[str, Any] = msgspec.json.decode(answer.read())
        except (errors.ApiError, msgspec.DecodeError) as error:
            if isinstance(error, errors.Forbidden):
                self._denied = error
            log.debug("the agent of %s does not answer: %s", pod["name"], error)
            return None
        return document


def _is_member(row: Mapping[str, Any]) -> bool:
    workload = row["workload"]
    return row["namespace"] == NAMESPACE and bool(workload) and workload["name"] == WORKLOAD
