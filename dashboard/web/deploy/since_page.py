"""What became of a bundle, or of one object, since: drift, evidence and what a teardown takes, as pages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from dashboard.web.deploy.bundle_page import health
from dashboard.web.deploy.words import DRIFT_STATES, Row, identity, moment, named


def drift_page(document: Row) -> dict[str, Any]:
    """One sentence, then what differs, then what is as applied."""
    objects = [_drifted(each) for each in document["objects"]]
    differing = [each for each in objects if each["state"] != "as applied" or each["added"]]
    drifted = any(each["state"] != "as applied" for each in objects)
    return {
        "sentence": _drift_sentence(objects),
        "tone": "progressing" if drifted else "ok",
        "drifted": drifted,
        "differing": differing,
        "same": [each for each in objects if each not in differing],
    }


def _drifted(row: Row) -> dict[str, Any]:
    glyph, word = DRIFT_STATES.get(row["state"], ("?", row["state"]))
    return {
        "id": identity(row),
        "object": named(row),
        "state": row["state"],
        "glyph": glyph,
        "word": word,
        "sentence": row.get("sentence") or "",
        "changes": row.get("changes") or [],
        "owners": [_owner(each) for each in row.get("owners") or []],
        "added": [_owner(each) for each in row.get("added") or []],
    }


def _owner(row: Row) -> dict[str, Any]:
    return {**row, "moment": moment(row.get("since")) if row.get("since") else ""}


def _drift_sentence(objects: Sequence[Row]) -> str:
    if not objects:
        return "There is nothing to compare."
    counts = {state: sum(each["state"] == state for each in objects) for state in DRIFT_STATES}
    if counts["as applied"] == len(objects):
        return f"No drift: all {len(objects)} objects are as applied."
    return ", ".join(f"{count} {state}" for state, count in counts.items() if count) + "."


def removal_page(document: Row) -> dict[str, Any]:
    """What goes, what stays whatever is ticked, and what a tick lets go too."""
    stays = [_item(each) for each in document["stays"]]
    return {
        "seal": document.get("seal") or "",
        "goes": _by_reason([_item(each) for each in document["goes"]]),
        "offered": [each for each in stays if each["tickable"]],
        "stays": [each for each in stays if not each["tickable"]],
    }


def _by_reason(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbours that go for the same reason, so that it is said once; their order is that of deleting."""
    runs = groupby(items, key=lambda each: str(each["why"]))
    return [{"why": why, "items": list(members)} for why, members in runs]


def _item(row: Row) -> dict[str, Any]:
    return {
        "id": identity(row),
        "object": named(row),
        "why": row.get("why") or "",
        "tickable": row.get("tickable") is True,
    }


def evidence_page(document: Row) -> dict[str, Any]:
    """Health in words, the cause, Events, pods and the log's tail."""
    log = document.get("log")
    return {
        **health(document.get("health") or {}),
        "cause": document.get("cause") or {},
        "events": [_event(each) for each in document.get("events") or []],
        "pods": list(document.get("pods") or []),
        "unreadable": list(document.get("unreadable") or []),
        "log": {**log, "lines": _lines(log.get("lines"))} if log else None,
    }


def _event(row: Row) -> dict[str, Any]:
    at = row.get("last") or row.get("first")
    return {
        "at": at,
        "moment": moment(at),
        "type": row.get("type") or "",
        "tone": "failed" if row.get("type") == "Warning" else "plain",
        "reason": row.get("reason") or "",
        "message": row.get("message") or "",
        "count": row.get("count") or 1,
        "object": f"{row.get('kind') or ''} {row.get('name') or ''}".strip(),
    }


def _lines(lines: Any) -> str:
    return "\n".join(str(each) for each in lines) if isinstance(lines, list | tuple) else str(lines or "")
