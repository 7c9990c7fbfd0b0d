"""The links of the target's pods: has each a fresh figure, and does every container ask for what is measured. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dashboard.scaling.pipeline.facts import Reader, Row
from dashboard.scaling.pipeline.links import Link

ROUNDS = 4
"""So many readings may be missed before a figure counts as old."""

LEAST_FRESH_S = 60.0
"""A figure is not called old before this: kubelets measure in a rhythm of their own, up to 30 s behind."""

NAMED = 3
"""Pods named one by one; the others are counted."""


def fresh(reader: Reader, *, resolution_s: float) -> Link:
    """Every pod that should have a figure has one that is not old."""
    denied = reader.denied_read("metrics", "pods")
    if denied is not None:
        return Link("fresh", "denied", "may not be read", denied.get("detail"), rule=denied.get("rule"))
    if not reader.metrics:
        return Link(
            "fresh", "unknown", "this HPA needs no CPU or memory figures" if reader.hpa else "nobody needs them yet"
        )
    limit = max(LEAST_FRESH_S, ROUNDS * resolution_s)
    due = [pod for pod in reader.pods if _age(pod.get("created_at"), reader.now, otherwise=limit + 1) > limit]
    without = [pod for pod in due if not pod.get("metrics_at") and pod.get("phase", "Running") == "Running"]
    if without:
        text = f"none of {_named(without)}" if len(without) < len(reader.pods) else "no pod of the target has any"
        return Link("fresh", "broken", text, None, "The log of metrics-server and the node of the pod may say why.")
    measured = [pod for pod in reader.pods if pod.get("metrics_at")]
    if not measured:
        text = f"the first are due within {limit:.0f} s of a pod's start" if reader.pods else "the target has no pods"
        return Link("fresh", "unknown", text)
    old = [pod for pod in measured if _age(pod["metrics_at"], reader.now) > limit]
    newest = min(_age(pod["metrics_at"], reader.now) for pod in measured)
    if old:
        age = max(_age(pod["metrics_at"], reader.now) for pod in old)
        text = f"those of {_named(old)} are {age:.0f} s old; they come every {resolution_s:.0f} s"
        return Link("fresh", "broken", text, None, "metrics-server does not read the nodes any more: look at its log.")
    waiting = len(reader.pods) - len(measured)
    more = f"; {waiting} of {len(reader.pods)} pods too young" if waiting else ""
    return Link("fresh", "ok", f"{newest:.0f} s old{more}")


def requests(reader: Reader) -> Link:
    """Utilisation is use divided by request, so every container that counts needs one."""
    denied = reader.denied_read("pods")
    if denied is not None:
        return Link("requests", "denied", "the pods may not be read", denied.get("detail"), rule=denied.get("rule"))
    asked = [each for each in reader.metrics if (each.get("target") or {}).get("utilization") is not None]
    if reader.hpa and reader.metrics and not asked:
        return Link("requests", "ok", "not needed: its target is an amount, not a share")
    if not reader.pods:
        return Link("requests", "unknown", "the target has no pods" if reader.hpa else "there is no HPA, so no target")
    lacking = _lacking(asked or [{"type": "Resource", "name": "cpu"}], reader.pods)
    if not lacking:
        return Link("requests", "ok", "on every container")
    text = "; ".join(
        f"{_listed(containers)} asks for no {resource} in {count} of {len(reader.pods)} pods"
        for resource, containers, count in lacking
    )
    resources = " and ".join(dict.fromkeys(resource for resource, _, _ in lacking))
    names = _listed(sorted({name for _, containers, _ in lacking for name in containers}))
    target = (reader.hpa or {}).get("target") or {}
    where = f" of {target['kind']} {target['name']}" if target else ""
    return Link("requests", "broken", text, None, f"Set resources.requests.{resources} on {names}{where}.")


def _lacking(metrics: Sequence[Row], pods: Sequence[Row]) -> list[tuple[str, list[str], int]]:
    """(resource, containers without a request for it, pods concerned), each resource once."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for metric in metrics:
        resource = str(metric.get("name") or "cpu")
        for pod in pods:
            without = set((pod.get("lacks") or {}).get(resource) or ())
            if metric.get("type") == "ContainerResource":
                without &= {str(metric.get("container"))}
            if without:
                containers, concerned = found.setdefault(resource, (set(), set()))
                containers |= without
                concerned.add(str(pod.get("uid")))
    return [(resource, sorted(containers), len(concerned)) for resource, (containers, concerned) in found.items()]


def _age(moment: Any, now: datetime, *, otherwise: float = 0.0) -> float:
    return max(0.0, (now - datetime.fromisoformat(moment)).total_seconds()) if moment else otherwise


def _named(pods: Sequence[Mapping[str, Any]]) -> str:
    names = [str(pod.get("name")) for pod in pods[:NAMED]]
    more = f" and {len(pods) - NAMED} more" if len(pods) > NAMED else ""
    return ", ".join(names) + more


def _listed(names: Sequence[str]) -> str:
    return f"container {names[0]}" if len(names) == 1 else f"containers {', '.join(names)}"
