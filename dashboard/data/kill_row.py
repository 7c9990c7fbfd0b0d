"""One kill of the primary as a browser sees it: the row `kill` of the view `data`. Pure; `_ms` counts from the kill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dashboard.data import outage, words
from dashboard.data.outage import Written
from dashboard.data.words import UNKNOWN

State = Literal["measuring", "killing", "recovering", "verifying", "done", "failed"]
RECOVERY_S = 120.0
"""Seconds after the kill for which is looked on."""
NONE: dict[str, Any] = {"id": None, "state": "none", "active": False}
ACTIVE = ("measuring", "killing", "recovering", "verifying")

WORDS: dict[str, tuple[str, str]] = {
    "measuring": ("test writes begin", "progressing"),
    "killing": ("killing", "progressing"),
    "recovering": ("recovering", "progressing"),
    "verifying": ("looking for every write", "progressing"),
    "done": ("over", "ok"),
    "failed": ("did not succeed", "failed"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one kill so far. `killed`, `looked`: by the clock of the writes; others are seconds after it."""

    id: str
    by: str
    pod: str
    state: State
    started_at: str
    killed: float | None = None
    killed_at: str | None = None
    looked: float = 0.0
    elected: float | None = None
    new_primary: str | None = None
    reason: str | None = None
    """Of the election, in mongod's word."""
    back: float | None = None
    verdict: Mapping[str, Any] | None = None
    error: str | None = None


def row(facts: Facts, writes: Sequence[Written]) -> dict[str, Any]:
    """The row."""
    counts = outage.counts(writes)
    found = None if facts.killed is None else outage.outage(writes, killed=facts.killed)
    word, tone = WORDS[facts.state]
    lost = facts.verdict["lost"] if facts.verdict else None
    unwell = _unwell(facts, found)
    ended = found.end if found is not None else None
    again = None if facts.killed is None or ended is None else ended - facts.killed
    gap = None if found is None or ended is None else ended - found.begin
    if found is None and facts.killed is not None and facts.state in ("verifying", "done"):
        gap = outage.longest_gap(writes, killed=facts.killed)
    return {
        "id": facts.id,
        "state": facts.state,
        "active": facts.state in ACTIVE,
        "word": word,
        "tone": "failed" if lost else "partial" if unwell else tone,
        "sentence": _sentence(facts, found, gap, counts) + unwell,
        "by": facts.by,
        "pod": facts.pod,
        "new_primary": facts.new_primary,
        "started_at": facts.started_at,
        "killed_at": facts.killed_at,
        "outage_ms": _ms(gap),
        "again_ms": _ms(again),
        "elected_ms": _ms(facts.elected),
        "back_ms": _ms(facts.back),
        "counts": counts,
        "verdict": dict(facts.verdict) if facts.verdict else None,
        "why": words.reason(facts.reason),
        "unconfirmed": _unconfirmed(counts, facts.verdict),
        "figures": _figures(facts, found, gap, counts),
        "steps": _steps(facts, found, counts, again),
        "bucket_ms": round(1000 * outage.BUCKET_S),
        "buckets": _buckets(facts, found, writes),
        "outage_from_ms": None if found is None or facts.killed is None else _ms(found.begin - facts.killed),
        "outage_to_ms": _ms(again),
        "error": facts.error,
    }


def _sentence(facts: Facts, found: outage.Outage | None, gap: float | None, counts: Mapping[str, int]) -> str:
    if facts.error:
        return facts.error
    if facts.state == "measuring":
        return f"Test writes run; {facts.pod} is killed as soon as twenty of them are confirmed."
    if facts.state == "killing":
        return f"{facts.pod} is being killed."
    if found is None and facts.state == "recovering":
        return f"{facts.pod} was killed, and test writes go on."
    told = f"Nothing was confirmed for {_s(gap)}; {_unconfirmed_so_far(counts)}."
    if found is not None and found.end is None:
        told = f"Nothing is confirmed since {facts.pod} was killed."
    elif found is None:
        told = f"Writing was not interrupted: at most {_s(gap)} passed between two confirmations."
    told += _as_elected(facts)
    if facts.verdict is None:
        return told
    told += f" {facts.verdict['lost']} of {facts.verdict['checked']} confirmed writes lost."
    return told if not facts.verdict["lost"] else f"{told} Confirmed and not there: {_numbers(facts.verdict)}."


def _unconfirmed_so_far(counts: Mapping[str, int]) -> str:
    failed = counts["refused"] + counts["unknown"]
    return f"{failed} of {counts['sent']} writes were refused or have no known end" if failed else "no write failed"


