"""Whether the stack is there and well, and where its app can be opened: the views `stack` and `app`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dashboard.kube import errors
from dashboard.settings import Target
from dashboard.store.denied import is_denied
from dashboard.store.views import Views

NAMESPACES = frozenset({"flask", "mongodb"})
"""Where the stack's own workloads are; swarms come and go and do not count."""

SEEN_BY = ("deployments", "statefulsets")
"""The reads that show them."""
DENIED = "The stack may not be read."

Row = Mapping[str, Any]


@dataclass(slots=True)
class Presence:
    """`get` reads one path of the API; `server` is the API server's address."""

    views: Views
    target: Target
    server: str
    get: Callable[[str], Any]

    def tick(self) -> None:
        """Judges the rows at hand; called every second."""
        rows = [row for row in self.views.rows("workloads").values() if _counts(row)]
        connection = self.views.rows("connection")
        self.views.put("stack", "health", _health(rows, unseen=is_denied(connection, *SEEN_BY)))
        ready = any(row["name"] == self.target.service and row["ready"] for row in rows)
        # Whether a pod is ready is not known where workloads may not be read; trying is the only way to tell.
        reachable = None if is_denied(connection, "deployments", "app") else ready
        before = self.views.get("app", self.target.id) or {}
        self.views.put("app", self.target.id, {
            "namespace": self.target.namespace, "name": self.target.service, "reachable": reachable,
            "url": before.get("url"), "proxy_path": "/app/",
        })  # fmt: skip

    def find_address(self) -> None:
        """Reads the Service's node port; called every few seconds. Only a loopback cluster's port is ours to open."""
        path = f"/api/v1/namespaces/{self.target.namespace}/services/{self.target.service}"
        try:
            service = self.get(path)
        except errors.NotFound:
            service = None
        except errors.ApiError:
            return
        row = self.views.get("app", self.target.id)
        if row is not None:
            self.views.put("app", self.target.id, {**row, "url": self._url(service)})

    def _url(self, service: Mapping[str, Any] | None) -> str | None:
        host = urlsplit(self.server).hostname or ""
        if service is None or not (host == "localhost" or host.startswith("127.")):
            return None
        ports = [port.get("nodePort") for port in service["spec"].get("ports", []) if port.get("nodePort")]
        return f"http://127.0.0.1:{ports[0]}" if ports else None


def _counts(row: Row) -> bool:
    return row["namespace"] in NAMESPACES and row["kind"] in ("Deployment", "StatefulSet")


def _health(rows: list[Row], *, unseen: bool) -> Row:
    """`unseen`: workloads may not be read, so that there may be more than these."""
    if unseen:
        return {"state": "forbidden", "healthy": None, "total": None, "sentence": DENIED}
    wanted = sum(row["replicas"] or 0 for row in rows)
    ready = sum(min(row["ready"] or 0, row["replicas"] or 0) for row in rows)
    if not rows:
        state, sentence = "absent", "The stack is not deployed."
    elif any(row["state"] == "failed" for row in rows):
        bad = next(row for row in rows if row["state"] == "failed")
        state, sentence = "failed", f"{bad['kind']} {bad['name']}: {bad['reason'] or 'failed'}"
    elif ready < wanted or any(row["state"] == "progressing" for row in rows):
        state, sentence = "progressing", f"{ready} of {wanted} pods ready"
    else:
        state, sentence = "ok", f"all {wanted} pods ready"
    return {"state": state, "healthy": ready, "total": wanted, "sentence": sentence}
