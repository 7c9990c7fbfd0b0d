"""What was applied, when and by whom: one ConfigMap a revision, the last five of each bundle.

The record is written before the first object and filled in on the way, so that whoever comes after a crash knows what
may be there. It never holds the data of a Secret.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.applying import keeping, records
from dashboard.stack.bundles.bundle import Bundle, ObjectRef
from dashboard.stack.cluster import Cluster

State = Literal["applying", "applied", "failed", "removed"]

KEPT = 5
BUNDLE = "surgeboard.dev/bundle"
STATE = "surgeboard.dev/state"


@dataclass(frozen=True, slots=True)
class RecordedObject:
    """An object that a revision made or found, and its UID once that was seen."""

    ref: ObjectRef
    uid: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One apply of one bundle. `revision`: Bundle.revision of what was applied.

    `objects`: what is on the cluster of this bundle, as far as known: its own objects and those that earlier revisions
    left there. `has_manifests`: whether it can be rolled back to; if not, `note` says why. `left_out`: ids of Secrets,
    whose data is never kept. `options`: names of those the bundle was applied with.
    """

    bundle: str
    number: int
    revision: str
    at: str
    by: str
    state: State
    objects: tuple[RecordedObject, ...] = ()
    rolled_back_from: int | None = None
    note: str | None = None
    finished_at: str | None = None
    has_manifests: bool = True
    left_out: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of the ConfigMap that holds it."""
        return f"revision.{self.bundle}.{self.number}"

    def uid_of(self, ref: ObjectRef) -> str | None:
        """The UID an object had; its API version may have changed since."""
        return next((each.uid for each in self.objects if same(each.ref, ref)), None)

    def document(self) -> dict[str, Any]:
        """For JSON and for pages."""
        objects = [{"id": each.ref.id, "object": str(each.ref), "uid": each.uid} for each in self.objects]
        return {**asdict(self), "objects": objects, "left_out": list(self.left_out), "options": list(self.options)}


def seal_of(bundle: Bundle, revision: Revision | None) -> str:
    """Changes with whatever a roll-back or a teardown would go by: the manifests and the record, not its state.

    Shown with what is previewed and asked back with the button, so that what was read is what is done.
    """
    held = {
        "objects": bundle.objects, "secrets": [asdict(each) for each in bundle.secrets],
        "record": None if revision is None else [
            revision.bundle, revision.number, revision.revision, [asdict(each) for each in revision.objects],
            revision.left_out, revision.options,
        ],
    }  # fmt: skip
    return hashlib.sha256(json.dumps(held, sort_keys=True, default=str).encode()).hexdigest()


def believed_of(revision: Revision | None, deletes: Callable[[ObjectRef], bool]) -> Revision | None:
    """The record without the objects that it is not believed about."""
    if revision is None:
        return None
    return replace(revision, objects=tuple(each for each in revision.objects if deletes(each.ref)))


def same(one: ObjectRef, other: ObjectRef) -> bool:
    """Whether both are the same object, in whichever version of its API."""
    return one.id == other.id


@dataclass(frozen=True, slots=True)
class Revisions:
    """The records of every bundle, in one namespace. The writing half is for the holder of the Lease only."""

    cluster: Cluster
    namespace: str
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def history(self, bundle: str) -> tuple[Revision, ...]:
        """The kept ones, newest first. Empty as long as nothing was deployed."""
        found = [_read(each) for each in self._held(bundle)]
        return tuple(sorted(found, key=lambda each: each.number, reverse=True))

    def latest(self, bundle: str) -> Revision | None:
        """The newest one."""
        return next(iter(self.history(bundle)), None)

    def options_of(self, bundle: str) -> tuple[str, ...]:
        """Those it stands with on the cluster; none where it was never deployed, or removed."""
        latest = self.latest(bundle)
        return latest.options if latest is not None and latest.state != "removed" else ()

    def standing(self) -> tuple[Revision, ...]:
        """The newest one of every bundle that was deployed and not removed since, by name."""
        label = ",".join(f"{key}={value}" for key, value in records.MANAGED_BY.items())
        with records.allowed("configmaps", self.namespace):
            held = self.cluster.list(self._collection, query={"labelSelector": label})
        found = [_read(each) for each in held if BUNDLE in each["metadata"]["labels"]]
        newest = {each.bundle: each for each in sorted(found, key=lambda each: each.number)}
        return tuple(newest[name] for name in sorted(newest) if newest[name].state != "removed")

    def get(self, bundle: str, number: int) -> Revision:
        """One of the kept ones. Raises Refused 404 with those there are."""
        kept = self.history(bundle)
        for each in kept:
            if each.number == number:
                return each
        there = ", ".join(str(each.number) for each in kept) or "none"
        raise Refused(f"Bundle {bundle} has no revision {number}; kept are {there}.", status=404)

    def bundle_of(self, revision: Revision) -> Bundle:
        """What it had applied, without Secrets that came with data. Raises Refused when that was not kept."""
        if not revision.has_manifests:
            raise Refused(f"Revision {revision.number} of {revision.bundle} cannot be applied again: {revision.note}")
        with records.allowed("configmaps", self.namespace):
            bundle = keeping.unpacked(self.cluster.get(f"{self._collection}/{revision.name}"))
        if bundle.name != revision.bundle:
            raise Refused(f"The record {revision.name} holds another bundle, {bundle.name}.", status=422)
        return bundle

    def secrets_of(self, revision: Revision, bundle: Bundle) -> Mapping[ObjectRef, Collection[str] | None]:
        """The Secrets on record that its `bundle_of` has no values for, with the keys they were applied with.

        None: those are not known, as after a roll-back, which leaves Secrets as they are.
        """
        kept = {ref.id for ref in keeping.refs(bundle)}
        others = [each.ref for each in revision.objects if keeping.is_a_secret(each.ref) and each.ref.id not in kept]
        if not others:
            return {}
        with records.allowed("configmaps", self.namespace):
            keys = keeping.kept_keys(self.cluster.get(f"{self._collection}/{revision.name}"))
        return {ref: keys.get(ref.id) for ref in others}

    def begin(self, bundle: Bundle, *, by: str, revision: str | None = None, rolled_back_from: int | None = None,
              left: Sequence[RecordedObject] = ()) -> Revision:  # fmt: skip
        """The record of what is about to be applied, written. `left`: what earlier revisions have there besides.

        `revision`: of a roll-back, the one that is applied again.
        """
        history = self.history(bundle.name)
        packed = keeping.packed(bundle)
        begun = Revision(
            bundle=bundle.name, number=history[0].number + 1 if history else 1, revision=revision or bundle.revision,
            at=self._time(), by=by, state="applying", objects=tuple(_objects_of(bundle, history[:1], left)),
            rolled_back_from=rolled_back_from, has_manifests=packed.fits, left_out=packed.left_out,
            note=None if packed.fits else keeping.TOO_LARGE, options=bundle.options,
        )  # fmt: skip
        records.ensure_namespace(self.cluster, self.namespace)
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": self._metadata(begun), **packed.content}
        body["data"] = {**body.get("data", {}), **_data(begun)}
        with records.allowed("configmaps", self.namespace):
            self.cluster.create(self._collection, body)
            self._forget_older([*history, begun])
        return begun

    def resume(self, revision: Revision, bundle: Bundle, *, by: str, left: Sequence[RecordedObject] = ()) -> Revision:
        """The record of an apply that did not come to its end, or that is made again, begun anew."""
        note = revision.note if not revision.has_manifests else None
        objects = tuple(_objects_of(bundle, [revision], left))
        return self._write(
            replace(revision, state="applying", at=self._time(), by=by, finished_at=None, note=note, objects=objects,
                    options=bundle.options)
        )  # fmt: skip

    def record(self, revision: Revision, uids: Mapping[str, str], *, gone: Collection[str] = ()) -> Revision:
        """UIDs by object id, as seen; `gone`: ids of what is not there any more. Nothing is written without news."""
        objects = tuple(
            replace(each, uid=uids.get(each.ref.id, each.uid)) for each in revision.objects if each.ref.id not in gone
        )
        return revision if objects == revision.objects else self._write(replace(revision, objects=objects))

    def finish(self, revision: Revision, state: State, *, note: str | None = None) -> Revision:
        """The end of it."""
        told = revision.note if not revision.has_manifests else note
        return self._write(replace(revision, state=state, finished_at=self._time(), note=told))

    @property
    def _collection(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/configmaps"

    def _held(self, bundle: str) -> list[dict[str, Any]]:
        with records.allowed("configmaps", self.namespace):
            return self.cluster.list(self._collection, query={"labelSelector": f"{BUNDLE}={bundle}"})

    def _write(self, revision: Revision) -> Revision:
        labels = {STATE: revision.state}
        body = {"metadata": {"labels": labels}, "data": _data(revision)}
        with records.allowed("configmaps", self.namespace):
            self.cluster.patch(f"{self._collection}/{revision.name}", body)
        return revision

    def _forget_older(self, kept: Sequence[Revision]) -> None:
        newest_first = sorted(kept, key=lambda each: each.number, reverse=True)
        for each in newest_first[KEPT:]:
            try:
                self.cluster.delete(f"{self._collection}/{each.name}")
            except errors.NotFound:
                continue

    def _metadata(self, revision: Revision) -> dict[str, Any]:
        labels = {**records.MANAGED_BY, BUNDLE: revision.bundle, STATE: revision.state}
        return {"name": revision.name, "namespace": self.namespace, "labels": labels}

    def _time(self) -> str:
        return self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _objects_of(bundle: Bundle, before: Sequence[Revision], left: Sequence[RecordedObject]) -> list[RecordedObject]:
    """The bundle's own, with the UIDs they are known by, and what is left of earlier revisions."""
    known = {each.ref.id: each.uid for earlier in before for each in earlier.objects if earlier.state != "removed"}
    own = [RecordedObject(ref, known.get(ref.id)) for ref in keeping.refs(bundle)]
    ids = {each.ref.id for each in own}
    return [*own, *(each for each in left if each.ref.id not in ids)]


def _data(revision: Revision) -> dict[str, str]:
    return {"record": json.dumps(asdict(revision), sort_keys=True)}


def _read(live: Mapping[str, Any]) -> Revision:
    """Raises Refused for what was not written by us: its parts become parts of paths."""
    name = live["metadata"]["name"]
    try:
        held = json.loads(live["data"]["record"])
        objects = tuple(RecordedObject(ObjectRef(**each["ref"]), each["uid"]) for each in held.pop("objects"))
        lists = {each: tuple(held.get(each) or ()) for each in ("left_out", "options")}
        found = Revision(**{**held, "objects": objects, **lists})
        is_sound = isinstance(found.number, int) and found.name == name and all(_is_text(each) for each in objects)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        is_sound = False
    if not is_sound:
        raise Refused(f"The record {name} is damaged: delete that ConfigMap, then try again.", status=422)
    return found


def _is_text(each: RecordedObject) -> bool:
    parts = (each.ref.api_version, each.ref.kind, each.ref.namespace, each.ref.name)
    return all(isinstance(part, str) for part in parts) and isinstance(each.uid, str | None)
