"""Test writes with their outcomes → how long nothing could be written, and what became of each write. Pure.

Times are seconds of one clock that only goes forward. `confirmed`: a majority holds it, and it must never be lost.
`refused`: it was never sent to a member. `unknown`: nobody says, and it may be there or not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

Outcome = Literal["confirmed", "refused", "unknown"]

BUCKET_S = 0.2
BEFORE_S = 3.0
AFTER_S = 4.0
BUCKETS_MAX = 200
LEAST_OUTAGE_S = 0.3
"""A shorter gap between two confirmations is the pace of the writes and no outage."""
LOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class Written:
    """One test write: when it was sent, when its answer (or the end of patience) came."""

    number: int
    sent: float
    done: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Outage:
    """From the last confirmation before the gap to the first one after it; `end` is None while it lasts."""

    begin: float
    end: float | None


def outage(writes: Sequence[Written], *, killed: float) -> Outage | None:
    """The longest time without any confirmation that ended, or has not ended, after the kill. None: there was none."""
    moments = sorted(write.done for write in writes if write.outcome == "confirmed")
    gaps = [(later - earlier, earlier, later) for earlier, later in pairwise(moments)]
    after = [gap for gap in gaps if gap[2] > killed and gap[0] >= LEAST_OUTAGE_S]
    newest = max((write.done for write in writes), default=killed)
    last = moments[-1] if moments else killed
    if newest - last >= LEAST_OUTAGE_S and newest > killed:
        after.append((newest - last, last, newest))
    if not after:
        return None
    _, begin, end = max(after)
    still = begin == last and end == newest
    return Outage(begin, None if still else end)


def longest_gap(writes: Sequence[Written], *, killed: float) -> float | None:
    """The longest time between two confirmations of which the later came after the kill, however short."""
    moments = sorted(write.done for write in writes if write.outcome == "confirmed")
    return max((later - earlier for earlier, later in pairwise(moments) if later > killed), default=None)


def counts(writes: Sequence[Written]) -> dict[str, int]:
    """How many there are of each outcome, and in all."""
    found = {"sent": len(writes), "confirmed": 0, "refused": 0, "unknown": 0}
    for write in writes:
        found[write.outcome] += 1
    return found


def buckets(writes: Sequence[Written], *, killed: float, until: float) -> list[list[int]]:
    """[ms since the kill, confirmed, not confirmed] by the time of the answer, around the outage."""
    first = -round(BEFORE_S / BUCKET_S)
    last = min(max(0, int((until - killed) / BUCKET_S)), BUCKETS_MAX + first - 1)
    found = {index: [0, 0] for index in range(first, last + 1)}
    for write in writes:
        index = int((write.done - killed) // BUCKET_S)
        if index in found:
            found[index][0 if write.outcome == "confirmed" else 1] += 1
    return [[round(1000 * BUCKET_S * index), *both] for index, both in sorted(found.items())]


def verdict(writes: Sequence[Written], stored: Collection[int]) -> dict[str, Any]:
    """What is there of what was promised: `lost` are confirmed writes that are not there."""
    there = set(stored)
    confirmed = [write.number for write in writes if write.outcome == "confirmed"]
    lost = sorted(number for number in confirmed if number not in there)
    return {
        "checked": len(confirmed),
        "lost": len(lost),
        "lost_numbers": lost[:LOST_NAMED],
        "unknown_stored": sum(1 for write in writes if write.outcome == "unknown" and write.number in there),
        "refused_stored": sum(1 for write in writes if write.outcome == "refused" and write.number in there),
    }
