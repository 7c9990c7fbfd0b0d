"""Who became primary, when, and why if mongod says: the newest elections as rows. Keeps them in memory only.

Only the winner tells of an election, and only while it is primary: of those before this dashboard came, the last one
is all that can be known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dashboard.data import words
from dashboard.data.picture import Picture
from dashboard.data.status import Election

MOST = 20


@dataclass(slots=True)
class Elections:
    """`rows` are newest first."""

    _by_term: dict[int, dict[str, Any]] = field(default_factory=dict)
    _primary: str | None = None
    _term: int = 0

    def seen(self, picture: Picture, *, at: str) -> dict[str, Any] | None:
        """The row of an election that put another member into office since the last look; None when none did."""
        primary = picture.primary
        own = primary.own if primary else None
        if primary is None or own is None:
            return None
        if (own.term or 0) < self._term:
            if not self._is_younger(own.election):
                return None  # it was primary once, and has not heard yet that it is not any more
            self.forget()  # the set was made anew, and its terms begin anew with it
        former, self._primary = self._primary, primary.name
        term, former_term = own.term or 0, self._term
        self._term = term
        known = self._by_term.get(term)
        if known is None or known["why"] is None or known["took_ms"] is None:
            before = former if former != primary.name else known["before"] if known else None
            self._by_term[term] = _row(picture, before=before, first=former is None, at=known["t"] if known else at)
            for old in sorted(self._by_term)[:-MOST]:
                del self._by_term[old]
        changed = former is not None and (former != primary.name or term > former_term > 0)
        return self._by_term[term] if changed else None

    def rows(self) -> list[dict[str, Any]]:
        """All that are known."""
        return [self._by_term[term] for term in sorted(self._by_term, reverse=True)]

    def _is_younger(self, told: Election | None) -> bool:
        """Whether an election was after all that are known."""
        newest = max((str(row["t"] or "") for row in self._by_term.values()), default="")
        return told is not None and told.at is not None and told.at > newest

    def forget(self) -> None:
        """Another cluster has another past."""
        self._by_term.clear()
        self._primary, self._term = None, 0


def _row(picture: Picture, *, before: str | None, first: bool, at: str) -> dict[str, Any]:
    """`first`: it was over before anybody looked, so that `at` says nothing about it."""
    primary = picture.primary
    own = primary.own if primary else None
    told = own.election if own else None
    prior = next((each.name for each in own.members if told and each.number == told.prior), None) if own else None
    before = prior or before
    if primary is not None and before == primary.name:
        before = None
    why = words.reason(told.reason) if told else None
    return {
        "id": str(own.term if own else 0),
        "t": (told.at if told else None) or (None if first else at),
        "term": own.term if own else None,
        "winner": primary.name if primary else None,
        "before": before,
        "reason": told.reason if told else None,
        "why": why,
        "votes_needed": told.votes_needed if told else None,
        "took_ms": told.took_ms if told else None,
        "sentence": _sentence(before, why, told),
    }


def _sentence(before: str | None, why: str | None, told: Election | None) -> str:
    parts = [f"before it was {before}" if before else "", why or "mongod tells no reason any more"]
    if told is not None and told.votes_needed is not None:
        parts.append("1 vote was needed" if told.votes_needed == 1 else f"{told.votes_needed} votes were needed")
    if told is not None and told.took_ms is not None:
        parts.append(f"writes were confirmed {told.took_ms} ms later")
    text = "; ".join(part for part in parts if part)
    return f"{text[0].upper()}{text[1:]}."
