"""Rows of the views `members` and `data` → what the Data page says on its first paint. Pure.

The words are in the rows already; this adds times of day and the chart, as static/js/data_*.js do from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.store.denied import is_denied
from dashboard.web.data import drawing
from dashboard.web.story.telling import moment

Row = Mapping[str, Any]
Views = Mapping[str, Mapping[str, Row]]
NO_ROW: Row = {}
READING: Row = {
    "state": "reading", "tone": "syncing", "word": "reading", "sentence": "The agents are being asked.",
    "why_no_kill": "The agents are being asked.",
}  # fmt: skip

CONNECTIONS = {
    "syncing": "The cluster is being read.",
    "stale": "The cluster has gone quiet, so what you see may be old.",
    "down": "The cluster does not answer.",
    "forbidden": "The cluster lets the dashboard not read enough to kill anything.",
}


def content(views: Views) -> dict[str, Any]:
    """Everything the template needs."""
    rows = views.get("data", {})
    members = views.get("members", {}).values()
    kill = rows.get("kill") or {"state": "none"}
    of_set = rows.get("set") or READING
    return {
        "of_set": of_set,
        "facts": facts(of_set),
        "members": sorted(members, key=lambda row: (row.get("ordinal", 0), str(row.get("name")))),
        "names": names(rows.get("names", NO_ROW)),
        "volumes": list(rows.get("volumes", NO_ROW).get("rows", ())),
        "unread": {
            "claims": is_denied(views.get("connection", {}), "claims"),
            "members": is_denied(views.get("connection", {}), "pods", "statefulsets"),
            "agents": is_denied(views.get("connection", {}), "agents", "pods"),
        },
        "elections": [_election(each) for each in rows.get("elections", NO_ROW).get("rows", ())],
        "kill": kill,
        "chart": drawing.chart(kill),
        "marks": marks(kill),
        "buckets": [
            {"at": drawing.seconds(at), "confirmed": confirmed, "failed": failed}
            for at, confirmed, failed in kill.get("buckets") or ()
        ],
        "obstacle": obstacle(
            of_set, kill, str(views.get("connection", {}).get("cluster", NO_ROW).get("state", "syncing"))
        ),
    }


def facts(of_set: Row) -> list[dict[str, str]]:
    """The set in figures; those that are not known are left out."""
    members, answering = of_set.get("members"), of_set.get("answering")
    told = [
        ("set", of_set.get("set")),
        ("primary", of_set.get("primary")),
        ("term", of_set.get("term")),
        ("members alive", f"{of_set['alive']} of {members}" if members else None),
        ("votes for a primary", of_set.get("majority")),
        ("agents answering", f"{answering} of {members}" if members else None),
    ]
    return [{"label": label, "value": str(value)} for label, value in told if value is not None]


def names(row: Row) -> list[dict[str, Any]]:
    """One chain a member."""
    return [{**each, "before": before(each)} for each in row.get("rows", ())]


def before(row: Row) -> str:
    """Which addresses the name led to before."""
    told = [f"{each['address']} until {moment(each['until'])}" for each in row.get("former", ())]
    return f"Before: {', '.join(told)}. The name stayed." if told else ""


def marks(kill: Row) -> list[str]:
    """The ends of the chart's time axis."""
    buckets = kill.get("buckets") or ()
    return [drawing.seconds(buckets[0][0]), drawing.seconds(buckets[-1][0])] if buckets else ["", ""]


def obstacle(of_set: Row, kill: Row, connection: str) -> str:
    """Why the primary cannot be killed now; empty when it can. static/js/data_kill.js says the same."""
    if connection != "live":
        return CONNECTIONS.get(connection, CONNECTIONS["down"])
    if kill.get("active"):
        return "A primary is being killed already."
    return str(of_set.get("why_no_kill") or "")


def _election(row: Row) -> dict[str, Any]:
    return {**row, "clock": moment(row.get("t"))}
