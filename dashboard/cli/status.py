"""`surgeboard status`: how stacks are, what is wrong with which object and why, which revision, what others changed."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.cli import choosing, status_text, way
from dashboard.cli.options import Misused
from dashboard.cli.session import DONE, FAILED, Ended, Session, error_of
from dashboard.cli.terminal import Terminal
from dashboard.errors import Refused
from dashboard.kube.errors import ApiError
from dashboard.stack.applying.revisions import Revision
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.chosen import Chosen
from dashboard.stack.health.state import VIEW, BundleStates
from dashboard.store.views import Views

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A stack that is asked for. `record`: it is known by that alone, so its manifests are not at hand."""

    bundle: Bundle
    is_named: bool
    record: Revision | None = None


@dataclass(frozen=True, slots=True)
class _Given:
    """Stands for the catalogue where only some stacks are asked for."""

    bundles: Sequence[Bundle]

    def all(self) -> Sequence[Bundle]:
        return self.bundles


def check(arguments: argparse.Namespace, terminal: Terminal) -> None:
    """Whatever is asked can be tried."""


def work(session: Session) -> Ended:
    """The whole command."""
    asked, problems = _asked(session)
    rows = [_row(session, each, row) for each, row in zip(asked, _states(session, asked), strict=True)]
    is_well = not problems and all(_is_well(each, row) for each, row in zip(asked, rows, strict=True))
    ways = way.looked(session) if way.is_asked(session.arguments.what) else None
    document = {
        "cluster": dict(session.cluster),
        "state": "ok" if is_well else "not ok",
        "bundles": rows,
        "problems": dict(problems),
        "pipeline": ways,
    }
    if not session.arguments.json:
        for line, style in (*status_text.lines_of(document), *way.lines_of(ways or ())):
            session.terminal.tell(line, style)
    return Ended(DONE if is_well else FAILED, document)


def _asked(session: Session) -> tuple[list[Asked], Mapping[str, str]]:
    """The named ones; without any name all there are, and why some folders cannot be read."""
    stack, names = session.stack, session.arguments.what
    if names:
        return [_named(session, each) for each in dict.fromkeys(names)], {}
    bundles = stack.catalogue.all()
    known = set(choosing.known_names(stack))
    try:
        records = [each for each in stack.revisions.standing() if each.bundle not in known]
    except Refused as refused:
        session.terminal.say(f"surgeboard: what was deployed from a path is not listed: {refused.sentence}", "yellow")
        records = []
    others = [Asked(choosing.recorded(each), False, each) for each in records]
    return [*(Asked(each, False) for each in bundles), *others], stack.catalogue.problems()


def _named(session: Session, argument: str) -> Asked:
    stack = session.stack
    chosen: Chosen = argument
    if choosing.is_path(argument, choosing.known_names(stack)):
        chosen = choosing.bundle_at(stack, argument, cluster_scoped=True)
    if isinstance(chosen, Bundle):
        return Asked(chosen, True)
    try:
        return Asked(stack.catalogue.get(chosen), True)
    except Refused as refused:
        found = stack.revisions.latest(chosen)
        if found is None:
            raise (Misused(refused.sentence) if refused.status == 404 else refused) from refused
        return Asked(choosing.recorded(found), True, found)


def _states(session: Session, asked: Sequence[Asked]) -> list[Row]:
    views, stack = Views(), session.stack
    given = _Given([each.bundle for each in asked])
    states = BundleStates(given, stack.cluster, views, stack.revisions.latest, stack.now, time.monotonic)
    states.tick()
    rows = views.rows(VIEW)
    return [rows[each.bundle.name] for each in asked]


def _row(session: Session, asked: Asked, row: Row) -> Row:
    """With the drift and the history where they were asked for, and null where not."""
    row = _removed(row) if asked.record is not None and asked.record.state == "removed" else row
    wants_drift = session.arguments.drift and (row["state"] != "absent" or asked.is_named)
    return {
        **row,
        "folder_changed": None if asked.record else row["folder_changed"],
        "drift": _drift(session, asked) if wants_drift else None,
        "history": _history(session, asked.bundle.name) if session.arguments.history else None,
    }


def _removed(row: Row) -> Row:
    """After a teardown its record names only what was kept, and that being well makes no stack."""
    kept = [status_text.named(each) for each in row["objects"] if each["state"] != "absent"]
    return {**row, "state": "absent", "sentence": f"Removed; kept: {', '.join(kept)}." if kept else "Removed."}


def _drift(session: Session, asked: Asked) -> Row:
    try:
        stack = session.stack
        drift = stack.drift_of_record(asked.record) if asked.record else stack.drift(asked.bundle)
        return drift.document()
    except (Refused, ApiError) as error:
        return {"bundle": asked.bundle.name, "is_clean": None, "objects": [], "error": _told(error)}


def _history(session: Session, name: str) -> list[Row]:
    return [each.document() for each in session.stack.history(name)]


def _told(error: Refused | ApiError) -> Row:
    return error_of(error.sentence if isinstance(error, Refused) else error.message, error.status)


def _is_well(asked: Asked, row: Row) -> bool:
    """Whether the exit status may be 0 as far as this one goes."""
    if row["drift"] is not None and not row["drift"]["is_clean"]:
        return False
    return row["state"] == "ok" or (row["state"] == "absent" and not asked.is_named)
