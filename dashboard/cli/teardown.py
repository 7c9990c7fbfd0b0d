"""`surgeboard teardown`: shows what goes and what stays, asks for the name, deletes, waits."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.cli import choosing, plan_text
from dashboard.cli.options import Misused
from dashboard.cli.session import DONE, FAILED, Ended, Session, error_of
from dashboard.cli.terminal import Terminal
from dashboard.errors import Refused
from dashboard.stack.applying.deleting import GONE_BEFORE, NO_SUCH_KIND
from dashboard.stack.chosen import Chosen
from dashboard.stack.planning.removal import Removal

NO_ONE_TO_ASK = "There is no terminal to ask on. Confirm with --confirm and the stack's name."


def check(arguments: argparse.Namespace, terminal: Terminal) -> None:
    """Somebody must be there to ask, or --confirm be said."""
    if arguments.confirm is None and not terminal.can_ask:
        raise Misused(NO_ONE_TO_ASK)


def work(session: Session) -> Ended:
    """The whole command."""
    arguments = session.arguments
    chosen = _chosen(session)
    name = chosen if isinstance(chosen, str) else chosen.name
    if arguments.confirm is not None:
        _refuse_other(name, arguments.confirm)
    removal = session.stack.removal(chosen)
    _refuse_unlisted(removal, arguments.also)
    if not arguments.json or arguments.confirm is None:
        for line, style in plan_text.removal_lines(removal, arguments.also):
            session.terminal.tell(line, style, before_asking=arguments.confirm is None)
    if not removal.goes and not arguments.also and choosing.standing(session.stack, name) is None:
        session.terminal.tell(f"There is nothing of {name} to delete.")
        return Ended(DONE, _document(session, removal, {"state": "done"}, None))
    if arguments.confirm is None:
        _refuse_other(name, session.terminal.ask(f"Type {name} to delete this from {session.cluster['name']}: "))
    return _removed(session, chosen, removal)


def _chosen(session: Session) -> Chosen:
    argument, stack = session.arguments.what, session.stack
    if choosing.is_path(argument, choosing.known_names(stack)):
        return choosing.bundle_at(stack, argument, cluster_scoped=True)
    try:
        stack.catalogue.get(argument)
    except Refused as refused:
        if not stack.history(argument):  # what was deployed from a path, or whose folder cannot be read any more
            raise Misused(refused.sentence) from refused
    return str(argument)


def _refuse_other(name: str, typed: str | None) -> None:
    if typed != name:
        raise Misused(f"{typed!r} is not the name of the stack, {name}; nothing was changed.")


def _refuse_unlisted(removal: Removal, also: Sequence[str]) -> None:
    there = [each.ref.id for each in removal.stays if each.tickable]
    for each in also:
        if each not in there:
            raise Misused(f"--also {each}: what could go besides is {', '.join(there) or 'nothing'}.")


def _removed(session: Session, chosen: Chosen, removal: Removal) -> Ended:
    also = session.arguments.also
    row = session.run(lambda: session.stack.run_teardown(chosen, by=session.by, also=also, seal=removal.seal))
    if row["state"] != "done":
        session.terminal.say(f"surgeboard: {row['error']}", "red")
        return Ended(FAILED, _document(session, removal, row, error_of(str(row["error"]))))
    session.terminal.tell(f"{removal.bundle} is removed: {_counted(row['steps'])}.", "green")
    return Ended(DONE, _document(session, removal, row, None))


def _counted(steps: Sequence[Mapping[str, Any]]) -> str:
    """What this teardown did, apart from what it found done."""
    gone = [step for step in steps if step["result"] == "deleted"]
    before = sum(step["detail"] in (GONE_BEFORE, NO_SUCH_KIND) for step in gone)
    kept = sum(step["result"] == "kept" for step in steps)
    told = f"{len(gone) - before} gone, {kept} kept"
    return f"{told}, {before} not there before" if before else told


def _document(
    session: Session, removal: Removal, row: Mapping[str, Any], error: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Described in docs/commands.md; scripts rely on it."""
    return {
        "action": "teardown",
        "cluster": dict(session.cluster),
        "bundles": [removal.bundle],
        "removal": removal.document(),
        "state": row["state"],
        "error": error,
        "steps": row.get("steps", []),
        "started_at": row.get("started_at"),
        "finished_at": row.get("finished_at"),
    }
