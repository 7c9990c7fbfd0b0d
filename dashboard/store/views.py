"""All state a browser sees, as named views of keyed rows, with a numbered stream of changes.

Thread-safe and without I/O. A row is never changed after it was put: writers put a new one. It must not know
where rows come from nor who reads them.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delta:
    """One change: the row now at `key` of `view`, or None when it is gone. `seq` counts by one."""

    seq: int
    view: str
    key: str
    row: Row | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All rows as they were right after change `seq`."""

    epoch: str
    seq: int
    views: Mapping[str, Mapping[str, Row]]

    def as_dict(self) -> dict[str, Any]:
        """As it goes to a browser."""
        return {"epoch": self.epoch, "seq": self.seq, "views": self.views}


Listener = Callable[[Delta], None]


class Subscription:
    """A listener's place in the stream; `close` ends it, also twice."""

    def __init__(self, cancel: Callable[[Subscription], None], listener: Listener) -> None:
        self._cancel = cancel
        self.listener = listener

    def close(self) -> None:
        """No delta arrives after this returns."""
        self._cancel(self)


class Views:
    """The rows, and whoever listens to them.

    `epoch` changes with the process (a new Views) and with the cluster (`renew`): a reader that sees another
    epoch must forget what it knew.
    """

    def __init__(self, *, epoch: str | None = None) -> None:
        self.epoch = epoch or secrets.token_hex(8)
        self._seq = 0
        self._views: dict[str, dict[str, Row]] = {}
        self._subscriptions: list[Subscription] = []
        # Re-entrant, because a sink may write one row while it replaces others.
        self._lock = threading.RLock()

    def put(self, view: str, key: str, row: Row) -> None:
        """Set one row; an equal row makes no delta."""
        with self._lock:
            rows = self._views.setdefault(view, {})
            if rows.get(key) != row:
                rows[key] = row
                self._announce(view, key, row)

    def remove(self, view: str, key: str) -> None:
        """Drop one row; an absent one makes no delta."""
        with self._lock:
            if self._views.get(view, {}).pop(key, None) is not None:
                self._announce(view, key, None)

    def replace(self, view: str, rows: Mapping[str, Row]) -> None:
        """Make `rows` the whole view: rows missing from it are removed, equal ones make no delta."""
        with self._lock:
            for key in [key for key in self._views.setdefault(view, {}) if key not in rows]:
                self.remove(view, key)
            for key, row in rows.items():
                self.put(view, key, row)

    def get(self, view: str, key: str) -> Row | None:
        """One row, or None."""
        with self._lock:
            return self._views.get(view, {}).get(key)

    def rows(self, view: str) -> dict[str, Row]:
        """The rows of one view by key; the dictionary is the caller's."""
        with self._lock:
            return dict(self._views.get(view, {}))

    def snapshot(self) -> Snapshot:
        """Everything, at one moment."""
        with self._lock:
            views = {view: dict(rows) for view, rows in self._views.items()}
            return Snapshot(epoch=self.epoch, seq=self._seq, views=views)

    def subscribe(self, listener: Listener) -> tuple[Snapshot, Subscription]:
        """The state now and every change after it, none lost and none twice: both happen under one lock.

        `listener` is called under that lock, in order of `seq`. It must be quick, must not block and must not
        call back into the views.
        """
        with self._lock:
            subscription = Subscription(self._cancel, listener)
            self._subscriptions.append(subscription)
            return self.snapshot(), subscription

    def renew(self) -> None:
        """Forget every row and begin a new epoch: the cluster behind is another one."""
        with self._lock:
            self.epoch = secrets.token_hex(8)
            for view in list(self._views):
                self.replace(view, {})

    def _announce(self, view: str, key: str, row: Row | None) -> None:
        self._seq += 1
        delta = Delta(seq=self._seq, view=view, key=key, row=row)
        for subscription in self._subscriptions:
            subscription.listener(delta)

    def _cancel(self, subscription: Subscription) -> None:
        with self._lock:
            if subscription in self._subscriptions:
                self._subscriptions = [other for other in self._subscriptions if other is not subscription]
