"""What a teardown of a bundle would delete, what it would leave and why. Only reads.

Only what this product made goes: an object with the UID that was recorded, or, where none was, one that carries its
field manager.
Namespaces, Secrets, volumes and definitions of kinds stay unless a person ticks the very object, and a namespace says
beforehand what of others would go with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.bundles.bundle import Bundle, ObjectRef, ref_of
from dashboard.stack.bundles.granting import STAYS
from dashboard.stack.cluster import Cluster, Locator, Manifest
from dashboard.stack.planning import claims
from dashboard.stack.planning.dry_run import Recorded, as_manifest, in_order, is_made_by_us
from dashboard.stack.planning.inventory import Inventory
from dashboard.stack.planning.refusals import refusal_of
from dashboard.stack.planning.surroundings import is_ending
from dashboard.stack.planning.trial import get_or_none
from dashboard.stack.stages import KEPT, STAGES, stage_of

_WHY_KEPT = {
    "Namespace": "A namespace takes everything in it along.",
    "Secret": "What is encrypted or set up with it does not open with another one.",
    "PersistentVolumeClaim": "It holds data, which is lost with it.",
    "CustomResourceDefinition": "All objects of its kind go with it, in every namespace, whoever made them.",
}


@dataclass(frozen=True, slots=True)
class RemovalItem:
    """One object. `uid`: of the live object, None when it could not be read.

    `tickable`: it stays unless a person ticks it. `takes`: for a namespace, how many objects that are not the
    bundle's would go with it, by kind. `uncounted`: kinds of which nobody could say.
    """

    ref: ObjectRef
    uid: str | None
    why: str
    tickable: bool = False
    takes: Mapping[str, int] = field(default_factory=dict)
    uncounted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Removal:
    """`goes` in the order of deleting; what is not there is in neither."""

    bundle: str
    goes: tuple[RemovalItem, ...]
    stays: tuple[RemovalItem, ...]
    seal: str | None = None
    """What the teardown asks back, so that what was read is what goes."""

    def document(self) -> dict[str, Any]:
        """For JSON and for pages."""
        return {
            "bundle": self.bundle,
            "seal": self.seal,
            **{
                name: [{**asdict(each), "id": each.ref.id, "object": str(each.ref)} for each in items]
                for name, items in (("goes", self.goes), ("stays", self.stays))
            },
        }


def removal_of(
    cluster: Cluster, bundle: Bundle, recorded: Recorded | None = None,
    *, deletes: Callable[[ObjectRef], bool] = lambda _ref: True,
) -> Removal:  # fmt: skip
    """What deleting the bundle would do now; `deletes`: whether the records are believed about an object.

    Raises Refused when the cluster does not answer.
    """
    return _Removing(cluster, bundle, recorded, deletes).all()


class _Removing:
    def __init__(
        self, cluster: Cluster, bundle: Bundle, recorded: Recorded | None, deletes: Callable[[ObjectRef], bool]
    ) -> None:
        self._cluster = cluster
        self._deletes = deletes
        self._bundle = bundle
        self._locator = Locator(cluster)
        self._uids = {each.ref.id: each.uid for each in recorded.objects} if recorded else {}
        self._refs = _refs(bundle, recorded)
        self._live: dict[str, Manifest] = {}

    def all(self) -> Removal:
        goes: list[RemovalItem] = []
        stays: list[RemovalItem] = []
        for ref in self._refs:
            item, is_going = self._judged(ref)
            if item is not None:
                (goes if is_going else stays).append(item)
        for item, is_going in self._claims():
            if item.ref.id not in {each.ref.id for each in (*goes, *stays)}:
                (goes if is_going else stays).append(item)
        namespaces = [each for each in stays if each.ref.kind == "Namespace" and each.tickable]
        own = {each.ref.id for each in (*goes, *stays) if each.tickable or each in goes}
        counted = {each.ref.id: self._with_contents(each, own) for each in namespaces}
        return Removal(self._bundle.name, tuple(goes), tuple(counted.get(each.ref.id, each) for each in stays))

    def _judged(self, ref: ObjectRef) -> tuple[RemovalItem | None, bool]:
        """The item, None when it is not there, and whether it goes."""
        if not self._deletes(ref):
            return RemovalItem(ref, None, STAYS), False
        manifest = as_manifest(ref)
        try:
            live = get_or_none(self._cluster, self._locator.path(manifest))
        except Refused:  # the cluster serves this kind no more, so the object is gone with it
            return None, False
        except errors.ApiError as error:
            return RemovalItem(ref, None, f"It cannot be judged: {refusal_of(error, manifest, None).sentence}"), False
        if live is None:
            return None, False
        self._live[ref.id] = live
        uid = live["metadata"]["uid"]
        if is_ending(live):
            return RemovalItem(ref, uid, "It is being deleted already."), True
        why = self._ours(ref, live)
        if why is None:
            return RemovalItem(ref, uid, self._why_not(ref)), False
        if ref.kind in KEPT:
            return RemovalItem(ref, uid, _WHY_KEPT[ref.kind], tickable=True), False
        return RemovalItem(ref, uid, why), True

    def _ours(self, ref: ObjectRef, live: Manifest) -> str | None:
        """By what it is known as ours, or None. A UID that was recorded decides alone."""
        recorded = self._uids.get(ref.id)
        if recorded:
            known = recorded == live["metadata"]["uid"]
            return "It is what was recorded when the bundle was applied." if known else None
        return "Surgeboard's field manager is on it." if is_made_by_us(live) else None

    def _why_not(self, ref: ObjectRef) -> str:
        recorded = self._uids.get(ref.id)
        if recorded:
            return "It is another one of the same name, made since the bundle was applied."
        return "Nothing tells that Surgeboard made it: it is not recorded and does not carry its field manager."

    def _claims(self) -> Iterator[tuple[RemovalItem, bool]]:
        """The volume claims that the bundle's StatefulSets made, and whether they go by the set's own policy.

        Also of a set that is gone: what a teardown leaves can be ticked when it is run again.
        """
        for stateful_set, is_there in self._stateful_sets():
            ref = ref_of(stateful_set)
            policy = (stateful_set["spec"].get("persistentVolumeClaimRetentionPolicy") or {}).get("whenDeleted")
            for claim in self._listed_claims(ref):
                if isinstance(claim, RemovalItem):
                    yield claim, False
                elif (pod := claims.pod_of(stateful_set, claim["metadata"]["name"])) is not None:
                    yield self._claim(claim, pod, goes=is_there and policy == "Delete", of=ref)

    def _stateful_sets(self) -> Iterator[tuple[Manifest, bool]]:
        """Those with volume claims: as they are there, or else as the bundle has them; none that another has made."""
        written = {ref_of(each).id: each for each in self._bundle.objects}
        for ref in filter(self._deletes, self._refs):
            live, manifest = self._live.get(ref.id), written.get(ref.id)
            found = live or manifest
            is_other = live is not None and self._ours(ref, live) is None
            if ref.kind == "StatefulSet" and found is not None and not is_other and claims.has_claims(found):
                yield found, live is not None

    def _listed_claims(self, of: ObjectRef) -> list[Manifest | RemovalItem]:
        try:
            return [*self._cluster.list(f"/api/v1/namespaces/{of.namespace}/persistentvolumeclaims")]
        except errors.ApiError as error:
            every = ObjectRef("v1", "PersistentVolumeClaim", of.namespace, f"*-{of.name}-*")
            return [RemovalItem(every, None, refusal_of(error, as_manifest(every), None).sentence)]

    @staticmethod
    def _claim(claim: Manifest, pod: str, *, goes: bool, of: ObjectRef) -> tuple[RemovalItem, bool]:
        ref = ObjectRef("v1", "PersistentVolumeClaim", claim["metadata"]["namespace"], claim["metadata"]["name"])
        size = ((claim.get("spec") or {}).get("resources") or {}).get("requests", {}).get("storage")
        amount = f" ({size})" if size else ""
        if goes:
            why = f"It holds the data of {pod}{amount} and goes with {of}: its retention policy says so."
            return RemovalItem(ref, claim["metadata"]["uid"], why), True
        why = f"It holds the data of {pod}{amount}, which is lost with it."
        return RemovalItem(ref, claim["metadata"]["uid"], why, tickable=True), False

    def _with_contents(self, item: RemovalItem, own: set[str]) -> RemovalItem:
        """A namespace with what of others would go with it."""
        count = Inventory(self._cluster).foreign(item.ref.name, own)
        parts = [f"{number} {kind}" for kind, number in count.takes.items()]
        others = ", ".join(parts) if parts else "nothing else"
        why = f"It takes everything in it along: besides the bundle's own {others}."
        if count.uncounted:
            why += f" Not counted, as they could not be listed: {', '.join(count.uncounted)}."
        return RemovalItem(item.ref, item.uid, why, tickable=True, takes=count.takes, uncounted=count.uncounted)


def _refs(bundle: Bundle, recorded: Recorded | None) -> list[ObjectRef]:
    """The bundle's objects and those that the record knows besides, the last stage first."""
    held = [ref_of(manifest) for _, manifest, _ in in_order(bundle)]
    known = {ref.id for ref in held}
    held += [each.ref for each in (recorded.objects if recorded else ()) if each.ref.id not in known]
    return sorted(held, key=lambda ref: STAGES.index(stage_of(as_manifest(ref))))[::-1]
