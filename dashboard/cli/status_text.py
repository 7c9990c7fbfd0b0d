"""How stacks are, as lines for a terminal. Pure: from the rows of the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashboard.cli.terminal import Style
from dashboard.stack.bundles.options import OPTIONS
from dashboard.stack.planning import diff
from dashboard.stack.planning.plan import FieldChange

Line = tuple[str, Style | None]
Row = Mapping[str, Any]

STYLES: Mapping[str, Style] = {
    "ok": "green", "failed": "red", "partial": "yellow", "progressing": "yellow", "unknown": "yellow", "absent": "dim",
}  # fmt: skip
NOT_DEPLOYED = "Not deployed."
"""What is said of a stack of which nothing is there: no more than its state."""

_HEAD = ("NAME", "STATE", "OBJECTS", "REVISION", "DEPLOYED", "BY")


def lines_of(document: Row) -> Iterator[Line]:
    """A table of all, then what is to be said of each."""
    rows = document["bundles"]
    yield from _table(_HEAD, [_cells(row) for row in rows], [STYLES.get(row["state"]) for row in rows])
    for row in rows:
        yield from _details(row)
    for name, sentence in document["problems"].items():
        yield "", None
        yield f"{name}: {sentence}", "red"


def _cells(row: Row) -> Sequence[str]:
    known = "?" if row["ok"] is None else row["ok"]
    return (row["name"], row["state"], f"{known}/{row['total']}", *_revision(row["revision"]))


def _revision(found: Row | None) -> Sequence[str]:
    """Number, when and by whom; of one that did not come to its end, how it stands."""
    if found is None or found["state"] == "removed":
        return ("-", "-", "-")
    number = str(found["number"]) if found["state"] == "applied" else f"{found['number']} {found['state']}"
    return (number, found["at"], found["by"])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[Style | None]) -> Iterator[Line]:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    for cells, style in zip((head, *rows), ("bold", *styles), strict=True):
        yield "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip(), style


def _details(row: Row) -> Iterator[Line]:
    is_quiet = row["state"] == "ok" or row["sentence"] == NOT_DEPLOYED
    if is_quiet and not row["folder_changed"] and row["drift"] is None and row["history"] is None:
        return
    yield "", None
    is_listed = row["state"] in ("failed", "progressing")  # its sentence is then that of the first object
    yield f"{row['name']}: {row['state'] if is_listed else row['sentence']}", STYLES.get(row["state"])
    for each in row["objects"] if is_listed or row["state"] in ("partial", "unknown") else ():
        if each["state"] not in ("ok", "suspended"):
            yield f"  {named(each)}: {each['state']}: {each['sentence']}", STYLES.get(each["state"])
    if row["folder_changed"]:
        yield "  Its manifests have changed since; deploy --plan shows how.", "yellow"
    if row["drift"] is not None:
        yield from _drift(row["drift"])
    if row["history"] is not None:
        yield from _history(row["history"])


def _drift(drift: Row) -> Iterator[Line]:
    if "error" in drift:
        yield f"  Drift is not known: {drift['error']['sentence']}", "yellow"
        return
    if drift["is_clean"]:
        yield "  Drift: none, everything is as it was deployed.", "green"
    for each in drift["objects"]:
        if each["state"] == "as applied" and not each["sentence"]:
            continue
        style: Style | None = None if each["state"] == "as applied" else "yellow"
        yield f"  {each['object']}: {each['state']}", style
        if each["sentence"]:
            yield f"      {each['sentence']}", None
        for line in diff.as_text(FieldChange(**change) for change in each["changes"]):
            yield f"      {line}", "red" if line.startswith("-") else "green"


def _history(history: Sequence[Row]) -> Iterator[Line]:
    if not history:
        yield "  History: nothing is recorded.", None
        return
    head = ("  REVISION", "STATE", "CONTENT", "DEPLOYED", "BY", "NOTE")
    rows = [
        (f"  {each['number']}", each["state"], each["revision"], each["at"], each["by"], _note(each))
        for each in history
    ]
    yield from _table(head, rows, [None] * len(rows))


def _note(revision: Row) -> str:
    back = f"back to revision {revision['rolled_back_from']}" if revision["rolled_back_from"] else ""
    chosen = [each.argument for each in OPTIONS if each.name in (revision.get("options") or ())]
    with_ = f"with {' '.join(chosen)}" if chosen else ""
    return "; ".join(each for each in (back, with_, revision["note"]) if each)


def named(each: Row) -> str:
    """An object as it is said in a sentence."""
    return (
        f"{each['kind']} {each['namespace']}/{each['name']}" if each["namespace"] else f"{each['kind']} {each['name']}"
    )
