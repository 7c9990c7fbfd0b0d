"""Removes what a bundle made, in reverse order; namespaces, Secrets, volumes and kinds' definitions stay unless ticked.

What goes is what the records name, by UID; without a record, what the bundle names and Surgeboard has written. It can
be run again: what is gone is gone, what another has made since by the same name stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from dashboard.errors import Refused
from dashboard.stack.applying.applier import outcome
from dashboard.stack.applying.deleting import Deleting, Target
from dashboard.stack.applying.keeping import refs
from dashboard.stack.applying.lease import Lease
from dashboard.stack.applying.progress import Progress, step_for
from dashboard.stack.applying.pruning import rank
from dashboard.stack.applying.recording import Recording
from dashboard.stack.applying.revisions import Revision, Revisions, seal_of
from dashboard.stack.applying.waiting import Pace
from dashboard.stack.bundles.bundle import Bundle, ObjectRef
from dashboard.stack.bundles.granting import STAYS as NOT_BELIEVED
from dashboard.stack.cluster import Cluster, Locator
from dashboard.stack.planning import claims
from dashboard.stack.stages import KEPT, STAGES

DEADLINE_S = 120.0
"""Seconds the objects of one stage may take to be gone, with their pods."""

STAYS = "it stays, as what it holds cannot be made again"
STOPPED = "Stopped. What is deleted is gone; run it again to complete it."


@dataclass(frozen=True, slots=True)
class Teardown:
    """Deletes from one cluster. `deletes`: whether the records are believed about an object."""

    cluster: Cluster
    progress: Progress
    pace: Pace
    lease: Lease
    revisions: Revisions
    deletes: Callable[[ObjectRef], bool]

    def remove(self, bundle: Bundle, *, also: Collection[str] = (), seal: str | None = None) -> None:
        """Deletes what is there of the bundle, and the ids in `also`; waits until it and its pods are gone.

        `seal`: of what was previewed; nothing is deleted where that is not so any more. The outcome is in
        `progress`; nothing is raised for a refusal.
        """
        with outcome(self.progress, STOPPED):
            self.lease.refuse_if_held()
            latest = self.revisions.latest(bundle.name)
            refuse_changed(bundle, latest, seal)
            targets = targets_of(bundle, latest, also)
            self.progress.start([target.step for target in targets], state="deleting")
            with self.lease.held():
                if latest is None or latest.state == "removed":
                    self._delete(targets, also)
                else:
                    recording = Recording(self.revisions, latest)
                    with recording.ending("removed"):
                        recording.write(gone=self._delete(targets, also))

    def _delete(self, targets: Iterable[Target], also: Collection[str]) -> list[str]:
        """Stage by stage, so that a Service stands until its pods are gone, and a Namespace until all in it is."""
        deleting = Deleting(self.cluster, Locator(self.cluster), self.progress, self.pace, self.lease.keep)
        gone: list[str] = []
        for _, stage in groupby(targets, key=lambda target: rank(target.ref)):
            going = []
            for target in stage:
                if not self.deletes(target.ref):
                    self.progress.mark(target.step, "kept", NOT_BELIEVED)
                elif target.ref.kind in KEPT and target.ref.id not in also:
                    self.progress.mark(target.step, "kept", STAYS)
                else:
                    going.append(target)
            gone += deleting.delete(going)
        return gone


def refuse_changed(bundle: Bundle, latest: Revision | None, seal: str | None) -> None:
    """Raises Refused unless `seal` is that of what there is now; None: nobody has looked before."""
    if seal is not None and seal != seal_of(bundle, latest):
        raise Refused(f"The record of {bundle.name} has changed since you looked; look at it again.", status=409)


def targets_of(bundle: Bundle, latest: Revision | None, also: Collection[str]) -> list[Target]:
    """All that is known of the bundle, last stage first. Raises Refused for an `also` that is not to be ticked."""
    uids = {each.ref.id: each.uid for each in latest.objects} if latest is not None else {}
    known = {each.ref.id: each.ref for each in latest.objects} if latest is not None else {}
    known.update({ref.id: ref for ref in refs(bundle)})
    own = set(known)
    known.update({ref.id: ref for ref in (_ticked(each, known, bundle) for each in also)})
    ordered = list(known.values())
    ordered.reverse()
    ordered.sort(key=rank, reverse=True)
    return [
        Target(step_for(bundle.name, STAGES[rank(ref)].name, ref), ref, uids.get(ref.id), is_claim=ref.id not in own)
        for ref in ordered
    ]


def _ticked(object_id: str, known: Mapping[str, ObjectRef], bundle: Bundle) -> ObjectRef:
    """What an id from a form names: a kept kind that is known, or a volume of one of the bundle's StatefulSets."""
    if object_id in known and known[object_id].kind in KEPT:
        return known[object_id]
    kind, _, rest = object_id.partition("/")
    namespace, _, name = rest.partition("/")
    if kind == "PersistentVolumeClaim" and any(
        (each["kind"], each["metadata"].get("namespace")) == ("StatefulSet", namespace) and claims.pod_of(each, name)
        for each in bundle.objects
    ):
        return ObjectRef("v1", kind, namespace, name)
    ticks = ", ".join(sorted(key for key, ref in known.items() if ref.kind in KEPT)) or "nothing"
    raise Refused(f"{object_id} is nothing of {bundle.name} that can be ticked; there are {ticks}.", status=422)
