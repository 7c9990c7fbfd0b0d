"""What has become of a bundle's objects since they were applied, and through whom. Asks by dry runs, writes nothing.

What would be restored is the server's own answer to applying the bundle again by force, so a defaulted field never
counts, nor does one that the bundle leaves to others. Who changed it is what managedFields prove.
Who may read but not apply gets the manifest's fields compared one by one instead; it is `unknown` only when it cannot
be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.bundles.bundle import Bundle, GeneratedSecret, ObjectRef, ref_of, without_replicas
from dashboard.stack.cluster import Cluster, Locator, Manifest
from dashboard.stack.planning import diff
from dashboard.stack.planning.dry_run import in_order
from dashboard.stack.planning.overlay import overlaid
from dashboard.stack.planning.ownership import added_by_others, entries_of, field_of, overlap, owners_of
from dashboard.stack.planning.plan import FieldChange, FieldOwner
from dashboard.stack.planning.refusals import cannot_be_tried, refusal_of
from dashboard.stack.planning.surroundings import is_ending
from dashboard.stack.planning.trial import get_or_none, keys_of

State = Literal["as applied", "changed", "missing", "unknown"]

REPLICAS = "spec.replicas"


@dataclass(frozen=True, slots=True)
class ObjectDrift:
    """One object. `changes`: from what is there to what applying again would restore; never a Secret's values.

    `owners`: who set the changed fields, and when. `added`: fields that others set beside the bundle's own; applying
    again leaves them, so they alone do not make an object `changed`.
    """

    ref: ObjectRef
    state: State
    changes: tuple[FieldChange, ...] = ()
    owners: tuple[FieldOwner, ...] = ()
    added: tuple[FieldOwner, ...] = ()
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """All objects of a bundle, in the order of applying."""

    bundle: str
    objects: tuple[ObjectDrift, ...]

    @property
    def is_clean(self) -> bool:
        """Whether everything is known to be as it was applied."""
        return all(each.state == "as applied" for each in self.objects)

    def document(self) -> dict[str, Any]:
        """For JSON and for pages."""
        return {
            "bundle": self.bundle,
            "is_clean": self.is_clean,
            "objects": [{**asdict(each), "id": each.ref.id, "object": str(each.ref)} for each in self.objects],
        }


def drift_of(cluster: Cluster, bundle: Bundle) -> Drift:
    """Compares every object with what applying it again would make of it.

    Raises Refused when the cluster does not answer.
    """
    locator = Locator(cluster)
    found = [
        _of_secret(cluster, locator, manifest, secret)
        if secret
        else _of_object(cluster, locator, manifest, bundle.scaled)
        for _, manifest, secret in in_order(bundle)
    ]
    return Drift(bundle.name, tuple(found))


def judged(live: Manifest, restored: Manifest, *, is_scaled: bool = False) -> ObjectDrift:
    """The drift of an object that is there, from itself and from what applying it again gives. Pure.

    `is_scaled`: an autoscaler sets its `replicas`, so whatever they are is no drift.
    """
    is_scaled = is_scaled or _is_scaled_by_a_controller(live)
    rows = [row for row in diff.changes(live, restored) if not (is_scaled and row.path == REPLICAS)]
    fields = tuple(dict.fromkeys(field_of(row.path) for row in rows))
    owners = owners_of(live, fields)
    others = added_by_others(live, restored)
    added = tuple(owner for owner in others if not any(overlap(owner.field, field) for field in fields))
    state: State = "changed" if rows else "as applied"
    return ObjectDrift(ref_of(live), state, tuple(rows), owners, added, told(fields, owners, added))


def _of_object(cluster: Cluster, locator: Locator, manifest: Manifest, scaled: frozenset[ObjectRef]) -> ObjectDrift:
    ref = ref_of(manifest)
    live: Any = None
    try:
        path = locator.path(manifest)
        live = get_or_none(cluster, path)
        if live is None:
            return _missing(ref)
        if is_ending(live):
            return ObjectDrift(ref, "changed", sentence=f"{ref} is being deleted.")
        wanted = without_replicas(manifest) if ref in scaled else manifest
        restored = _restored(cluster, path, wanted, live)
    except errors.ApiError as error:
        return ObjectDrift(ref, "unknown", sentence=refusal_of(error, manifest, live).sentence)
    except Refused as refused:
        return ObjectDrift(ref, "missing", sentence=f"{ref} cannot be there: {refused.sentence}")
    return judged(live, restored, is_scaled=ref in scaled)


def _restored(cluster: Cluster, path: str, wanted: Manifest, live: Manifest) -> Manifest:
    """What applying again would give; who may only read has it worked out from the manifest's own fields."""
    try:
        restored: Manifest = cluster.apply(path, wanted, force=True, dry_run=True)
    except (errors.Forbidden, errors.BadRequest) as error:
        if isinstance(error, errors.BadRequest) and not cannot_be_tried(error):
            raise
        return overlaid(live, wanted)
    return restored


def _of_secret(cluster: Cluster, locator: Locator, stub: Manifest, secret: GeneratedSecret) -> ObjectDrift:
    """A generated Secret is as it should be when all its keys are there; nobody knows or compares its values."""
    try:
        live = get_or_none(cluster, locator.path(stub))
    except errors.ApiError as error:
        return ObjectDrift(secret.ref, "unknown", sentence=refusal_of(error, stub, None).sentence)
    if live is None:
        return _missing(secret.ref)
    lacking = sorted(keys_of(secret) - set(live.get("data") or {}))
    rows = tuple(FieldChange(f"data.{key}", None, diff.HIDDEN) for key in lacking)
    sentence = f"{secret.ref} lacks {', '.join(lacking)}; it is never overwritten, so add what is missing."
    return ObjectDrift(secret.ref, "changed" if rows else "as applied", rows, sentence=sentence if rows else None)


def _missing(ref: ObjectRef) -> ObjectDrift:
    return ObjectDrift(ref, "missing", sentence=f"{ref} is not there; deploying again makes it.")


def _is_scaled_by_a_controller(live: Manifest) -> bool:
    """Whether an autoscaler that is none of the bundle's has set the replicas."""
    return any(
        entry.subresource == "scale" and entry.is_a_controllers and entry.owns(REPLICAS) for entry in entries_of(live)
    )


def told(fields: Sequence[str], owners: Sequence[FieldOwner], added: Sequence[FieldOwner]) -> str | None:
    """Who did what, or None when there is nothing to tell."""
    parts = [f"{manager} set {', '.join(fields)}." for manager, fields in _by_manager(owners).items()]
    told = {owner.field for owner in owners}
    rest = [field for field in fields if field not in told]
    if rest:
        parts.append(f"Who changed {', '.join(rest)} is not recorded: what is taken away has no owner.")
    scaling = [owner for owner in added if owner.subresource == "scale"]
    parts += [f"Scaled by {_who(owner)}; the bundle leaves the number of replicas open." for owner in scaling]
    others = [owner for owner in added if owner not in scaling]
    for manager, fields in _by_manager(others).items():
        parts.append(f"{manager} added {', '.join(fields)}; deploying again leaves that as it is.")
    return " ".join(parts) or None


def _by_manager(owners: Sequence[FieldOwner]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for owner in owners:
        found.setdefault(_who(owner), []).append(owner.field)
    return found


def _who(owner: FieldOwner) -> str:
    return f"{owner.manager} at {owner.since}" if owner.since else owner.manager
