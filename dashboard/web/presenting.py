"""Rows of a snapshot → what the Stage page, and the frame of every live page, says on its first paint. Pure.

The browser's modules say the same in the same words from then on (static/js/format.js, figures.js, pods.js …);
a browser test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.runs.wording import number
from dashboard.store.denied import denied, is_denied
from dashboard.story.grouping import folded
from dashboard.web.actions import SnapshotLike
from dashboard.web.person import in_a_sentence
from dashboard.web.pod_tiles import groups
from dashboard.web.scaling import pipeline_page

Row = Mapping[str, Any]
Rows = Mapping[str, Row]
Views = Mapping[str, Rows]

UNKNOWN = "–"
DENIED = "denied"
CPU_READS = ("pods", "deployments", "metrics")
READY_READS = ("deployments",)
"""The reads without which the figure is not known."""
STORY_ON_FIRST_PAINT = 60
SWARM_ACTIVE = ("starting", "running", "stopping")
BLAST_ACTIVE = ("starting", "running", "cleaning")
DEPLOY_RUNNING = ("planning", "applying", "waiting", "pruning", "deleting")
NO_ROW: Row = {}


def frame(snapshot: SnapshotLike) -> dict[str, Any]:
    """What every live page has around it: how fresh it is, how the stack is, who looks on."""
    views = snapshot.views
    return {
        "epoch": snapshot.epoch,
        "seq": snapshot.seq,
        "connection": connection(one(views, "connection", "cluster")),
        "denied": refusals(views),
        "stack": one(views, "stack", "health"),
        "viewers": viewers(one(views, "viewers", "count").get("count")),
        "swarm": banner(one(views, "swarm", "current")),
        "blast": blast_banner(one(views, "blast", "current")),
    }


def stage(snapshot: SnapshotLike) -> dict[str, Any]:
    """Everything the template of the Stage needs."""
    views = snapshot.views
    swarm = one(views, "swarm", "current")
    deploy = one(views, "deploy", "current")
    return {
        "empty": is_empty(views),
        "swarm": swarm,
        "swarm_active": swarm.get("state") in SWARM_ACTIVE,
        "swarm_line": swarm_line(swarm),
        "deploying": deploy.get("state") in DEPLOY_RUNNING,
        "figures": figures(views),
        "groups": groups(views),
        "pods_denied": is_denied(views.get("connection", {}), "pods", "deployments", "statefulsets"),
        "why_denied": is_denied(views.get("connection", {}), "horizontalpodautoscalers"),
        "pipeline": pipeline(views),
        "story": story(views),
        "app": next(iter(views.get("app", {}).values()), NO_ROW),
    }


def refusals(views: Views) -> list[dict[str, Any]]:
    """The reads that the cluster refuses, by name, each with the rule that would allow it."""
    rows = denied(views.get("connection", {}))
    return [{**row, "key": key} for key, row in sorted(rows.items())]


def one(views: Views, view: str, key: str) -> Row:
    """One row; empty when there is none."""
    return views.get(view, {}).get(key, NO_ROW)


def connection(row: Row) -> dict[str, str]:
    """The connection sign as the server sees it."""
    state = str(row.get("state", "syncing"))
    words = {
        "live": "live",
        "syncing": "reading the cluster",
        "stale": "stale",
        "forbidden": "not allowed",
        "down": "cluster away",
    }
    text = words.get(state, state)
    if state in ("stale", "down") and row.get("since"):
        text = f"{text} since {clock(row['since'])}"
    cluster = str(row.get("cluster") or "")
    return {"state": state, "text": f"{text} · {cluster}" if cluster else text, "detail": str(row.get("detail") or "")}


def is_empty(views: Views) -> bool:
    """Nothing of the stack is in the cluster, and we know so."""
    return (
        one(views, "stack", "health").get("state") == "absent"
        and one(views, "connection", "cluster").get("state") == "live"
    )


def viewers(count: int | None) -> str:
    if count is None:
        return ""
    return "1 viewer" if count == 1 else f"{count} viewers"


def swarm_line(swarm: Row) -> str:
    """What went wrong with the last swarm; while one is active, the banner tells of it."""
    if swarm.get("state") == "failed":
        return f"The swarm failed: {swarm.get('error') or 'no reason was given'}"
    return f"The last swarm: {swarm['error']}" if swarm.get("state") == "stopped" and swarm.get("error") else ""


def banner(swarm: Row) -> dict[str, Any]:
    """Who sends how much where, and how long still: for the head of every page while a swarm is active."""
    active = swarm.get("state") in SWARM_ACTIVE
    return {"active": active, "state": str(swarm.get("state") or "none"), "text": _banner_text(swarm) if active else ""}


def _banner_text(swarm: Row) -> str:
    users, wanted = number(swarm.get("users")), number(swarm.get("target_users"))
    parts = [f"Swarm {swarm['state']}: {users} of {wanted} load users on {swarm.get('target')}"]
    if swarm.get("profile"):
        parts.append(str(swarm["profile"]))
    if swarm.get("ends_at"):
        parts.append(f"ends by itself at {clock(swarm['ends_at'])}")
    if swarm.get("started_by"):
        parts.append(f"started by {in_a_sentence(str(swarm['started_by']))}")
    if swarm.get("error"):
        parts.append(str(swarm["error"]))
    return " · ".join(parts)


def blast_banner(blast: Row) -> dict[str, Any]:
    """What leaks, and until when at the latest: for the head of every page while an experiment is active."""
    active = blast.get("state") in BLAST_ACTIVE
    return {"active": active, "state": str(blast.get("state") or "none"), "text": _blast_text(blast) if active else ""}


def _blast_text(blast: Row) -> str:
    parts = [f"{blast.get('title')}: {blast.get('phase')}"]
    if blast.get("ends_at"):
        parts.append(f"the cluster ends it at {clock(blast['ends_at'])} at the latest")
    if blast.get("by"):
        parts.append(f"started by {in_a_sentence(str(blast['by']))}")
    return " · ".join(parts)


def focus_hpa(views: Views) -> Row:
    """The HPA the page is about: the sample app's, else the first by name."""
    rows = sorted(
        views.get("hpas", {}).values(), key=lambda row: (row.get("name") != "guestbook", str(row.get("name")))
    )
    return rows[0] if rows else NO_ROW


