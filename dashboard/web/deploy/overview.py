"""Bundles and the rows of the view `bundles` → the cards of the Deploy page, and the same for one bundle. Pure.

static/js/deploy_bundles.js paints the same from then on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.stack.bundles.bundle import Bundle
from dashboard.web.deploy.words import BUNDLE_STATES, OBJECT_STATES, REVISION_STATES, Row, counted, moment, named

Rows = Mapping[str, Row]

TROUBLES_SHOWN = 5
LOUD = ("failed", "progressing", "unknown")


def cards(rows: Rows, bundles: Sequence[Bundle]) -> list[dict[str, Any]]:
    """One card a bundle, in the catalogue's order."""
    return [card(bundle, rows.get(bundle.name, {})) for bundle in bundles]


def card(bundle: Bundle, row: Row) -> dict[str, Any]:
    """One bundle: what it is, how it is, which revision; a row that has not come yet is unknown, not empty."""
    state = str(row.get("state") or "unknown")
    refused = denied(row)
    troubles = [trouble(each) for each in row.get("objects", []) if is_trouble(each, state)]
    return {
        "name": bundle.name,
        "title": bundle.title or bundle.name,
        "text": bundle.text,
        "own": bundle.own,
        "tone": state,
        "word": BUNDLE_STATES.get(state, state),
        "count": well(row) if state != "absent" and (state != "ok" or refused) else "",
        "denied": refused,
        "sentence": said(row, troubles),
        "revision": revision(row.get("revision")),
        "changed": row.get("folder_changed") is True,
        "troubles": troubles[:TROUBLES_SHOWN],
        "more": max(0, len(troubles) - TROUBLES_SHOWN),
        "absent": state == "absent",
    }


def said(row: Row, troubles: Sequence[Any]) -> str:
    """The sentence on the whole, where neither the state's word nor the list of troubles has said it."""
    if not row:
        return "The cluster is being read."
    return "" if troubles or row.get("state") == "absent" else str(row.get("sentence") or "")


def well(row: Row) -> str:
    """How many objects are well; nothing while that is not known."""
    if row.get("ok") is None or not row.get("total"):
        return ""
    return f"{row['ok']} of {counted(row['total'], 'object')} well"


def denied(row: Row) -> list[dict[str, Any]]:
    """The rights that are missing to see all of its objects, each once."""
    rules = {each["rule"]["sentence"]: each["rule"] for each in row.get("objects", []) if each.get("rule")}
    return [{"key": sentence, "rule": rule, "detail": "", "since": None} for sentence, rule in rules.items()]


def is_trouble(row: Row, bundle_state: str) -> bool:
    """Whether the object needs naming on the card; that nothing is there, or known, needs no list."""
    if bundle_state in ("absent", "unknown") or row.get("rule") or row.get("is_apart"):
        return False
    return row.get("state") in LOUD or (row.get("state") == "absent" and bundle_state == "partial")


def trouble(row: Row) -> dict[str, Any]:
    """One object that is not well, with its reason."""
    state = str(row.get("state") or "unknown")
    sentence = "" if state == "absent" else row.get("sentence") or ""
    return {
        "id": row["id"],
        "object": named(row),
        "tone": state,
        "word": OBJECT_STATES.get(state, state) + (":" if sentence else ""),
        "sentence": sentence,
    }


def revision(row: Row | None) -> dict[str, Any] | None:
    """Number, hash, what became of it, when and by whom."""
    if not row:
        return None
    state = str(row.get("state"))
    return {
        "number": row.get("number"),
        "hash": str(row.get("revision") or "")[:12],
        "word": REVISION_STATES.get(state, state),
        "tone": "failed" if state == "failed" else "",
        "at": row.get("at"),
        "moment": moment(row.get("at")),
        "by": row.get("by") or "",
    }
