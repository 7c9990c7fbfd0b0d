"""When each pod was born, became ready and went: the replica bars. Kept for a while after the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from dashboard.store.times import iso, seconds
from dashboard.store.views import Views

VIEW = "pod_spans"
KEPT = 35 * 60.0  # seconds after the end: the chart shows 30 minutes


class Spans:
    """The view `pod_spans`, written from rows of `pods`. Not thread-safe; the sinks' lock is around it."""

    def __init__(self, views: Views, *, now: Callable[[], float]) -> None:
        self._views = views
        self._now = now
        self._ended: dict[str, float] = {}

    def seen(self, pod: dict[str, Any]) -> None:
        """A pod is there; its first readiness stays, whatever comes after."""
        before = self._views.get(VIEW, pod["uid"]) or {}
        self._ended.pop(pod["uid"], None)
        workload = pod["workload"]
        over = pod["phase"] in {"Succeeded", "Failed"}
        ended_at = (before.get("ended_at") or iso(self._now())) if over else None
        self._views.put(
            VIEW,
            pod["uid"],
            {
                "uid": pod["uid"],
                "workload": workload["uid"] if workload else before.get("workload"),
                "namespace": pod["namespace"],
                "name": pod["name"],
                "created_at": pod["created_at"],
                "ready_at": before.get("ready_at") or pod["ready_at"],
                "ended_at": ended_at,
            },
        )
        if ended_at:
            self._ended[pod["uid"]] = seconds(ended_at) or self._now()
        self.prune()

    def gone(self, uids: Iterable[str]) -> None:
        """Pods are there no more."""
        for uid in uids:
            row = self._views.get(VIEW, uid)
            if row is not None:
                ended_at = row["ended_at"] or iso(self._now())
                self._views.put(VIEW, uid, {**row, "ended_at": ended_at})
                self._ended[uid] = seconds(ended_at) or self._now()
        self.prune()

    def prune(self) -> None:
        """Forget what ended too long ago; called with every change, and may be called by a ticker."""
        horizon = self._now() - KEPT
        for uid in [uid for uid, ended in self._ended.items() if ended < horizon]:
            del self._ended[uid]
            self._views.remove(VIEW, uid)

    def forget(self) -> None:
        """Another cluster has other pods."""
        self._ended.clear()
        self._views.replace(VIEW, {})
