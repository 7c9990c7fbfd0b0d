"""Rows of the view `decisions`: a change of an HPA target's replicas, or a moment at which the reason changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.scaling.managers import Author
from dashboard.scaling.rescales import Rescaled, Resized
from dashboard.scaling.states import STATES
from dashboard.store import sentences
from dashboard.store.times import iso

FIELD = "spec.replicas is"
"""How the evidence of the object itself begins."""

Row = Mapping[str, Any]

BY_WINDOW = {"ScaleDownStabilized": "its scale-down window", "ScaleUpStabilized": "its scale-up window"}
BY_RULE = {"ScaleUpLimit": "its scale-up policies", "ScaleDownLimit": "its scale-down policies"}
BY_BOUND = {"TooManyReplicas": ("its maximum of", "max"), "TooFewReplicas": ("its minimum of", "min")}


def change(
    hpa: Row, *, t: float, before: int | None, after: int, author: Author, why: Row, live: bool = True
) -> dict[str, Any]:
    """Somebody set the replicas. `why`: the explanation then, {} where it is not known.

    `live` False: nobody watched; that it happened is in managedFields alone.
    """
    state = "manual_scale" if author.by != "hpa" else "scaling_up" if after > (before or 0) else "scaling_down"
    row = {
        **_row(hpa, t=t, before=before, after=after, why=why),
        **_worded(state),
        "by": author.by,
        "manager": author.manager,
        "sentence": _sentence(hpa, author, before=before, after=after),
        "evidence": [_field(hpa, author, after=after), *(why.get("evidence") or [])],
        "confidence": "seen" if live else "inferred",
    }
    if not live:
        row = {**row, "cpu_percent": None, "cpu_target": None}  # the HPA's are of now
    if author.by != "hpa":
        return {**row, "limited_by": None}  # whatever holds the HPA did not hold this one
    return explained(row, hpa, why) if is_of_the_moment(hpa, row) else row


def explained(row: Row, hpa: Row, why: Row) -> dict[str, Any]:
    """A change by the HPA, now that its status and so its explanation are of the very moment."""
    own = [each for each in row["evidence"] if each["text"].startswith(FIELD)]
    heard = [each for each in row["evidence"] if each["kind"] == "Event"]
    found = {
        **row,
        "before": row["before"] if row["before"] is not None else hpa.get("current"),
        "sentence": why.get("sentence") or row["sentence"],
        "sum": list(why.get("sum") or []),
        "evidence": [*own, *(why.get("evidence") or [])],
        "confidence": why.get("confidence") or row["confidence"],
        **_figures(hpa),
    }
    return with_evidence(found, heard)


def with_evidence(row: Row, evidence: Sequence[Row]) -> dict[str, Any]:
    """With what is not among its evidence yet."""
    known = {each["text"] for each in row["evidence"]}
    return {**row, "evidence": [*row["evidence"], *(each for each in evidence if each["text"] not in known)]}


def corrected(row: Row, *, before: int | None) -> dict[str, Any]:
    """With the size it came from as the Deployment's own Event tells it."""
    told = str(row["sentence"] or "").replace(
        f" from {row['before']} to {row['after']} ", f" from {before} to {row['after']} "
    )
    return {**row, "before": before, "sentence": told}


def is_of_the_moment(hpa: Row, row: Row) -> bool:
    """Whether the HPA's status was written with this change: then its figures are the ones that decided."""
    return bool(hpa.get("desired") == row["after"] and hpa.get("current") == row["before"] != row["after"])


def moment(hpa: Row, *, t: float, replicas: int | None, why: Row) -> dict[str, Any]:
    """Nothing changed but the reason why not."""
    return {
        **_row(hpa, t=t, before=replicas, after=replicas, why=why),
        "state": why.get("state"),
        "word": why.get("word"),
        "tone": why.get("tone"),
        "by": "hpa",
        "manager": None,
        "sentence": why.get("sentence"),
        "evidence": list(why.get("evidence") or []),
        "confidence": why.get("confidence"),
    }


