"""The row of the view `pipeline` → what is painted of it first: the way of the figures, link by link. Pure.

static/js/pipeline.js says the same from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
Views = Mapping[str, Mapping[str, Row]]

WORDS = {"ok": "ok", "broken": "broken", "unknown": "unknown", "denied": "denied"}
READING = "The way of the figures is being read."
DEPLOYING = ("planning", "applying", "waiting", "pruning", "deleting")
BUNDLE = "metrics-server"


def row_of(views: Views, hpa: Row) -> Row:
    """Of this HPA; of the cluster as far as it is known, where it has none yet."""
    rows = views.get("pipeline", {})
    return rows.get(str(hpa.get("uid", ""))) or rows.get("metrics") or {}


def shown(row: Row) -> dict[str, Any]:
    """Everything the templates need: each link with its word, the sentence, whether it can be repaired."""
    repair = row.get("repair") or {}
    return {
        "known": bool(row.get("links")),
        "sentence": row.get("sentence") or READING,
        "fault": row.get("fault") or "",
        "repair": bool(repair.get("needed")),
        "why": repair.get("why") or "",
        "links": [
            {
                **link,
                "word": WORDS.get(str(link.get("state")), "unknown"),
                "short": link.get("text")
                if link.get("state") == "ok"
                else WORDS.get(str(link.get("state")), "unknown"),
                "is_fault": link.get("id") == row.get("fault"),
            }
            for link in row.get("links") or []
        ],
    }


def repairable(views: Views) -> Row:
    """The row that can be repaired: what is broken for one HPA by metrics-server is broken for all."""
    rows = views.get("pipeline", {})
    first = rows.get("metrics") or {}
    return next((row for row in (first, *rows.values()) if (row.get("repair") or {}).get("needed")), first)


def is_being_deployed(views: Views) -> bool:
    """Whether the bundle is being worked on now, so that a plan would be of the past at once."""
    row = views.get("deploy", {}).get("current") or {}
    return row.get("state") in DEPLOYING and BUNDLE in (row.get("bundles") or ())
