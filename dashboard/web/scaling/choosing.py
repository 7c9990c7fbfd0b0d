"""Which HPA the Scaling page is about, what else there is to choose, and what is said when there is none. Pure.

static/js/scaling_list.js and focus.js say the same from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.web.presenting import NO_ROW, focus_hpa, one
from dashboard.web.scaling.telling import tone_of, word_of

Row = Mapping[str, Any]
Views = Mapping[str, Mapping[str, Row]]

RESOURCE = "horizontalpodautoscalers"


def key_of(hpa: Row) -> str:
    """How an address names it."""
    return f"{hpa.get('namespace')}/{hpa.get('name')}"


def chosen(views: Views, asked: str) -> Row:
    """The one that was asked for, or the one that the whole dashboard is about; empty when it is not there."""
    if not asked:
        return focus_hpa(views)
    rows = views.get("hpas", {}).values()
    return next((row for row in rows if asked in (key_of(row), row.get("uid"))), NO_ROW)


def listed(views: Views, current: Row) -> list[dict[str, Any]]:
    """All of them, by namespace and name, each with the word for its state."""
    why = views.get("why", {})
    rows = sorted(views.get("hpas", {}).items(), key=lambda pair: key_of(pair[1]))
    return [
        {
            "key": key_of(row),
            "word": word_of(why.get(uid, NO_ROW)),
            "tone": tone_of(why.get(uid, NO_ROW)),
            "current": bool(current) and key_of(row) == key_of(current),
        }
        for uid, row in rows
    ]


def about(hpa: Row) -> dict[str, str]:
    """Name, target and bounds."""
    if not hpa:
        return {"name": "", "target": "", "bounds": ""}
    target: Row = hpa.get("target") or {}
    return {
        "name": f"{hpa.get('namespace')} / {hpa.get('name')}",
        "target": f"scales {target.get('kind') or 'its target'} {target.get('name') or ''}".rstrip(),
        "bounds": f"{hpa.get('min') if hpa.get('min') is not None else 1} to {hpa.get('max') or '–'} replicas",
    }


def absence(views: Views, hpa: Row, asked: str) -> dict[str, str] | None:
    """Why there is nothing to explain: not read yet, not allowed, none there, or not the one asked for."""
    if hpa:
        return None
    resource = one(views, "connection", RESOURCE)
    state = resource.get("state")
    if state == "forbidden":
        return _said("forbidden", "The autoscalers may not be read", "What scales, and why, cannot be seen.")
    if one(views, "connection", "cluster").get("state", "syncing") == "syncing" or state == "syncing":
        return _said("syncing", "The cluster is being read", "What scales, and why, is told as soon as it is known.")
    if asked:
        return _said("gone", f"There is no autoscaler {asked}", "It may have been deleted, or not be deployed yet.")
    return _said(
        "none",
        "Nothing scales by itself yet",
        "There is no HorizontalPodAutoscaler in the namespaces that are watched. The bundle flask brings one.",
    )


def _said(kind: str, title: str, text: str) -> dict[str, str]:
    return {"kind": kind, "title": title, "text": text}
