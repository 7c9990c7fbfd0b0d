"""`surgeboard swarm`: starts a swarm in two steps, as the page does, and follows it; stops one; says how one is."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from typing import Any

from dashboard.cli import swarm_text
from dashboard.cli.options import Misused
from dashboard.cli.session import DONE, FAILED, Ended, Session, error_of
from dashboard.cli.swarm_following import OVER, Following
from dashboard.cli.terminal import Terminal
from dashboard.core import Core, connect
from dashboard.errors import Refused
from dashboard.load.following import is_followed
from dashboard.load.plan import Plan
from dashboard.load.request import SwarmRequest

NO_ONE_TO_ASK = "There is no terminal to ask on. Say --yes to start what the plan says."
NOTHING = "Nothing was started."
NOBODY = (
    "Nobody would follow this swarm, so it would end by itself after 25 s: no dashboard runs with this data folder on "
    "this cluster. Say --wait to follow it here, or start a dashboard (surgeboard serve)."
)
STOPPED = "Stopped by Ctrl-C; the swarm is quiet."
LEFT = "Ended at once. The swarm was told to stop, or ends by itself within 25 s; `surgeboard swarm status` tells."
STOPPING = b"\nsurgeboard: stopping the swarm; once more ends at once\n"
SLICE_S = 0.5
ASKED = (
    "target", "users", "spawn_rate", "duration_s", "profile", "workers", "keep_alive", "scenario", "p95_limit_ms",
    "failed_limit_percent", "note",
)  # fmt: skip
TOLD = ("id", "state", "users", "rps", "p95_ms", "failed_percent", "requests", "failures", "error", "run_id")

Row = Mapping[str, Any]
Make = Callable[[Session], Following]


def check(arguments: argparse.Namespace, terminal: Terminal) -> None:
    """What is asked must be within the ceilings, and somebody there to ask, or --yes be said."""
    if arguments.action != "start":
        return
    requested(arguments)
    if not (arguments.yes or terminal.can_ask):
        raise Misused(NO_ONE_TO_ASK)


def requested(arguments: argparse.Namespace) -> SwarmRequest:
    """What was given, and the defaults. Raises Misused."""
    given = {name: getattr(arguments, name) for name in ASKED if getattr(arguments, name) is not None}
    if "duration_s" in given:
        given["duration_s"] = round(given["duration_s"])
    try:
        return SwarmRequest(**given)
    except Refused as refused:
        raise Misused(refused.sentence) from refused


def following(session: Session) -> Following:
    """On the cluster of the session."""
    settings = session.settings
    core = Core(settings, connect(settings))
    return Following(
        core, lambda: is_followed(settings.data_dir, core.client.cluster.server), time.monotonic, time.sleep
    )


def work(session: Session, make: Make = following) -> Ended:
    """The whole command."""
    given = make(session)
    try:
        return {"start": _start, "stop": _stop, "status": _status}[session.arguments.action](session, given)
    finally:
        session.terminal.clear()
        given.core.stop()


def _start(session: Session, given: Following) -> Ended:
    arguments = session.arguments
    if not given.is_followed():
        if not arguments.wait:
            raise Refused(NOBODY, status=409)
        given.begin()
    plan = given.core.starting.plan(requested(arguments), by=session.by, session="command line")
    _show(session, plan)
    if not arguments.yes:
        answer = session.terminal.ask(f"Start on {session.cluster['name']}? [y/N] ")
        if answer is None or answer.lower() not in ("y", "yes"):
            session.terminal.say(f"surgeboard: {NOTHING}", "red")
            return Ended(FAILED, _document(session, plan, {"state": "cancelled"}, NOTHING))
    if arguments.wait:
        return _followed(session, given, plan)
    given.core.starting.start(plan.nonce, by=session.by, session="command line")
    session.terminal.tell(f"Swarm {plan.swarm_id} starts; the dashboard of this data folder follows it.", "green")
    return Ended(DONE, _document(session, plan, {"id": plan.swarm_id, "state": "starting"}, None))


def _show(session: Session, plan: Plan) -> None:
    """With --json a person sees it only before being asked."""
    if session.arguments.json and session.arguments.yes:
        return
    for line, style in swarm_text.plan_lines(plan.document()):
        session.terminal.tell(line, style, before_asking=not session.arguments.yes)


def _followed(session: Session, given: Following, plan: Plan) -> Ended:
    asked: list[bool] = []
    row: Row = {"id": plan.swarm_id, "state": "starting"}
    try:
        with session.stopping.by(lambda: asked.append(True), saying=STOPPING):
            given.core.starting.start(plan.nonce, by=session.by, session="command line")
            row = _until_over(session, given, plan.swarm_id, asked)
    except KeyboardInterrupt:
        return _ended(session, plan, {**row, "state": "cancelled"}, LEFT)
    if asked:
        return _ended(session, plan, row, STOPPED)
    session.terminal.clear()
    session.terminal.say(
        "surgeboard: the load is over; recording until the replicas are back (Ctrl-C ends that)", "dim"
    )
    row = _until_recorded(given, plan.swarm_id, row)
    return _ended(session, plan, row, row.get("error"))


def _until_over(session: Session, given: Following, swarm_id: str, asked: list[bool]) -> Row:
    """The swarm's last row; a signal has it stopped, once."""
    is_told, state = False, ""
    while True:
        row = given.row(swarm_id)
        if row["state"] in OVER:
            return row
        if row["state"] != state and not session.terminal.can_redraw:
            session.terminal.say(f"swarm {swarm_id} is {row['state']}")
        state = row["state"]
        if session.terminal.can_redraw:
            session.terminal.draw(swarm_text.state_line(row)[: session.terminal.columns() - 1])
        if asked and not is_told:
            given.stop(by=session.by)
            is_told = True
        given.sleep(SLICE_S)


