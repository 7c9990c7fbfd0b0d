"""Scale-ups that a quota refused: ReplicaSet → Deployment → HPA, joined with what is lacking. Pure.

A ReplicaSet says in a condition that it is refused now; other controllers only leave an Event, which lasts an hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboard.kube.quantities import number
from dashboard.kube.quota_refusals import Lack, QuotaRefusal, refusal_of
from dashboard.limits import amounts

Row = dict[str, Any]
Events = Sequence[Mapping[str, Any]]


def rows(replica_sets: Iterable[Any], hpas: Iterable[Mapping[str, Any]], events: Events) -> list[Row]:
    """What is refused now first, then what was refused earlier. `hpas`: rows of the view."""
    known = list(hpas)
    now = [row for each in replica_sets if (row := _refused_now(each, known))]
    objects = {row["object_key"] for row in now}
    earlier = {}
    for event in sorted(events, key=_time):
        row = _refused_earlier(event)
        if row is not None and row["object_key"] not in objects:
            earlier[row["key"]] = row
    return sorted(now, key=lambda row: str(row["key"])) + sorted(
        earlier.values(), key=lambda row: str(row["at"]), reverse=True
    )


def _refused_now(replica_set: Any, hpas: Sequence[Mapping[str, Any]]) -> Row | None:
    conditions = replica_set.status.conditions or ()
    failure = next((each for each in conditions if each.type == "ReplicaFailure" and each.status == "True"), None)
    refusal = refusal_of(failure.message) if failure is not None else None
    wanted, has = replica_set.spec.replicas, replica_set.status.replicas or 0
    if failure is None or refusal is None or wanted is None or wanted <= has:
        return None
    meta = replica_set.metadata
    owner = next((each for each in meta.owner_references or () if each.controller), None)
    kind, name = (owner.kind, owner.name) if owner is not None else ("ReplicaSet", meta.name)
    hpa = next((row for row in hpas if _scales(row, meta.namespace, kind, name)), None)
    return {
        "key": meta.uid,
        "object_key": f"{meta.namespace}/ReplicaSet/{meta.name}",
        "state": "now",
        "namespace": meta.namespace or "",
        "who": f"{kind} {name}",
        "through": f"ReplicaSet {meta.name}" if owner is not None else "",
        "hpa": hpa["name"] if hpa else None,
        "wanted": wanted,
        "has": has,
        "quota": refusal.quota,
        "sentence": _sentence(kind, name, hpa, wanted, has, refusal),
        "advice": _advice(refusal, wanted - has),
        "message": failure.message or "",
        "at": failure.last_transition_time,
        "count": None,
        "tone": "full",
        "word": "refused now",
    }


def _scales(hpa: Mapping[str, Any], namespace: str | None, kind: str, name: str) -> bool:
    target = hpa.get("target") or {}
    return (hpa.get("namespace"), target.get("kind"), target.get("name")) == (namespace, kind, name)


def _refused_earlier(event: Mapping[str, Any]) -> Row | None:
    refusal = refusal_of(event.get("message"))
    about = event.get("involvedObject") or {}
    if refusal is None:
        return None
    kind, name, namespace = (str(about.get(each) or "") for each in ("kind", "name", "namespace"))
    count = (event.get("series") or {}).get("count") or event.get("count") or 1
    return {
        "key": f"{namespace}/{kind}/{name}",
        "object_key": f"{namespace}/{kind}/{name}",
        "state": "earlier",
        "namespace": namespace,
        "who": f"{kind} {name}",
        "through": "",
        "hpa": None,
        "wanted": None,
        "has": None,
        "quota": refusal.quota,
        "sentence": f"{kind} {name} was refused pods by quota {refusal.quota}{_lacking(refusal, 1)}.",
        "advice": _advice(refusal, 1, then=True),
        "message": str(event.get("message") or ""),
        "at": _time(event) or None,
        "count": count,
        "tone": "near",
        "word": "refused earlier",
    }


def _sentence(kind: str, name: str, hpa: Mapping[str, Any] | None, wanted: int, has: int, refusal: QuotaRefusal) -> str:
    asker = f"HPA {hpa['name']} wants {kind} {name} to have" if hpa else f"{kind} {name} wants"
    pods = "1 pod" if wanted == 1 else f"{wanted} pods"
    return f"{asker} {pods}; {_have(has)}. Quota {refusal.quota} refuses the rest{_lacking(refusal, wanted - has)}."


def _have(has: int) -> str:
    return "there is 1" if has == 1 else f"there are {has}" if has else "there is none"


def _lacking(refusal: QuotaRefusal, pods: int) -> str:
    """`: it lacks cpu 200m`, for so many pods."""
    if refusal.needs:
        return f": it takes only pods that specify {', '.join(refusal.needs)}"
    parts = [f"{each.resource} {amounts.said(each.resource, missing(each, pods))}" for each in refusal.lacks]
    return f": it lacks {' and '.join(parts)}" if parts else ""


def _advice(refusal: QuotaRefusal, pods: int, *, then: bool = False) -> str:
    """What to do; `then`: what would have helped, for how the quota stands now is told by its bar."""
    if refusal.needs:
        return f"Set {', '.join(refusal.needs)} on every container, or add a LimitRange with defaults."
    raised = [
        f"{each.resource} from {each.limited} to {amounts.said(each.resource, total)}"
        for each in refusal.lacks
        if (total := _raised(each, pods)) is not None
    ]
    if not raised:
        return f"Raise quota {refusal.quota}, or ask for fewer replicas or smaller requests."
    if then:
        return f"As it stood then, one pod more needed quota {refusal.quota} to be raised: {', '.join(raised)}."
    return (
        f"Raise quota {refusal.quota}: {', '.join(raised)}; or lower the requests of a pod, or the HPA's maxReplicas."
    )


def missing(lack: Lack, pods: int) -> Any:
    """How much the quota lacks for so many pods; None when the server's amounts cannot be read."""
    wanted, used, bound = number(lack.requested), number(lack.used), number(lack.limited)
    return None if wanted is None or used is None or bound is None else max(0 * wanted, wanted * pods + used - bound)


def _raised(lack: Lack, pods: int) -> Any:
    short, bound = missing(lack, pods), number(lack.limited)
    return None if short is None or bound is None else bound + short


def _time(event: Mapping[str, Any]) -> str:
    series = (event.get("series") or {}).get("lastObservedTime")
    return str(series or event.get("lastTimestamp") or event.get("eventTime") or event.get("firstTimestamp") or "")
