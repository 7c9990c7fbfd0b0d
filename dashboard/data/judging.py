"""Whether the replica set as a whole works, in a state, a word and a sentence. Pure."""

from __future__ import annotations

from typing import NamedTuple

from dashboard.data import words
from dashboard.data.picture import Member, Picture


class Judgement(NamedTuple):
    """`tone` is one of the shapes in base.css."""

    state: str
    tone: str
    word: str
    sentence: str


def judged(seen: Picture, *, deployed: bool, denied: bool, unseen: bool = False) -> Judgement:
    """`deployed`: the StatefulSet is there; `denied`: the agents may not be asked; `unseen`: nor the pods be read."""
    if not seen.members and unseen:
        sentence = "Whether the database is there may not be read, so nothing is known of the set."
        return Judgement("forbidden", "forbidden", "not allowed", sentence)
    if not seen.members:
        if deployed:
            return Judgement("starting", "progressing", "starting", "None of the database's pods is there yet.")
        return Judgement("absent", "absent", "not deployed", "The database is not deployed here yet.")
    if seen.witness is None:
        nothing = "so nothing is known of the set."
        if denied:
            return Judgement("forbidden", "forbidden", "not allowed", f"The agents may not be asked, {nothing}")
        if not any((member.pod or {}).get("ready_at") for member in seen.members):
            return Judgement("starting", "progressing", "starting", "The first members are starting.")
        silent = not any(member.answer.status for member in seen.members)
        who = "No agent answers" if silent else "The agents answer, but none of them reaches its mongod"
        return Judgement("unanswered", "unknown", "unknown", f"{who}, {nothing}")
    if {member.own.state for member in seen.members if member.own} == {"NOT_INITIATED"}:
        return Judgement("starting", "progressing", "being made", "The set is made once every member answers.")
    return _working(seen)


def _working(seen: Picture) -> Judgement:
    primary = seen.primary
    if primary is None:
        return _without_primary(seen)
    others = [member for member in seen.members if member is not primary]
    lacking = [member.name for member in others if member not in seen.alive]
    if lacking:
        left = "one more may be lost" if seen.votes > seen.majority else "if another is lost, nothing can be written"
        word = f"{len(seen.alive)} of {len(seen.members)} members"
        away = f"{words.listed(lacking)} {'is' if len(lacking) == 1 else 'are'} not there"
        return Judgement("degraded", "partial", word, f"{primary.name} is primary. {away}: {left}.")
    if not others:
        return Judgement("ok", "ok", "healthy", f"{primary.name} is primary, and there is no other member.")
    names = words.listed([member.name for member in others])
    follow = "follows" if len(others) == 1 else "follow"
    return Judgement("ok", "ok", "healthy", f"{primary.name} is primary, {names} {follow}{_behind(others)}.")


def _without_primary(seen: Picture) -> Judgement:
    why = "the members are electing one"
    if seen.votes < seen.majority:
        why = f"only {seen.votes} of the {seen.majority} votes that it takes are there"
    sentence = f"There is no primary, so nothing can be written: {why}."
    return Judgement("no_primary", "failed", "no primary", sentence)


def _behind(others: list[Member]) -> str:
    """The longest lag, where all are known."""
    lags = [member.lag for member in others]
    known = [lag for lag in lags if lag is not None]
    return f", {words.seconds(max(known))} behind at most" if len(known) == len(lags) else ""
