"""`surgeboard runs`: lists the recorded runs, shows one, deletes one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashboard.cli.archive import Work, told
from dashboard.cli.options import Misused
from dashboard.cli.session import Ended
from dashboard.cli.terminal import Style, cells
from dashboard.runs import telling

Row = Mapping[str, Any]
Line = tuple[str, Style | None]

HEAD = ("RUN", "STARTED", "STATE", "PROFILE", "USERS", "REQUESTS", "FAILED %", "REPLICAS", "READY AFTER", "NAME")
STYLES: Mapping[str, Style] = {"interrupted": "red", "truncated": "red", "being recorded": "yellow"}


def work(given: Work) -> Ended:
    """The whole command."""
    arguments = given.arguments
    action = arguments.action or "list"
    if action == "list":
        if arguments.run is not None:
            raise Misused(f"`runs list` takes no run; did you mean `runs show {arguments.run}`?")
        return _list(given)
    if arguments.run is None:
        raise Misused(f"`runs {action}` needs a run: an id, the beginning of one, or `last`.")
    return _show(given) if action == "show" else _delete(given)


def _list(given: Work) -> Ended:
    asked = {"text": given.arguments.text or "", "tag": given.arguments.tag or ""}
    runs = given.runs.all(**asked) if given.has_any() else []
    if not given.arguments.json:
        for line, style in lines_of(runs):
            given.terminal.tell(line, style)
        if not runs:
            fits = " that fits" if any(asked.values()) else ""
            given.terminal.say(f"surgeboard: no run{fits} is kept in {given.settings.data_dir}.", "dim")
    return told({"runs": runs})


def _show(given: Work) -> Ended:
    document = given.runs.document(given.found(given.arguments.run))
    if not given.arguments.json:
        for line, style in lines_of_one(document):
            given.terminal.tell(line, style)
    return told(document)


def _delete(given: Work) -> Ended:
    run_id = given.found(given.arguments.run)
    title = telling.summary(given.archive.get(run_id))["title"]
    if not given.arguments.yes:
        if not given.terminal.can_ask:
            raise Misused("There is nobody to ask; say --yes to delete. Nothing was deleted.")
        answer = given.terminal.ask(f"Delete run {run_id} ({title}) for good? [y/N] ")
        if (answer or "").lower() not in ("y", "yes"):
            raise Misused("Nothing was deleted.")
    given.archive.delete(run_id)
    given.terminal.tell(f"Run {run_id} is deleted.")
    return told({"deleted": run_id})


def lines_of(runs: Sequence[Row]) -> Iterator[Line]:
    """A table, newest first; nothing where there is no run."""
    if not runs:
        return
    shown = [telling.summary(run) for run in runs]
    rows = [
        (run["id"], str(run["iso"])[:19] + "Z", run["state"]["word"], run["profile"], run["peak_users"],
         run["requests"], run["failed"], run["peak_replicas"], run["load_to_ready"], run["title"])
        for run in shown
    ]  # fmt: skip
    widths = [max(cells(row[i]) for row in (HEAD, *rows)) for i in range(len(HEAD))]
    for row, style in zip((HEAD, *rows), ("bold", *(STYLES.get(row[2]) for row in rows)), strict=True):
        padded = (cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip(), style


def lines_of_one(document: Row) -> Iterator[Line]:
    """A run in words."""
    run = telling.whole(document)
    yield run["title"], "bold"
    yield f"{run['id']}, started {run['iso']}, {run['state']['word']}", STYLES.get(run["state"]["word"])
    for line in (run["note"] or "").splitlines():
        yield f"  {line}", "dim"
    yield run["text"], None
    yield "", None
    yield "Reaction", "bold"
    for each in run["reactions"]:
        yield f"  {each['text']:>10}  {each['sentence']}", None if each["seconds"] is not None else "dim"
    for title, rows in (
        ("Settings", [f"{label}: {value}" for label, value in run["settings"]]),
        ("Deployed", [f"{each['bundle']}: revision {each['number']} ({each['hash']})" for each in run["revisions"]]),
        ("What happened", [f"{e['since']:>6}  {e['text']} {e['times']}".rstrip() for e in run["events"]
                           if not e["quiet"]]),
        ("Why", [f"{each['since']:>6}  {each['sentence']}" for each in run["explanations"]]),
    ):  # fmt: skip
        if rows:
            yield "", None
            yield title, "bold"
            yield from ((f"  {row}", None) for row in rows)
