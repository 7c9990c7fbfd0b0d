"""Flags on the time axis: the few moments that explain a curve. Bounded; it must not decide what such a moment is."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from dashboard.store.views import Views

VIEW = "flags"
MOST = 200
KINDS = frozenset({"swarm", "scaled", "oom", "failover", "apply", "stop", "experiment"})
# What stands on the flag when nobody gave a shorter word.
_WORDS = {
    "swarm": "swarm",
    "stop": "stop",
    "apply": "apply",
    "failover": "failover",
    "oom": "OOM",
    "experiment": "experiment",
}


class Flags:
    """The view `flags`. Not thread-safe; the story's lock is around it."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._kept: OrderedDict[str, None] = OrderedDict()

    def add(
        self, key: str, *, kind: str, at: str, about: dict[str, Any] | None, sentence: str, text: str | None = None
    ) -> None:
        """Plant one; the same key again changes it."""
        row = {
            "id": key,
            "t": at,
            "kind": kind,
            "text": text or _WORDS.get(kind, kind),
            "object": about,
            "sentence": sentence,
        }
        self._kept[key] = None
        self._views.put(VIEW, key, row)
        while len(self._kept) > MOST:
            oldest, _ = self._kept.popitem(last=False)
            self._views.remove(VIEW, oldest)

    def forget(self) -> None:
        """Another cluster has another past."""
        self._kept.clear()
        self._views.replace(VIEW, {})