def told(event: Rescaled, *, hpa: Row | None, before: int | None) -> dict[str, Any]:
    """A rescale of which only an Event is left: no sum, for its figures are gone."""
    known: Row = hpa or {"namespace": event.namespace, "name": event.name, "uid": event.uid}
    falling = event.cause.endswith("below target") or event.cause.endswith("above Spec.MaxReplicas")
    grew = event.size > before if before is not None else not falling
    return {
        **_row(known, t=event.at, before=before, after=event.size, why={}),
        **_worded("scaling_up" if grew else "scaling_down"),
        "by": "hpa",
        "manager": None,
        "sentence": sentences.rescale_sentence(
            event.name, sentences.Rescale(event.size, event.cause), before=before, reason=None
        ),
        "sum": None,
        "evidence": [heard(event)],
        "cpu_percent": None,
        "cpu_target": None,
        "limited_by": None,
        "confidence": "inferred",
    }


def guessed(hpa: Row, event: Resized, author: Author) -> dict[str, Any]:
    """A change of which only the Deployment's own Event is left: it was not the HPA."""
    row = change(hpa, t=event.at, before=event.before, after=event.after, author=author, why={}, live=False)
    text = f"ScalingReplicaSet: replica set {event.replica_set} from {event.before} to {event.after}"
    evidence = {"kind": "Event", "text": text, "at": iso(event.at), "name": event.name}
    known = row["evidence"] if author.manager else []
    return {**row, "evidence": [*known, evidence]}


def heard(event: Rescaled) -> dict[str, Any]:
    """The Event as evidence."""
    text = f"SuccessfulRescale: New size: {event.size}; reason: {event.cause}"
    return {"kind": "Event", "text": text, "at": iso(event.at), "name": event.name}


def limited_by(hpa: Row) -> str | None:
    """What kept the HPA from doing more, as its status says it; to follow the words "limited by"."""
    conditions = {each["type"]: each for each in hpa.get("conditions") or []}
    window = BY_WINDOW.get(str(conditions.get("AbleToScale", {}).get("reason")))
    limit = conditions.get("ScalingLimited", {})
    if limit.get("status") != "True":
        return window
    reason = str(limit.get("reason"))
    if reason in BY_BOUND:
        words, bound = BY_BOUND[reason]
        return f"{words} {hpa.get(bound)}" if hpa.get(bound) is not None else words.removesuffix(" of")
    return BY_RULE.get(reason, window)


def _row(hpa: Row, *, t: float, before: int | None, after: int | None, why: Row) -> dict[str, Any]:
    target: Row = hpa.get("target") or {}
    return {
        "id": f"{hpa.get('uid')}-{round(t * 1000)}-{after}",
        "t": iso(t),
        "hpa": {name: hpa.get(name) for name in ("namespace", "name", "uid")},
        "target": {"kind": target.get("kind"), "name": target.get("name")},
        "before": before,
        "after": after,
        "sum": list(why["sum"]) if why.get("sum") else None,
        **_figures(hpa),
    }


def _figures(hpa: Row) -> dict[str, Any]:
    return {
        "cpu_percent": hpa.get("cpu_percent"),
        "cpu_target": hpa.get("cpu_target"),
        "limited_by": limited_by(hpa),
    }


def _worded(state: str) -> dict[str, Any]:
    found = STATES[state]
    return {"state": found.id, "word": found.word, "tone": found.tone}


def _sentence(hpa: Row, author: Author, *, before: int | None, after: int) -> str:
    target: Row = hpa.get("target") or {}
    size = f"{after} {'replica' if after == 1 else 'replicas'}"
    change = f"to {size}" if before is None else f"from {before} to {size}"
    if author.by == "hpa":
        return f"The HPA {hpa.get('name')} scaled {target.get('kind')} {target.get('name')} {change}."
    return f"{author.words} set {target.get('kind')} {target.get('name')} {change}, not the HPA."


def _field(hpa: Row, author: Author, *, after: int) -> dict[str, Any]:
    """The object itself as evidence."""
    target: Row = hpa.get("target") or {}
    way = f" through {author.subresource}" if author.subresource else ""
    who = f"managed by {author.manager}{way}" if author.manager else "with no manager on record"
    return {
        "kind": "object",
        "text": f"{FIELD} {after}, {who}",
        "at": None if author.at is None else iso(author.at),
        "name": f"{target.get('kind')} {target.get('name')}",
    }
