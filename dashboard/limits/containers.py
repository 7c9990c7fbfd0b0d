"""Pods grouped by what their containers were given: a row for each container of a workload. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dashboard.limits import inserted, qos
from dashboard.limits.inserted import MANIFEST, UNKNOWN
from dashboard.limits.ranges import Default

Row = dict[str, Any]
NOT_SET, NOT_KNOWN = "not set", "unknown"
NAMES = {"cpu": "CPU", "memory": "memory", "ephemeral-storage": "disk"}


def rows(
    pods: Iterable[Any],
    *,
    template_of: Callable[[Any], Any | None],
    owner_of: Callable[[Any], str],
    defaults: Mapping[str, Sequence[Default] | None],
) -> dict[str, Row]:
    """By key. `template_of(pod)`: the pod template of its owner; `defaults` by namespace.

    Pods of one owner that were given the same share a row, which tells how many they are.
    """
    grouped: dict[str, Row] = {}
    for pod in pods:
        if pod.metadata.deletion_timestamp or pod.status.phase in ("Succeeded", "Failed"):
            continue
        for row in _of_pod(pod, template_of(pod), owner_of(pod), defaults.get(pod.metadata.namespace or "")):
            before = grouped.get(row["key"])
            if before is None:
                grouped[row["key"]] = row
            else:
                before["pods"] += 1
    return {
        key: {**row, "count": "1 pod" if row["pods"] == 1 else f"{row['pods']} pods"} for key, row in grouped.items()
    }


def _of_pod(pod: Any, template: Any | None, owner: str, defaults: Sequence[Default] | None) -> list[Row]:
    notes = inserted.noted(pod.metadata.annotations.limit_ranger if pod.metadata.annotations else None)
    kind, reason = qos.of_pod(pod)
    found = []
    for container in [*(pod.spec.containers or ()), *(pod.spec.init_containers or ())]:
        asked = _named(template, container.name)
        owned = bool(pod.metadata.owner_references)
        lines = inserted.lines(container, asked, defaults=defaults, notes=notes, is_owned=owned)
        shown = [_shown(each) for each in lines if each.resource in NAMES]
        signature = "|".join(f"{each['before']}>{each['after']}{each['by']}" for each in shown)
        found.append(
            {
                "key": f"{pod.metadata.namespace}/{owner}/{container.name}/{signature}",
                "namespace": pod.metadata.namespace or "",
                "owner": owner,
                "container": container.name,
                "pods": 1,
                "qos": kind,
                "qos_why": reason,
                "qos_follows": qos.FOLLOWS.get(kind, ""),
                "changed": any(each["by"] != MANIFEST and each["before"] != NOT_KNOWN for each in shown),
                "lines": shown,
            }
        )
    return found


def _shown(line: inserted.Line) -> Row:
    word = dict(inserted.KINDS)[line.kind]
    return {
        "key": f"{line.kind}.{line.resource}",
        "what": f"{NAMES[line.resource]} {word}",
        "before": line.before or (NOT_KNOWN if line.why in (inserted.NOT_READ, inserted.NOT_KEPT) else NOT_SET),
        "after": line.after or NOT_SET,
        "by": line.by,
        "why": line.why,
        "tone": "unknown" if line.by == UNKNOWN else "put" if line.is_changed else "plain",
    }


def _named(template: Any | None, name: str) -> Any | None:
    if template is None:
        return None
    containers = [*(template.spec.containers or ()), *(template.spec.init_containers or ())]
    return next((each for each in containers if each.name == name), None)
