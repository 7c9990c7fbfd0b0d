"""The picture of the set → the rows that a browser sees. Pure; every figure that is not known is a dash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.data import words
from dashboard.data.asking import Answer, ordinal
from dashboard.data.judging import judged
from dashboard.data.picture import Member, Picture, why_no_kill
from dashboard.data.status import Status, Vitals
from dashboard.data.words import UNKNOWN

Row = Mapping[str, Any]


def member(one: Member, seen: Picture) -> dict[str, Any]:
    """A row of the view `members`."""
    raw, pod = one.state, one.pod or {}
    word, tone = words.state(raw)
    if raw is None and pod and not pod.get("ready_at") and one.answer.denied is None:
        word, tone = words.state("STARTUP")
    if pod.get("deleted_at"):
        word, tone = "ending", "ending"
    return {
        "uid": pod.get("uid"),
        "name": one.name,
        "ordinal": ordinal(one.name),
        "dns": one.host,
        "state": raw,
        "word": word,
        "tone": tone,
        "star": raw == "PRIMARY" and tone == "ready",
        "told_by": None if one.own is not None or raw is None or seen.witness is None else seen.witness.member,
        "lag_seconds": one.lag,
        "trouble": _trouble(one, seen),
        "facts": _facts(one, seen),
        "version": _vitals(one.answer).version,
        "oplog": _oplog(one.answer),
        "created_at": pod.get("created_at"),
        "restarts": pod.get("restarts"),
        "node": pod.get("node"),
    }


def _trouble(one: Member, seen: Picture) -> str:
    """What is wrong with it, in a sentence; empty when nothing is."""
    if one.answer.denied is not None:
        return "What its agent says may not be read."
    parts = [one.answer.trouble or ""]
    if one.own is not None and one.own.detail:
        parts.append(_ended(one.own.detail))
    if one.told is not None and one.told.trouble and one.state not in words.ALIVE and seen.witness:
        parts.append(f"{seen.witness.member} says: {_ended(words.heard(one.told.trouble))}")
    return " ".join(part for part in parts if part)


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _facts(one: Member, seen: Picture) -> list[dict[str, str]]:
    told, vitals = one.told, _vitals(one.answer)
    oplog = vitals.oplog
    now = seen.witness.at if seen.witness else None
    source = told.sync_source if told else None
    room = f" of {words.size(oplog.max_bytes)}" if oplog.max_bytes else ""
    found = [
        ("writes", "come here") if one.state == "PRIMARY" else ("behind the primary", _lag(one)),
        ("last heartbeat", _heartbeat(one, seen.witness, now)),
        ("copies from", source or ("–" if one.state != "PRIMARY" else "nobody")),
        ("votes, priority", _votes(one)),
        ("oplog window", UNKNOWN if oplog.hours is None else words.lasting(3600 * oplog.hours)),
        ("oplog size", UNKNOWN if oplog.used_bytes is None else f"{words.size(oplog.used_bytes)}{room}"),
        ("data, on disk", f"{words.size(vitals.data_bytes)}, {words.size(vitals.storage_bytes)}"
                          if vitals.data_bytes is not None else UNKNOWN),
        ("mongod", vitals.version or UNKNOWN),
        ("up for", words.lasting(vitals.uptime_seconds)),
    ]  # fmt: skip
    return [{"label": label, "value": value} for label, value in found]


CATCHES_UP = {
    "STARTUP": "not known while it starts", "STARTUP2": "not known while it copies",
    "RECOVERING": "not known while it recovers", "ROLLBACK": "not known while it rolls back",
}  # fmt: skip


def _lag(one: Member) -> str:
    """Only a secondary follows entry by entry; what any other member lacks, nobody counts."""
    return words.seconds(one.lag) if one.lag is not None else CATCHES_UP.get(one.state or "", UNKNOWN)


def _heartbeat(one: Member, witness: Status | None, now: str | None) -> str:
    """Nobody sends itself heartbeats: of the witness itself its own word is the newest."""
    if witness is not None and witness.member == one.name:
        return "none to itself" if one.own is not None else UNKNOWN
    return words.ago(one.told.last_heartbeat if one.told else None, now)


def _votes(one: Member) -> str:
    if one.told is None or one.told.votes is None:
        return UNKNOWN
    priority = one.told.priority
    return f"{one.told.votes}, {UNKNOWN if priority is None else f'{priority:g}'}"


def _vitals(answer: Answer) -> Vitals:
    return (answer.status.vitals if answer.status else None) or Vitals()


def _oplog(answer: Answer) -> dict[str, Any]:
    oplog = _vitals(answer).oplog
    return {"first": oplog.first, "last": oplog.last, "hours": oplog.hours}


def of_set(
    seen: Picture,
    *,
    deployed: bool,
    rule: Mapping[str, Any] | None,
    detail: str | None,
    at: str,
    unseen: bool = False,
) -> dict[str, Any]:
    """The row `set` of the view `data`. `deployed`: the StatefulSet is there; `rule`: what a denied agent needs.

    `unseen`: pods or the StatefulSet may not be read.
    """
    state, tone, word, sentence = judged(
        seen, deployed=deployed, denied=rule is not None or detail is not None, unseen=unseen
    )  # fmt: skip
    primary = seen.primary
    return {
        "state": state,
        "tone": tone,
        "word": word,
        "sentence": sentence,
        "set": seen.witness.set if seen.witness else None,
        "primary": primary.name if primary else None,
        "term": seen.witness.term if seen.witness else None,
        "members": len(seen.members),
        "alive": len(seen.alive),
        "majority": seen.majority if seen.members else None,
        "answering": sum(1 for member in seen.members if member.own is not None),
        "why_no_kill": why_no_kill(seen),
        "rule": rule,
        "detail": detail,
        "at": at,
    }