def _as_elected(facts: Facts) -> str:
    """What decides about the length of an outage, by mongod's own reason; empty while that is not known."""
    handed_over = words.is_handover(facts.reason)
    if handed_over is None:
        return ""
    if handed_over:
        return f" It was a handover, not a crash: {facts.pod} let {facts.new_primary} be elected before it ended."
    return f" It was no handover: {words.reason(facts.reason)}."


def _unwell(facts: Facts, found: outage.Outage | None) -> str:
    """At the end, what is not as it was before the kill."""
    if facts.state != "done":
        return ""
    writes = f" No write was confirmed again within {RECOVERY_S:.0f} s." if found and found.end is None else ""
    return writes + ("" if facts.back is not None else f" {facts.pod} was not back within {RECOVERY_S:.0f} s.")


def _numbers(verdict: Mapping[str, Any]) -> str:
    named = ", ".join(f"#{number}" for number in verdict["lost_numbers"])
    rest = verdict["lost"] - len(verdict["lost_numbers"])
    return f"{named} and {rest} more" if rest else named


def _figures(
    facts: Facts, found: outage.Outage | None, gap: float | None, counts: Mapping[str, int]
) -> list[dict[str, str]]:
    verdict = facts.verdict or {}
    out = facts.looked - found.begin if found is not None and found.end is None else gap
    lost = f"{verdict['lost']} of {verdict['checked']}" if verdict else UNKNOWN
    failed = counts["refused"] + counts["unknown"]
    return [
        {"id": "outage", "label": "nothing confirmed for", "value": _s(out)},
        {"id": "elected", "label": "until a new primary", "value": _s(facts.elected)},
        {"id": "back", "label": f"until {facts.pod} was back", "value": _s(facts.back)},
        {"id": "failed", "label": "writes refused or unknown", "value": f"{failed} of {counts['sent']}"},
        {"id": "lost", "label": "confirmed writes lost", "value": lost},
    ]  # fmt: skip


def _steps(
    facts: Facts, found: outage.Outage | None, counts: Mapping[str, int], again: float | None
) -> list[dict[str, str]]:
    """What has happened, what is under way, what is still ahead."""
    primary = facts.new_primary or "A new primary"
    lost = f"{facts.verdict['lost']} of {facts.verdict['checked']} lost" if facts.verdict else ""
    is_over = facts.state in ("verifying", "done") and facts.killed is not None
    is_again = again is not None or (is_over and found is None)
    told = [
        ("writes", "Test writes run", facts.killed is not None, f"{counts['confirmed']} of {counts['sent']} confirmed"),
        ("kill", f"{facts.pod} killed", facts.killed is not None, "grace period 0"),
        ("elect", f"{primary} elected", facts.elected is not None, _because(facts)),
        ("again", "Writes confirmed again", is_again, "not interrupted" if again is None else _after(again)),
        ("back", f"{facts.pod} back as secondary", facts.back is not None, _after(facts.back)),
        ("verify", "Every confirmed write looked for", bool(lost), lost),
    ]  # fmt: skip
    steps, reached = [], facts.state in ACTIVE
    for key, label, done, text in told:
        state = "done" if done else "now" if reached else "ahead"
        reached = reached and done
        steps.append({"id": key, "label": label, "state": state, "text": text if done else ""})
    return steps


def _because(facts: Facts) -> str:
    why = words.reason(facts.reason)
    return f"{_after(facts.elected)}: {why}" if why else _after(facts.elected)


def _unconfirmed(counts: Mapping[str, int], verdict: Mapping[str, Any] | None) -> str:
    """What became of the writes that nobody confirmed; no promise was made about them."""
    failed = counts["refused"] + counts["unknown"]
    if not failed or verdict is None:
        return ""
    there = verdict["unknown_stored"] + verdict["refused_stored"]
    known = f"{counts['refused']} refused, and of {counts['unknown']} nobody knew"
    return (
        f"Not confirmed were {failed}: {known}. {there} of them are there all the same; nothing was promised of these."
    )


def _buckets(facts: Facts, found: outage.Outage | None, writes: Sequence[Written]) -> list[list[int]]:
    """Around the outage; while it lasts, up to now."""
    if facts.killed is None:
        return []
    until = facts.looked
    if found is not None and found.end is not None:
        until = min(until, found.end + outage.AFTER_S)
    elif found is None:
        until = min(until, facts.killed + 2 * outage.AFTER_S)
    return outage.buckets(writes, killed=facts.killed, until=until)


def _s(seconds: float | None) -> str:
    return UNKNOWN if seconds is None else f"{max(0.0, seconds):.1f} s"


def _after(seconds: float | None) -> str:
    return UNKNOWN if seconds is None else f"after {_s(seconds)}"


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(1000 * seconds)
