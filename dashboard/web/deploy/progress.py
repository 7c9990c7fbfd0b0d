"""The row of the view `deploy` → what is said of it before, or without, a socket. Pure.

static/js/deploy_progress.js says the same from then on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.web.deploy.words import Row, identity, moment, named

RUNNING = ("planning", "applying", "waiting", "pruning", "deleting")
LAST = {"roll back": "Last roll-back", "teardown": "Last teardown"}
FINISHED = ("created", "changed", "unchanged", "ready", "deleted", "kept", "taken over")


def progress(row: Row) -> dict[str, Any]:
    """Everything the progress part shows."""
    steps = row.get("steps") or []
    state = str(row.get("state") or "idle")
    done = sum(step.get("result") in FINISHED for step in steps)
    return {
        "state": state,
        "known": state != "idle",
        "running": state in RUNNING,
        "may_stop": state in RUNNING and state != "deleting",
        "title": "Under way" if state in RUNNING else LAST.get(str(row.get("action")), "Last deploy"),
        "sentence": sentence(row, done, len(steps)) if state != "idle" else "Nothing is being deployed.",
        "done": done,
        "total": len(steps),
        "error": row.get("error") or "",
        "groups": groups(steps),
        "bundles": list(row.get("bundles") or []),
        "by": row.get("by") or "",
        "at": row.get("finished_at") or row.get("started_at"),
        "moment": moment(row.get("finished_at") or row.get("started_at")),
    }


def sentence(row: Row, done: int, total: int) -> str:
    """How far it is, in one sentence."""
    what = row.get("bundle") or ", ".join(row.get("bundles") or [])
    state, action = row.get("state"), row.get("action")
    if state == "planning":
        return "Checking every object against the cluster before the first change…"
    if state in ("applying", "pruning", "deleting"):
        doing = {"applying": "Applying", "pruning": "Removing what is no longer in", "deleting": "Tearing down"}[state]
        return f"{doing} {what}: {done} of {total} objects."
    if state == "waiting":
        return f"Waiting until {what or 'the bundle'} is ready: {done} of {total} objects.{awaited(row)}"
    if state == "done":
        return _done(row, action, total)
    if state == "cancelled":
        return f"Stopped after {done} of {total} objects. {_goes_on(action)}"
    if done or (total and action == "teardown"):
        return f"Failed after {done} of {total} objects. {_goes_on(action)}"
    return "Failed before the first change."


def _done(row: Row, action: Any, total: int) -> str:
    if action == "teardown" or any(step.get("result") == "deleted" for step in row.get("steps") or []):
        return "Torn down."
    return (
        f"Rolled back: {total} objects, all ready."
        if action == "roll back"
        else f"Deployed: {total} objects, all ready."
    )


def _goes_on(action: Any) -> str:
    if action == "teardown":
        return "What is deleted is gone; tearing down again goes on from here."
    return "What is applied stays; deploying again goes on from here."


def awaited(row: Row) -> str:
    """What is waited for, and what it lacks."""
    for step in row.get("steps") or []:
        if step.get("result") == "waiting" and step.get("detail"):
            return f" {step['object']['kind']} {step['object']['name']}: {str(step['detail']).rstrip('.')}."
    return ""


def groups(steps: Sequence[Row]) -> list[dict[str, Any]]:
    """Steps by bundle, in the order they are done."""
    names = dict.fromkeys(str(step.get("bundle")) for step in steps)
    return [{"bundle": name, "steps": [_step(each) for each in steps if each.get("bundle") == name]} for name in names]


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    result = str(step.get("result"))
    return {
        "key": identity(step),
        "tone": "done" if result in FINISHED else result,
        "object": named(step),
        "result": result,
        "detail": step.get("detail") or "",
    }
