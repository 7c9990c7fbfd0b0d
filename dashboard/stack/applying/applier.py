"""Applies bundles stage by stage, waits for health between stages, and tells every step. One apply at a time.

Running it again completes what an earlier one left: unchanged objects are not sent, Secrets are kept. Where nothing is
to be done nothing is written, not even the lease or a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.applying import pruning
from dashboard.stack.applying.deleting import Deleting
from dashboard.stack.applying.lease import Lease, LeaseLost
from dashboard.stack.applying.progress import Progress, Step, step_for
from dashboard.stack.applying.pruning import Leftover
from dashboard.stack.applying.recording import Recording
from dashboard.stack.applying.revisions import RecordedObject, Revision, Revisions, believed_of
from dashboard.stack.applying.sending import Sending
from dashboard.stack.applying.waiting import Cancelled, Pace, Waiting
from dashboard.stack.applying.work import Item, Order, Work, work_of
from dashboard.stack.bundles.bundle import Bundle, ObjectRef
from dashboard.stack.cluster import Cluster, Locator
from dashboard.stack.planning.dry_run import plan_of
from dashboard.stack.planning.plan import BLOCKING, Plan
from dashboard.stack.planning.surroundings import is_ending, planned_namespaces
from dashboard.stack.stages import stage_of

STAYS_AS_IT_IS = "its data is never recorded, so a roll-back leaves it as it is"
STOPPED = "Stopped. What is applied stays; deploy again to complete it."


@dataclass(frozen=True, slots=True)
class Turn:
    """One bundle in its turn: what is to do, what was there before, and whether anything is to be written."""

    work: Work
    left: Sequence[Leftover]
    before: Revision | None
    has_news: bool


@dataclass(frozen=True, slots=True)
class Applier:
    """Applies to one cluster."""

    cluster: Cluster
    progress: Progress
    pace: Pace
    lease: Lease
    revisions: Revisions
    deletes: Callable[[str, ObjectRef], bool]
    """Whether the records of a bundle are believed about an object that is to go."""
    plan: Callable[..., Plan] = plan_of

    def apply(self, order: Order) -> None:
        """Plans, then applies every bundle in order. The outcome is in `progress`; nothing is raised for a refusal."""
        with outcome(self.progress, STOPPED):
            self.lease.refuse_if_held()
            turns = self._turns(order)
            self.pace.check()
            if any(turn.has_news for turn in turns):
                with self.lease.held():
                    self._refuse_stale(turns)
                    for turn in turns:
                        self._take(turn, order)
            else:
                for turn in turns:
                    self._only_wait(turn, lambda: None)

    def _turns(self, order: Order) -> list[Turn]:
        works = [work_of(bundle) for bundle in order.bundles]
        kept = [step for bundle in order.bundles for step in _kept_steps(bundle, order)]
        self.progress.start([item.step for work in works for item in work.items] + kept, state="planning")
        for step in kept:
            self.progress.mark(step, "kept", STAYS_AS_IT_IS)
        _refuse_ending(self.cluster, order.bundles)
        recorded = {bundle.name: self.revisions.latest(bundle.name) for bundle in order.bundles}
        believed = {name: believed_of(found, partial(self.deletes, name)) for name, found in recorded.items()}
        plan = self.plan(self.cluster, order.bundles, recorded=believed, take_over=order.take_over)
        _refuse_blocked(plan, works, self.progress)
        turns = [_turn(work, recorded[work.bundle.name], order, plan, self.deletes) for work in works]
        self.progress.add(each.step for turn in turns for each in turn.left)
        return turns

    def _refuse_stale(self, turns: Sequence[Turn]) -> None:
        """Between the plan and the lease another one may have deployed."""
        for turn in turns:
            name = turn.work.bundle.name
            if self.revisions.latest(name) != turn.before:
                raise Refused(f"Another one has deployed {name} meanwhile; look at the plan again.", status=409)

    def _take(self, turn: Turn, order: Order) -> None:
        if not turn.has_news:
            self._only_wait(turn, self.lease.keep)
            return
        name = turn.work.bundle.name
        self.progress.enter("applying", bundle=name)
        self.pace.check()
        self.lease.keep()
        recording = Recording(self.revisions, self._begin(turn, order))
        with recording.ending("applied"):
            self._apply_stages(turn, order, recording)
            if turn.left:
                self.progress.enter("pruning", bundle=name)
                recording.write(gone=pruning.prune(self._deleting(), turn.left))

    def _begin(self, turn: Turn, order: Order) -> Revision:
        """The record before the first object: a new one, or the latest if that had the same content."""
        bundle, before = turn.work.bundle, turn.before
        revision, left = order.revision_of(bundle), [each.recorded for each in turn.left]
        if before is not None:
            left += [RecordedObject(ref, before.uid_of(ref)) for ref in order.left_out]
        if before is not None and before.state != "removed" and before.revision == revision:
            return self.revisions.resume(before, bundle, by=order.by, left=left)
        return self.revisions.begin(
            bundle, by=order.by, revision=revision, rolled_back_from=order.again[0] if order.again else None,
            left=left,
        )  # fmt: skip

    def _apply_stages(self, turn: Turn, order: Order, recording: Recording) -> None:
        name, locator = turn.work.bundle.name, Locator(self.cluster)
        sending = Sending(self.cluster, locator, self.lease.keep)
        waiting = Waiting(self.cluster, locator, self.progress, self.pace, self.lease.keep)
        for stage, items in turn.work.stages:
            self.progress.enter("applying", bundle=name)
            for item in items:
                self.pace.check()
                self.lease.keep()  # also where nothing is to be written for long
                recording.saw(item.ref, self._send(sending, item, force=item.ref.id in order.take_over))
            recording.write()
            if stage.waits:
                self.progress.enter("waiting", bundle=name)
                waiting.until_well(items)
            if stage.name == "definitions":
                waiting.until_served(items)

    def _send(self, sending: Sending, item: Item, *, force: bool) -> str:
        try:
            result, uid = sending.send(item, force=force)
        except LeaseLost:
            raise
        except Refused as refused:
            self.progress.mark(item.step, "failed", refused.sentence)
            raise
        except errors.ApiError as error:
            self.progress.mark(item.step, "failed", error.message)
            raise
        self.progress.mark(item.step, result)
        return uid

    def _only_wait(self, turn: Turn, keep: Callable[[], None]) -> None:
        """For a bundle that is as it should be: nothing is sent."""
        waiting = Waiting(self.cluster, Locator(self.cluster), self.progress, self.pace, keep)
        for item in turn.work.items:
            self.progress.mark(item.step, "unchanged")
        for each in turn.left:
            self.progress.mark(each.step, "kept", pruning.why_kept(each))
        self.progress.enter("waiting", bundle=turn.work.bundle.name)
        for stage, items in turn.work.stages:
            if stage.waits:
                waiting.until_well(items)

    def _deleting(self) -> Deleting:
        return Deleting(self.cluster, Locator(self.cluster), self.progress, self.pace, self.lease.keep)


@contextmanager
def outcome(progress: Progress, stopped: str) -> Iterator[None]:
    """Ends the progress as the block ends: done, cancelled, or failed with a sentence."""
    try:
        yield
    except Cancelled:
        progress.finish("cancelled", stopped)
    except Refused as refused:
        progress.finish("failed", refused.sentence)
    except errors.SignInAgain as error:
        progress.finish("failed", f"{error.message} {stopped.removeprefix('Stopped. ')}")
    except errors.ApiError as error:
        progress.finish(
            "failed", f"The cluster did not answer as expected: {error.message} Run it again to complete it."
        )
    else:
        progress.finish("done")


def _turn(
    work: Work, before: Revision | None, order: Order, plan: Plan, deletes: Callable[[str, ObjectRef], bool]
) -> Turn:
    left = pruning.leftovers(work.bundle, before, order, plan, deletes=partial(deletes, work.bundle.name))
    planned = [each for each in plan.objects if each.bundle == work.bundle.name and each.verdict != "remove"]
    is_recorded = before is not None and before.state == "applied" and before.revision == order.revision_of(work.bundle)
    is_there = all(each.verdict == "unchanged" for each in planned) and not any(each.goes for each in left)
    return Turn(work, left, before, has_news=not (is_recorded and is_there))


def _refuse_ending(cluster: Cluster, bundles: Sequence[Bundle]) -> None:
    """One sentence for all the objects in it."""
    ending = [name for name in sorted(planned_namespaces(bundles)) if _is_ending(cluster, name)]
    if ending:
        raise Refused(
            f"Nothing was applied. Namespace {', '.join(ending)} is being deleted; deploy again when it is gone.",
            status=409,
        )


def _is_ending(cluster: Cluster, namespace: str) -> bool:
    try:
        return is_ending(cluster.get(f"/api/v1/namespaces/{namespace}"))
    except (errors.NotFound, errors.Forbidden):
        return False


def _refuse_blocked(plan: Plan, works: Sequence[Work], progress: Progress) -> None:
    """Raises one Refused that lists all that stands in the way, each sentence once."""
    blocked = {(each.bundle, each.ref.id): each for each in plan.objects if each.verdict in BLOCKING}
    if not blocked:
        return
    told: set[str | None] = set()
    for work in works:
        for item in work.items:
            found = blocked.get((work.bundle.name, item.ref.id))
            if found is not None:
                progress.mark(item.step, "failed", None if found.sentence in told else found.sentence)
                told.add(found.sentence)
    sentences = [each.sentence or f"{each.ref}: {each.verdict}" for each in blocked.values()]
    raise Refused("Nothing was applied. " + " ".join(dict.fromkeys(sentences)), status=422)


def _kept_steps(bundle: Bundle, order: Order) -> list[Step]:
    return [step_for(bundle.name, stage_of({"kind": ref.kind}).name, ref) for ref in order.left_out]
