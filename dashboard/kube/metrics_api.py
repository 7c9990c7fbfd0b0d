"""Whether resource metrics are to be had, read off the APIService that stands for them. Pure; two parts share it.

A cluster has at most one provider of metrics.k8s.io: usually metrics-server, sometimes another, which is as good.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

NAME = "v1beta1.metrics.k8s.io"
PATH = f"/apis/apiregistration.k8s.io/v1/apiservices/{NAME}"
ROOT = "/apis/metrics.k8s.io/v1beta1"
OWN = ("kube-system", "metrics-server")
"""Namespace and name of the Service that the bundle metrics-server registers."""

RESOLUTION_S = 60.0
"""How often metrics-server asks the nodes where --metric-resolution does not say (upstream's default)."""

_OTHERS = {"prometheus-adapter": "prometheus-adapter", "keda": "KEDA", "datadog": "the Datadog cluster agent",
           "metrics-agent": "Kubecost's metrics agent"}  # fmt: skip
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")


@dataclass(frozen=True, slots=True)
class Provider:
    """The Service behind the APIService. `title`: what a person calls it; `is_metrics_server`: its faults are known."""

    namespace: str
    service: str
    port: int
    title: str
    is_metrics_server: bool

    @property
    def is_own_place(self) -> bool:
        """Whether the bundle metrics-server would take its place."""
        return (self.namespace, self.service) == OWN

    def __str__(self) -> str:
        return f"Service {self.namespace}/{self.service}"


@dataclass(frozen=True, slots=True)
class Availability:
    """The condition Available. `reason` and `message` are the API server's own words."""

    state: Literal["available", "unavailable", "unknown"]
    reason: str
    message: str


def provider_of(api_service: Mapping[str, Any]) -> Provider | None:
    """Who is behind it; None where the API server itself is."""
    told = (api_service.get("spec") or {}).get("service")
    if not told:
        return None
    namespace, name = str(told.get("namespace") or ""), str(told.get("name") or "")
    title = next((title for part, title in _OTHERS.items() if part in name), None)
    is_known = title is None and "metrics-server" in name
    return Provider(namespace, name, int(told.get("port") or 443), title or ("metrics-server" if is_known else name),
                    is_known)  # fmt: skip


def availability(api_service: Mapping[str, Any]) -> Availability:
    """What the API server found when it last tried."""
    conditions = (api_service.get("status") or {}).get("conditions") or []
    for each in conditions:
        if each.get("type") == "Available" and each.get("status") in ("True", "False"):
            state: Literal["available", "unavailable"] = "available" if each["status"] == "True" else "unavailable"
            return Availability(state, str(each.get("reason") or ""), str(each.get("message") or ""))
    return Availability("unknown", "", "")


def resolution_s(arguments: Sequence[str]) -> float:
    """How often metrics-server reads the nodes, by its arguments."""
    for place, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == "--metric-resolution":
            return _seconds(value or next(iter(arguments[place + 1 :]), "")) or RESOLUTION_S
    return RESOLUTION_S


def _seconds(duration: str) -> float:
    """A duration as Go writes it; 0 for what is none."""
    return sum(float(number) * _UNITS[unit] for number, unit in _DURATION.findall(duration))
