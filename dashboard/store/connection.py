"""How far the cluster's words can be trusted now: the view `connection`. Thread-safe; it decides no retries."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from dashboard.store.times import iso
from dashboard.store.views import Views

VIEW = "connection"
CLUSTER = "cluster"


class Connection:
    """One row for each resource, one for each read besides that is refused, and the row `cluster` that sums up.

    A row that is `forbidden` carries the `rule` that would allow the read, where it is known: its sentence and YAML.
    """

    def __init__(self, views: Views, *, cluster: str, server: str) -> None:
        self._views = views
        self._cluster = cluster
        self._server = server
        self._rows: dict[str, dict[str, Any]] = {}
        self._refused: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def report(
        self, resource: str, *, state: str, since: float, detail: str = "", rule: Mapping[str, Any] | None = None
    ) -> None:
        """A resource's reflector has changed its state."""
        with self._lock:
            self._rows[resource] = _row(state, since, detail, rule)
            self._write()

    def refused(self, read: str, *, at: float, detail: str, rule: Mapping[str, Any] | None) -> None:
        """Something that is asked for now and then, such as metrics, may not be read: a row of that name."""
        with self._lock:
            before = self._refused.get(read)
            if before is None or (before["detail"], before["rule"]) != (detail or None, rule):
                self._refused[read] = _row("forbidden", at, detail, rule)
                self._views.put(VIEW, read, self._refused[read])

    def allowed(self, read: str) -> None:
        """It may be read: nothing is told of it."""
        with self._lock:
            if self._refused.pop(read, None) is not None:
                self._views.remove(VIEW, read)

    def rewrite(self) -> None:
        """After the views were emptied."""
        with self._lock:
            self._write()

    def _write(self) -> None:
        for name, row in [*self._refused.items(), *self._rows.items()]:
            self._views.put(VIEW, name, row)
        self._views.put(VIEW, CLUSTER, {**self._summary(), "cluster": self._cluster, "server": self._server})

    def _summary(self) -> dict[str, Any]:
        """What may not be read does not make the rest stale; otherwise the worst counts, since its earliest time."""
        readable = [row for row in self._rows.values() if row["state"] != "forbidden"] or list(self._rows.values())
        for state in ("down", "stale", "syncing", "forbidden", "live"):
            found = [row for row in readable if row["state"] == state]
            if found:
                # "live" only since the last of them is; everything else since the first.
                pick = max if state == "live" else min
                chosen = pick(found, key=lambda row: str(row["since"]))
                return {"state": state, "since": chosen["since"], "detail": chosen["detail"]}
        return {"state": "syncing", "since": None, "detail": None}


def _row(state: str, since: float, detail: str, rule: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"state": state, "since": iso(since), "detail": detail or None, "rule": rule}
