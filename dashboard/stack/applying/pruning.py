"""What earlier revisions made and the bundle does not hold any more: who goes, who stays, and why.

Only what the person's plan showed goes, only by the UID that was recorded, and never a kind of `KEPT`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.stack.applying.deleting import Deleting, Target
from dashboard.stack.applying.keeping import refs
from dashboard.stack.applying.progress import Step, step_for
from dashboard.stack.applying.revisions import RecordedObject, Revision
from dashboard.stack.applying.work import Order
from dashboard.stack.bundles.bundle import Bundle, ObjectRef
from dashboard.stack.bundles.granting import STAYS as NOT_BELIEVED
from dashboard.stack.planning.plan import Plan
from dashboard.stack.stages import KEPT, STAGES, stage_of

STAGE = "removal"
NOT_SHOWN = "the bundle does not hold it any more; plan again to see it go"
CANNOT_BE_REMADE = "the bundle does not hold it any more; it stays, as what it holds cannot be made again"


@dataclass(frozen=True, slots=True)
class Leftover:
    """An object of an earlier revision, with its line in the progress."""

    step: Step
    recorded: RecordedObject
    goes: bool
    is_believed: bool = True
    """False: only a record names it, where it is not to be believed."""


def leftovers(
    bundle: Bundle, latest: Revision | None, order: Order, plan: Plan, *, deletes: Callable[[ObjectRef], bool]
) -> list[Leftover]:
    """What earlier revisions left there, last stage first. What the plan has not found any more is left out."""
    if latest is None or latest.state == "removed":
        return []
    held = {ref.id for ref in (*refs(bundle), *order.left_out)}
    planned = {each.ref.id for each in plan.objects if each.verdict == "remove"}
    may_go = planned if order.remove is None else planned & order.remove
    left = [each for each in latest.objects if each.ref.id not in held]
    there = [each for each in left if each.ref.id in planned or each.ref.kind in KEPT or not deletes(each.ref)]
    there.sort(key=lambda each: rank(each.ref), reverse=True)
    return [
        Leftover(
            step_for(bundle.name, STAGE, each.ref), each,
            goes=each.ref.id in may_go and each.ref.kind not in KEPT and deletes(each.ref),
            is_believed=deletes(each.ref),
        )
        for each in there
    ]  # fmt: skip


def why_kept(each: Leftover) -> str:
    """Why it stays."""
    if not each.is_believed:
        return NOT_BELIEVED
    return CANNOT_BE_REMADE if each.recorded.ref.kind in KEPT else NOT_SHOWN


def prune(deleting: Deleting, left: Sequence[Leftover]) -> list[str]:
    """Deletes what may go and says of the rest why it stays; the ids of what is gone."""
    for each in left:
        if not each.goes:
            deleting.progress.mark(each.step, "kept", why_kept(each))
    return deleting.delete([Target(each.step, each.recorded.ref, each.recorded.uid) for each in left if each.goes])


def rank(ref: ObjectRef) -> int:
    """The place of an object's kind in the order of applying."""
    return STAGES.index(stage_of({"kind": ref.kind}))
