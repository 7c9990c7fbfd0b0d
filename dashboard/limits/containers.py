"""Pods grouped by what their containers were given: a row for each container of a workload. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.limits import inserted, qos
from dashboard.limits.inserted import MANIFEST, UNKNOWN
from dashboard.limits.ranges import Default

Row = dict[str, Any]
NOT_SET, NOT_KNOWN = "not set", "unknown"
NAMES = {"cpu": "CPU", "memory": "memory", "ephemeral-storage": "disk"}


@dataclass(slots=True)
class Known:
    """What was worked out of each pod the last time, by its uid: a large cluster changes in few pods at once."""

    by_uid: dict[str, tuple[tuple[Any, ...], list[Row]]] = field(default_factory=dict)


def rows(
    pods: Iterable[Any],
    *,
    template_of: Callable[[Any], Any | None],
    owner_of: Callable[[Any], str],
    defaults: Mapping[str, Sequence[Default] | None],
    known: Known | None = None,
) -> dict[str, Row]:
    """By key. `template_of(pod)`: the pod template of its owner; `defaults` by namespace.

    Pods of one owner that were given the same share a row, which tells how many they are.
    """
    grouped: dict[str, Row] = {}
    before, after = known.by_uid if known is not None else {}, {}
    for pod in pods:
        if pod.metadata.deletion_timestamp or pod.status.phase in ("Succeeded", "Failed"):
            continue
        made_of = (pod, template_of(pod), owner_of(pod), defaults.get(pod.metadata.namespace or ""))
        told = before.get(pod.metadata.uid)
        if told is None or not _same(told[0], made_of):
            told = made_of, _of_pod(*made_of)
        after[pod.metadata.uid] = told
        for row in told[1]:
            shared = grouped.setdefault(row["key"], {**row, "pods": 0})
            shared["pods"] += 1
    if known is not None:
        known.by_uid = after
    return {
        key: {**row, "count": "1 pod" if row["pods"] == 1 else f"{row['pods']} pods"} for key, row in grouped.items()
    }


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Objects are replaced, never changed, so an equal one is the same one; that spares comparing them."""
    return one[0] is other[0] and one[1] is other[1] and one[2:] == other[2:]


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
