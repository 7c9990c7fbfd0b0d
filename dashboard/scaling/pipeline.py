"""The way a CPU figure takes to the HPA, link by link: APIService, server, age of figures, requests. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Row = Mapping[str, Any]

FRESH_S = 60
"""Seconds after which a figure is old: four rounds of metrics-server's usual 15 s resolution."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link. `unknown` when it could not be read, which is not the same as broken."""

    name: str
    state: Literal["ok", "broken", "unknown"]
    text: str
    advice: str | None = None


def links(
    *, api_service: Mapping[str, Any] | Exception | None, server: Row | None, target_pods: Sequence[Row], now: datetime
) -> list[Link]:
    """The four links.

    `api_service`: the APIService object, None when absent, the error when it could not be read. `server`: the
    workload row of metrics-server. `target_pods`: pod rows of the HPA's target.
    """
    return [_api_service(api_service), _server(server), _newest(target_pods, now), _requests(target_pods)]


def _api_service(found: Mapping[str, Any] | Exception | None) -> Link:
    name = "APIService metrics.k8s.io"
    if isinstance(found, Exception):
        return Link(name, "unknown", "could not be read", str(found))
    if found is None:
        return Link(name, "broken", "missing", "Deploy the bundle metrics-server.")
    for condition in found.get("status", {}).get("conditions") or []:
        if condition.get("type") == "Available":
            if condition.get("status") == "True":
                return Link(name, "ok", "available")
            return Link(name, "broken", "not available", condition.get("message"))
    return Link(name, "unknown", "not checked yet")


def _server(workload: Row | None) -> Link:
    name = "metrics-server ready"
    if workload is None:
        return Link(name, "broken", "not deployed", "Deploy the bundle metrics-server.")
    ready, wanted = workload["ready"] or 0, workload["replicas"] or 0
    return Link(name, "ok" if ready and ready >= wanted else "broken", f"{ready} of {wanted}", workload.get("reason"))


def _newest(pods: Sequence[Row], now: datetime) -> Link:
    name = "newest CPU figure"
    times = [datetime.fromisoformat(pod["metrics_at"]) for pod in pods if pod.get("metrics_at")]
    if not times:
        return Link(name, "broken" if any(_is_measurable(pod, now) for pod in pods) else "unknown", "none yet", None)
    age = max(0, round((now - max(times)).total_seconds()))
    return Link(name, "ok" if age <= FRESH_S else "broken", f"{age} s old")


def _is_measurable(pod: Row, now: datetime) -> bool:
    """Long enough there for its first figure."""
    created = pod.get("created_at")
    return created is None or (now - datetime.fromisoformat(created)).total_seconds() > FRESH_S


def _requests(pods: Sequence[Row]) -> Link:
    name = "CPU requests set"
    if not pods:
        return Link(name, "unknown", "no pods")
    having = sum(1 for pod in pods if pod.get("cpu_request_millicores"))
    state: Literal["ok", "broken"] = "ok" if having == len(pods) else "broken"
    advice = None if state == "ok" else "Set resources.requests.cpu on every container of the target."
    return Link(name, state, f"{having} of {len(pods)} pods", advice)
