"""What states and verdicts are called on the Deploy page, and how objects are named. Pure.

static/js/deploy_words.js says the same in the browser.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]

BUNDLE_STATES = {
    "absent": "not deployed",
    "partial": "partly there",
    "ok": "healthy",
    "progressing": "getting ready",
    "failed": "failed",
    "unknown": "unknown",
}
OBJECT_STATES = {
    "absent": "not there",
    "ok": "healthy",
    "progressing": "getting ready",
    "failed": "failed",
    "suspended": "suspended",
    "unknown": "unknown",
}
REVISION_STATES = {"applying": "being applied", "applied": "applied", "failed": "failed", "removed": "torn down"}

VERDICTS = {
    "create": ("+", "create"),
    "change": ("±", "change"),
    "remove": ("−", "remove"),
    "unchanged": ("=", "unchanged"),
    "conflict": ("!", "conflict"),
    "forbidden": ("⊘", "forbidden"),
    "invalid": ("×", "invalid"),
}
"""Verdict → its shape and its word."""

DRIFT_STATES = {
    "as applied": ("=", "as applied"),
    "changed": ("±", "changed"),
    "missing": ("−", "missing"),
    "unknown": ("?", "unknown"),
}


def named(item: Row) -> str:
    """`Deployment flask/guestbook`, from a row, a step or a reference in a document."""
    if isinstance(item.get("object"), str):
        return str(item["object"])
    inside = item.get("object") or item.get("ref") or item
    namespace = inside.get("namespace") or ""
    return f"{inside.get('kind', '')} {namespace}/{inside.get('name', '')}".replace(" /", " ")


def identity(item: Row) -> str:
    """The stable id of the object an entry of a document is about (ObjectRef.id)."""
    if item.get("id"):
        return str(item["id"])
    ref = item.get("ref") or item.get("object") or {}
    group = str(ref.get("api_version", "")).rpartition("/")[0]
    kind = f"{ref.get('kind')}.{group}" if group else str(ref.get("kind"))
    return f"{kind}/{ref.get('namespace') or ''}/{ref.get('name')}"


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 object`, `3 objects`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def listed(parts: Iterable[str]) -> str:
    """`a, b and c`."""
    held = list(parts)
    return held[0] if len(held) == 1 else f"{', '.join(held[:-1])} and {held[-1]}" if held else ""


def moment(iso: Any) -> str:
    """`23 Nov 14:03 UTC` of an ISO time; the browser puts its own time zone in."""
    text = str(iso or "")
    if len(text) < 16:
        return "–"
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{int(text[8:10])} {months[int(text[5:7]) - 1]} {text[11:16]} UTC"
