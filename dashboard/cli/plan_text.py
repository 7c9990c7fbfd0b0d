"""A plan and a removal as lines for a terminal. Pure; the values of a Secret are in neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Literal

from dashboard.cli.terminal import Style
from dashboard.stack.planning import diff
from dashboard.stack.planning.plan import BLOCKING, Finding, ObjectPlan, Plan, Verdict
from dashboard.stack.planning.removal import Removal, RemovalItem

Line = tuple[str, Style | None]

_STATES: Mapping[Literal["ok", "missing", "unknown"], str] = {"ok": "ok", "missing": "missing", "unknown": "not known"}

MARKS: Mapping[str, tuple[str, Style | None]] = {
    "create": ("+", "green"), "change": ("~", "yellow"), "unchanged": ("=", None), "remove": ("-", "yellow"),
    "conflict": ("!", "red"), "forbidden": ("!", "red"), "invalid": ("!", "red"),
}  # fmt: skip
_CHANGE_STYLES: Mapping[str, Style] = {"+": "green", "-": "red", "~": "yellow"}
_COUNTED: Mapping[Verdict, str] = {
    "create": "to create", "change": "to change", "unchanged": "unchanged", "remove": "no longer held",
    "conflict": "in conflict", "forbidden": "forbidden", "invalid": "invalid",
}  # fmt: skip


def plan_lines(plan: Plan, *, remove: Collection[str], is_verbose: bool) -> Iterator[Line]:
    """Object by object, then the preflight, then the counts: what matters most stands last, above the question."""
    for bundle in plan.revisions:
        yield bundle, "bold"
        held = [each for each in plan.objects if each.bundle == bundle]
        for each in held:
            yield from _object(each, remove, is_verbose)
        same = sum(each.verdict == "unchanged" for each in held)
        if same:
            yield f"  = {same} unchanged", "dim"
    yield from _findings(plan.findings)
    yield summary(plan, remove), "bold"


def summary(plan: Plan, remove: Collection[str]) -> str:
    """The counts."""
    counts = Counter(each.verdict for each in plan.objects)
    told = [f"{counts[verdict]} {word}" for verdict, word in _COUNTED.items() if counts[verdict]]
    going = sum(each.verdict == "remove" and each.ref.id in remove for each in plan.objects)
    if going:
        told.append(f"{going} to delete")
    return f"Plan: {', '.join(told) or 'nothing'}."


def blocked(plan: Plan) -> str:
    """Why a plan cannot be applied, in one sentence or a few."""
    told = [each.sentence or f"{each.ref}: {each.verdict}." for each in plan.objects if each.verdict in BLOCKING]
    told += [_with_remedy(each) for each in plan.findings if each.blocks]
    return " ".join(dict.fromkeys(told))


def _object(each: ObjectPlan, remove: Collection[str], is_verbose: bool) -> Iterator[Line]:
    if each.verdict == "unchanged":
        return
    mark, style = MARKS[each.verdict]
    word = f"stays unless --remove {each.ref.id}" if each.verdict == "remove" else str(each.verdict)
    if each.ref.id in remove:
        word, style = "delete", "red"
    yield f"  {mark} {each.ref}: {word}", style
    if each.sentence and each.verdict != "remove":
        yield f"      {each.sentence}", style if each.verdict in BLOCKING else "dim"
    if each.verdict == "conflict":
        yield f"      To settle it in favour of the manifest: --take-over {each.ref.id}", style
    if each.verdict == "create" and not is_verbose:
        return
    for line in diff.as_text(each.changes):
        yield f"      {line}", _CHANGE_STYLES.get(line[0])


def _findings(findings: Collection[Finding]) -> Iterator[Line]:
    if not findings:
        return
    states = Counter(each.state for each in findings)
    told = [f"{states[state]} {word}" for state, word in _STATES.items() if states[state]]
    yield f"Preflight: {', '.join(told)}.", "bold"
    for each in findings:
        if each.state == "ok":
            continue
        mark = "!" if each.blocks else "?" if each.state == "unknown" else "-"
        yield f"  {mark} {each.sentence}", "red" if each.blocks else "yellow"
        if each.remedy:
            yield f"      {each.remedy}", None


def _with_remedy(finding: Finding) -> str:
    return f"{finding.sentence} {finding.remedy}" if finding.remedy else finding.sentence


def removal_lines(removal: Removal, also: Collection[str]) -> Iterator[Line]:
    """What goes, in the order of deleting, and what stays."""
    yield removal.bundle, "bold"
    for each in removal.goes:
        yield f"  - {each.ref}: delete", "red"
    ticked = [each for each in removal.stays if each.ref.id in also]
    for each in ticked:
        yield f"  - {each.ref}: delete, as --also says", "red"
        yield f"      {each.why}", None
    for each in removal.stays:
        if each not in ticked:
            yield from _stays(each)
    count = len(removal.goes) + len(ticked)
    yield f"{count} to delete, {len(removal.stays) - len(ticked)} stay.", "bold"


def _stays(each: RemovalItem) -> Iterator[Line]:
    told = f"stays unless --also {each.ref.id}" if each.tickable else "stays"
    yield f"  = {each.ref}: {told}", None
    yield f"      {each.why}", "dim"
