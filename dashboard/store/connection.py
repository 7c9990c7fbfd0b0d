"""How far the cluster's words can be trusted now: the view `connection`. Thread-safe; it decides no retries."""

from __future__ import annotations

import threading
from typing import Any

from dashboard.store.times import iso
from dashboard.store.views import Views

VIEW = "connection"
CLUSTER = "cluster"


class Connection:
    """One row for each resource, and the row `cluster` that sums them up."""

    def __init__(self, views: Views, *, cluster: str, server: str) -> None:
        self._views = views
        self._cluster = cluster
        self._server = server
        self._rows: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def report(self, resource: str, *, state: str, since: float, detail: str = "") -> None:
        """A resource's reflector has changed its state."""
        with self._lock:
            self._rows[resource] = {"state": state, "since": iso(since), "detail": detail or None}
            self._write()

    def rewrite(self) -> None:
        """After the views were emptied."""
        with self._lock:
            self._write()

    def _write(self) -> None:
        for resource, row in self._rows.items():
            self._views.put(VIEW, resource, row)
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
