"""The TARGETS of a HorizontalPodAutoscaler: what each metric is and what it should be. Pure."""

from __future__ import annotations

from datetime import datetime

from localcluster.client import Object

_SOURCES = {"Resource": "resource", "ContainerResource": "containerResource"}
"""Where a metric of each type that is served here keeps its own part."""

_MOST = 2
"""How many are told; of the others only how many there are."""


def targets(body: Object, _now: datetime) -> str:
    """`cpu: 12%/50%, memory: 20Mi/100Mi`."""
    wanted = body["spec"].get("metrics") or []
    seen = (body.get("status") or {}).get("currentMetrics") or []
    texts = [_target(metric, seen[at] if at < len(seen) else {}) for at, metric in enumerate(wanted)]
    more = f" + {len(texts) - _MOST} more..." if len(texts) > _MOST else ""
    return ", ".join(texts[:_MOST]) + more or "<none>"


def targets_v1(body: Object, _now: datetime) -> str:
    """The same of autoscaling/v1, which has fields for CPU alone."""
    wanted = body["spec"].get("targetCPUUtilizationPercentage")
    now = (body.get("status") or {}).get("currentCPUUtilizationPercentage")
    return "<none>" if wanted is None else f"cpu: {_share(now) or '<unknown>'}/{wanted}%"


def _target(metric: Object, seen: Object) -> str:
    source = _SOURCES.get(metric.get("type", ""))
    if source is None:
        return "<unknown type>"
    asked = metric.get(source) or {}
    target, now = asked.get("target") or {}, (seen.get(source) or {}).get("current") or {}
    if target.get("averageValue") is not None:
        return f"{asked.get('name', '')}: {now.get('averageValue', '<unknown>')}/{target['averageValue']}"
    shares = [_share(part.get("averageUtilization")) for part in (now, target)]
    return f"{asked.get('name', '')}: {shares[0] or '<unknown>'}/{shares[1] or '<auto>'}"


def _share(percent: int | None) -> str:
    return "" if percent is None else f"{percent}%"