def figures(views: Views) -> dict[str, str]:
    """The row of large figures. An unknown value is a dash, never a zero."""
    samples = views.get("samples", {})
    newest = samples[max(samples, key=int)] if samples else NO_ROW
    connection = views.get("connection", {})
    unseen = is_denied(connection, "swarm") and one(views, "swarm", "current").get("state") in (None, "none")
    hpa = focus_hpa(views)
    target = newest.get("cpu_target") or hpa.get("cpu_target")
    return {
        "users": DENIED if unseen else number(newest.get("users")),
        "rps": DENIED if unseen else number(newest.get("rps")),
        "p95": DENIED if unseen else number(newest.get("p95_ms")),
        "failed": DENIED if unseen else number(newest.get("failed_percent"), digits=1),
        "cpu": DENIED if is_denied(connection, *CPU_READS) else number(newest.get("cpu_percent")),
        "cpu_label": f"CPU of request, target {number(target)}" if target else "CPU of request",
        "ready": DENIED if is_denied(connection, *READY_READS) else number(newest.get("ready")),
        "ready_unit": f" of {hpa['max']}" if hpa.get("max") else "",
    }


def why(views: Views) -> Row:
    """The explanation of the HPA the page is about."""
    rows = views.get("why", {})
    return rows.get(str(focus_hpa(views).get("uid", "")), next(iter(rows.values()), NO_ROW))


def pipeline(views: Views) -> dict[str, Any]:
    """The way of the figures; nothing of it before anything is deployed, when nothing can be broken."""
    absent = one(views, "stack", "health").get("state") == "absent"
    return pipeline_page.shown(NO_ROW if absent else pipeline_page.row_of(views, focus_hpa(views)))


def story(views: Views) -> list[dict[str, Any]]:
    """The highlights, newest first; routine is a choice of the live page."""
    loud = [row for row in views.get("story", {}).values() if not row.get("quiet")]
    rows = sorted(loud, key=lambda row: (str(row.get("t")), str(row.get("id"))), reverse=True)
    return [
        {**line.newest, "clock": clock(line.newest.get("t")), "times": line.times}
        for line in folded(rows)[:STORY_ON_FIRST_PAINT]
    ]


def clock(moment: Any) -> str:
    """HH:MM:SS of an ISO time, in UTC; the browser puts its own time zone in."""
    text = str(moment or "")
    return text[11:19] if len(text) >= 19 else UNKNOWN