def _until_recorded(given: Following, swarm_id: str, row: Row) -> Row:
    """The row once its run is complete; Ctrl-C ends the waiting, and the run stays as far as it is recorded."""
    try:
        while not (seen := given.row(swarm_id)).get("is_recorded"):
            given.sleep(SLICE_S)
    except KeyboardInterrupt:
        return row
    return {**row, "run_id": seen.get("run_id") or row.get("run_id")}


def _ended(session: Session, plan: Plan, row: Row, error: str | None) -> Ended:
    session.terminal.clear()
    session.terminal.tell(swarm_text.end_line(row), "red" if error else "green")
    if row.get("run_id"):
        session.terminal.tell(f"Run {row['run_id']}; `surgeboard report {row['run_id']}` writes it as a file.")
    if error:
        session.terminal.say(f"surgeboard: {error}", "red")
    is_well = row["state"] == "stopped" and not error
    return Ended(DONE if is_well else FAILED, _document(session, plan, row, error))


def _stop(session: Session, given: Following) -> Ended:
    row = given.end(by=session.by)
    if row is None:
        session.terminal.tell("No swarm runs; there is nothing to stop.")
    else:
        session.terminal.tell(f"Swarm {row['id']} is stopped: no load is left.", "green")
    told = row or {"id": None, "state": "none"}
    return Ended(DONE, _plain(session, told, {"action": "swarm stop"}))


def _status(session: Session, given: Following) -> Ended:
    row = given.found() or {"id": None, "state": "none"}
    is_none = row["id"] is None
    session.terminal.tell("No swarm runs." if is_none else f"Swarm {row['id']} is {swarm_text.state_line(row)}")
    return Ended(DONE, _plain(session, row, {"action": "swarm status", "followed": given.is_followed()}))


def _plain(session: Session, row: Row, more: Row) -> dict[str, Any]:
    return {**more, "cluster": dict(session.cluster), "state": row["state"], "swarm": _swarm(row), "error": None}


def _document(session: Session, plan: Plan, row: Row, error: str | None) -> dict[str, Any]:
    """Described in docs/commands.md; scripts rely on it."""
    planned = {name: value for name, value in plan.document().items() if name not in ("nonce", "valid_s")}
    return {
        "action": "swarm start",
        "cluster": dict(session.cluster),
        "plan": planned,
        "state": row["state"],
        "swarm": _swarm(row),
        "error": error_of(error) if error else None,
    }


def _swarm(row: Row) -> dict[str, Any] | None:
    return None if row.get("id") is None else {name: row.get(name) for name in TOLD}
