"""The prober's record and the pods' statuses → who died, who was hit, which requests failed, what it teaches. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboard.limits.amounts import UNKNOWN
from dashboard.limits.blast.plan import Bound
from dashboard.limits.blast.variants import NAMES, Variant

PROBER = "prober"
LOST = "not known"
COURSE, STOPPED = "it has run its course", "it was stopped"
"""As sampleapp/blast gives the reason for its end."""
Row = dict[str, Any]
Document = Mapping[str, Any]
Probe = Sequence[Any]
"""Milliseconds, milliseconds it took or None, bytes or None, error or None."""


def deaths(pods: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Every container that was killed, by what the pods' statuses tell."""
    found = []
    for pod in pods:
        limits = {each["name"]: _limit(each) for each in (pod.get("spec") or {}).get("containers") or ()}
        for status in (pod.get("status") or {}).get("containerStatuses") or ():
            for state in (status.get("lastState") or {}, status.get("state") or {}):
                ended = state.get("terminated")
                if ended and (ended.get("reason") == "OOMKilled" or ended.get("exitCode") == 137):
                    found.append(_death(pod, status, ended, limits.get(status["name"])))
    return sorted({each["key"]: each for each in found}.values(), key=lambda each: str(each["at"]))


def end_of(document: Document) -> str:
    """The state in which an experiment ended that told its whole record. Only one that ran its course is a result."""
    if document.get("reason") == COURSE:
        return "done"
    return "stopped" if document.get("reason") == STOPPED else "failed"


def has_no_prober(pods: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the program that keeps the record has ended, so that nobody can tell it any more."""
    statuses = [each for pod in pods for each in (pod.get("status") or {}).get("containerStatuses") or ()]
    return any(each["name"] == PROBER and "terminated" in (each.get("state") or {}) for each in statuses)


def parties(variant: Variant, document: Document, died: Sequence[Row], *, over: bool = False) -> list[Row]:
    """Everybody who was asked, with what became of the requests."""
    silent = LOST if over else "not asked yet"
    dead = {(each["role"], each["container"]) for each in died}
    return [
        _party(who, role, container, document.get("probes", {}).get(who) or (), (role, container) in dead, silent)
        for who, role, container in variant.parties
    ]


def sentence(found: Sequence[Row], died: Sequence[Row], bound: Bound, *, over: bool) -> str:
    """What happened, for people."""
    found = [each for each in found if each["asked"] != UNKNOWN]
    asked = sum(each["asked"] for each in found)
    if not asked and not over:
        return "Nothing was asked yet."
    failed = sum(each["failed"] for each in found)
    hit = [each["name"].lower() for each in found if each["failed"] and each["who"] != "leaker"]
    names = [f"container {each['container']} ({each['reason']}, exit code {each['exit_code']})" for each in died]
    ends = f"Killed at the bound of {bound.amount}: {' and '.join(names)}." if names else "Nobody was killed."
    if not asked:
        lost = f"{ends} Which requests failed is not known."
        return lost if names else "It ended before anybody was asked, as far as is known."
    who = f"Hit besides the leaker: {' and '.join(hit)}." if hit else "Nobody else was hit."
    return f"{ends} {who} {failed} of {asked:,} requests failed."


def lesson(variant: Variant, found: Sequence[Row], died: Sequence[Row], bound: Bound, document: Document) -> str:
    """What it teaches, in plain words, and only what was seen."""
    by = {each["who"]: each for each in found}
    ended = (document.get("leak") or {}).get("ended")
    if not died:
        why = f" It ended because of this: {ended}." if ended else ""
        return (
            f"The bound of {bound.amount} killed nobody.{why} Either limits are not enforced here, or the bound lies "
            "beyond the leak's own ceiling."
        )
    beside_hit = bool(by["beside"]["failed"])
    if variant.id == "own":
        if not beside_hit:
            return (
                f"A limit of its own keeps a leak where it is: the kernel killed the one container that went over "
                f"{bound.amount}, it was started again, and the container beside it in the same pod did not notice."
            )
        return "The neighbour was hit although it has a limit of its own: here more than the limit stands between them."
    if beside_hit:
        return (
            f"Whoever shares a bound shares the end: nobody had set a limit, so the LimitRange put {bound.amount} "
            "around both. That kept the leak from the other pod and the node, but the neighbour inside died with it."
        )
    return "The kernel chose the leaker alone out of the shared container; with another choice its neighbour had died."


def _party(who: str, role: str, container: str, probes: Sequence[Probe], killed: bool, silent: str) -> Row:
    failed = [each for each in probes if each[3] is not None]
    is_known = bool(probes) or silent != LOST
    words = sorted({str(each[3]) for each in failed})
    word = "killed" if killed else "hit" if failed else "untouched" if probes else silent
    return {
        "key": who,
        "who": who,
        "name": NAMES[who],
        "where": f"container {container}, pod {role}",
        "asked": len(probes) if is_known else UNKNOWN,
        "answered": len(probes) - len(failed) if is_known else UNKNOWN,
        "failed": len(failed) if is_known else UNKNOWN,
        "when": _when(failed),
        "errors": ", ".join(words),
        "word": word,
        "tone": "full" if killed else "near" if failed else "good" if probes else "unknown",
    }


def _when(failed: Sequence[Probe]) -> str:
    """From the first to the last that failed, in seconds since everybody was first asked."""
    if not failed:
        return ""
    first, last = failed[0][0] / 1000, failed[-1][0] / 1000
    return f"at {first:.1f} s" if last - first < 0.05 else f"{first:.1f} s to {last:.1f} s"


def _death(pod: Mapping[str, Any], status: Mapping[str, Any], ended: Mapping[str, Any], limit: str | None) -> Row:
    meta = pod["metadata"]
    return {
        "key": f"{meta['name']}/{status['name']}/{ended.get('finishedAt')}",
        "role": (meta.get("labels") or {}).get("surgeboard.dev/role"),
        "pod": meta["name"],
        "container": status["name"],
        "exit_code": ended.get("exitCode"),
        "reason": str(ended.get("reason") or "Error"),
        "limit": limit or "no limit",
        "at": ended.get("finishedAt"),
        "restarts": status.get("restartCount"),
    }


def _limit(container: Mapping[str, Any]) -> str | None:
    limits = (container.get("resources") or {}).get("limits") or {}
    return str(limits["memory"]) if "memory" in limits else None
