"""Rows of a snapshot → what Present mode says on its first paint: the shared rows, whoever looks. Pure.

static/js/present*.js say the same in the same words from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.runs.wording import number
from dashboard.store.denied import is_denied
from dashboard.store.shared import shared_views
from dashboard.web import presenting
from dashboard.web.actions import SnapshotLike
from dashboard.web.pod_tiles import groups
from dashboard.web.scaling import telling

Row = Mapping[str, Any]
Views = Mapping[str, Mapping[str, Row]]

LINES = 6
"""What a room can read from the back."""
NOTICES = {
    "syncing": "Reading the cluster for the first time.",
    "forbidden": "The dashboard is not let in to read what this page shows.",
}


def shown(snapshot: SnapshotLike, *, now: float) -> dict[str, Any]:
    """Everything the template of Present mode needs; `now` in seconds since 1970."""
    views = shared_views(snapshot.views)
    reads = views.get("connection", {})
    cluster = presenting.one(views, "connection", "cluster")
    return {
        "epoch": snapshot.epoch,
        "seq": snapshot.seq,
        "connection": presenting.connection(cluster),
        "notice": notice(cluster),
        "empty": presenting.is_empty(views),
        "figures": presenting.figures(views),
        "groups": groups(views),
        "pods_denied": is_denied(reads, "pods", "deployments", "statefulsets"),
        "why": telling.explained(presenting.why(views), now=now),
        "why_denied": is_denied(reads, "horizontalpodautoscalers"),
        "story": presenting.story(views)[:LINES],
        "swarm": swarm_line(presenting.one(views, "swarm", "current")),
    }


def notice(cluster: Row) -> str:
    """What stands in the way of fresh rows, without the words of the cluster; empty while they come."""
    state = str(cluster.get("state") or "syncing")
    since = f" since {presenting.clock(cluster['since'])}" if cluster.get("since") else ""
    if state == "stale":
        return f"The cluster has sent nothing{since}; what you see is from then."
    if state == "down":
        return f"The cluster does not answer{since}. It is tried again all the time."
    return NOTICES.get(state, "")


def swarm_line(swarm: Row) -> str:
    """How much load there is and until when, while there is some."""
    if swarm.get("state") not in presenting.SWARM_ACTIVE:
        return ""
    parts = [f"Swarm {swarm['state']}: {number(swarm.get('users'))} of {number(swarm.get('target_users'))} load users"]
    if swarm.get("ends_at"):
        parts.append(f"ends at {presenting.clock(swarm['ends_at'])}")
    return " · ".join(parts)
