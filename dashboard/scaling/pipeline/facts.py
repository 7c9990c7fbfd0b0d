"""What is known of the way of the figures at one moment. Values only; what could not be read is the error itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.kube.errors import ApiError
from dashboard.kube.metrics_api import Provider, provider_of, resolution_s

Object = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Server:
    """What stands behind the APIService.

    `pods`: those that the Service selects. `log`: the end of the log of one of them, of the instance before where none
    runs; read only while something is wrong, None otherwise. `deployment`: its row in the view `workloads`.
    """

    service: Object | ApiError
    slices: Sequence[Object] | ApiError
    pods: Sequence[Object] | ApiError
    log: Sequence[str] | ApiError | None = None
    deployment: Row | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Of the whole cluster. `server`: None where there is no APIService to lead there, or nothing of it was asked.

    `figures`: node → the time of its newest figure, None where it was not asked for. `deployment`: the row of a
    Deployment called metrics-server that nothing leads to.
    """

    api_service: Object | ApiError
    server: Server | None = None
    figures: Mapping[str, str] | ApiError | None = None
    nodes: Sequence[Object] | ApiError = ()
    deployment: Row | None = None

    @property
    def provider(self) -> Provider | None:
        """Who serves the figures, where that is known."""
        return None if isinstance(self.api_service, ApiError) else provider_of(self.api_service)

    @property
    def resolution_s(self) -> float:
        """How often figures are to be expected."""
        pods = self.server.pods if self.server is not None else ()
        if isinstance(pods, ApiError):
            return resolution_s(())
        containers = [each for pod in pods for each in (pod.get("spec") or {}).get("containers") or ()]
        arguments = [
            str(one) for each in containers for one in (*(each.get("command") or ()), *(each.get("args") or ()))
        ]
        return resolution_s(arguments)


@dataclass(frozen=True, slots=True)
class Reader:
    """One HPA that shall read figures: its row, those of its target's pods, and the reads that RBAC denies us.

    `well_for_s`: for how long all links before the HPA have been well.
    """

    hpa: Row | None
    pods: Sequence[Row]
    now: datetime
    denied: Mapping[str, Row] = field(default_factory=dict)
    well_for_s: float = 0.0

    @property
    def metrics(self) -> list[Row]:
        """What it scales by of that which comes this way: CPU and memory of pods and containers."""
        if self.hpa is None:
            return []
        told = self.hpa.get("metrics")
        if told is None and self.hpa.get("cpu_target") is not None:
            told = [{"type": "Resource", "name": "cpu", "target": {"utilization": self.hpa["cpu_target"]}}]
        return [each for each in told or () if each.get("type") in ("Resource", "ContainerResource")]

    @property
    def who(self) -> str:
        """`HPA flask/guestbook`."""
        return f"HPA {self.hpa['namespace']}/{self.hpa['name']}" if self.hpa else "An autoscaler"

    def denied_read(self, *reads: str) -> Row | None:
        """The first of these reads that is denied."""
        return next((self.denied[each] for each in reads if each in self.denied), None)
