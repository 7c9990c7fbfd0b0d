"""What one browser has not been told yet: the latest row of each key, and no more than so many. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from dashboard.store.views import Delta, Row

MOST = 1000  # changed rows; past that a snapshot is smaller and surely complete

Audience = Literal["full", "shared"]
Changes = dict[tuple[str, str], Delta]


@dataclass(slots=True)
class Mailbox:
    """`seq`: the last change this browser was told of. `needs_snapshot`: it must be told everything."""

    audience: Audience = "full"
    seq: int = 0
    needs_snapshot: bool = True
    waiting: Changes = field(default_factory=dict)

    def add(self, changes: Mapping[tuple[str, str], Delta]) -> None:
        """Changes, in order of `seq`; those it knows already are left out."""
        if self.needs_snapshot:
            return
        for where, delta in changes.items():
            if delta.seq > self.seq:
                self.waiting[where] = delta
        if len(self.waiting) > MOST:
            self.overflow()

    def overflow(self) -> None:
        """Let go of the changes: the next thing sent is a snapshot."""
        self.waiting.clear()
        self.needs_snapshot = True

    def take(self, *, upto: int) -> Changes:
        """All that waits; the browser then knows everything up to `upto`."""
        taken, self.waiting = self.waiting, {}
        self.seq = upto
        return taken

    def told_everything(self, *, upto: int) -> None:
        """A snapshot was sent."""
        self.seq, self.needs_snapshot = upto, False
        self.waiting = {where: delta for where, delta in self.waiting.items() if delta.seq > upto}


def listed(changes: Iterable[Delta]) -> list[tuple[str, str, Row | None]]:
    """As they go to the browser, oldest first."""
    ordered = sorted(changes, key=lambda delta: delta.seq)
    return [(delta.view, delta.key, delta.row) for delta in ordered]
