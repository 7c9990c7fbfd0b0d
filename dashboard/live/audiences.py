"""Who is told how much: `full` gets the rows as they are, `shared` what store/shared.py lists. Knows no sockets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboard.access.capabilities import Capability
from dashboard.live.mailbox import Audience, Changes
from dashboard.store.shared import shared, shared_views
from dashboard.store.views import Snapshot


def audience_of(person: Any, wish: Any = None) -> Audience | None:
    """What a person gets, or None for nobody who may look. A page may wish for less, never for more."""
    capabilities: frozenset[Capability] = getattr(person, "capabilities", frozenset())
    wants_less = isinstance(wish, Mapping) and wish.get("audience") == "shared"
    if Capability.VIEW in capabilities and not wants_less:
        return "full"
    return "shared" if Capability.LOOK in capabilities else None


class Shared:
    """Snapshots and changes for the shared audience. Remembers which rows it has been told of.

    A row that never was theirs is not told of when it goes, so that nothing is told of it at all.
    """

    def __init__(self) -> None:
        self._known: set[tuple[str, str]] = set()

    def snapshot(self, whole: Snapshot) -> Snapshot:
        """What of a snapshot they get."""
        views = shared_views(whole.views)
        self._known.update((view, key) for view, rows in views.items() for key in rows)
        return replace(whole, views=views)

    def changes(self, whole: Changes) -> Changes:
        """What of the changes they get, in the same order."""
        taken: Changes = {}
        for where, delta in whole.items():
            row = None if delta.row is None else shared(delta.view, delta.key, delta.row)
            if row is not None:
                self._known.add(where)
            elif where in self._known:
                self._known.discard(where)
            else:
                continue
            taken[where] = replace(delta, row=row)
        return taken

    def forget(self) -> None:
        """Nobody is there to know anything."""
        self._known.clear()
