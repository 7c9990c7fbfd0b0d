"""Drift of what a record names alone: all it keeps, and its Secrets, whose values it does not keep. Writes nothing.

Nobody can compare values that were never written down, but managedFields tell who owns each key now: one that was
applied and that somebody else owns has been changed. Where they tell nothing, that is said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dashboard.kube import errors
from dashboard.stack.bundles.bundle import Bundle, ObjectRef
from dashboard.stack.cluster import Cluster, Locator, Manifest
from dashboard.stack.planning import diff
from dashboard.stack.planning.addressing import Place
from dashboard.stack.planning.drift import Drift, ObjectDrift, drift_of, told
from dashboard.stack.planning.dry_run import as_manifest
from dashboard.stack.planning.ownership import Entry, entries_of, overlap
from dashboard.stack.planning.plan import FieldChange, FieldOwner
from dashboard.stack.planning.refusals import refusal_of
from dashboard.stack.planning.surroundings import is_ending
from dashboard.stack.planning.trial import get_or_none

Keys = Collection[str] | None
"""The keys a Secret was applied with; None: its record is older than their being kept."""


def drift_of_record(cluster: Cluster, bundle: Bundle, secrets: Mapping[ObjectRef, Keys]) -> Drift:
    """Like `drift_of`, with the Secrets that the record names besides. Raises Refused when nobody answers."""
    known = drift_of(cluster, bundle)
    locator = Locator(cluster)
    found = tuple(_of_secret(cluster, locator, ref, keys) for ref, keys in secrets.items())
    return Drift(known.bundle, (*known.objects, *found))


def judged_by_owners(live: Manifest, ref: ObjectRef, keys: Keys) -> ObjectDrift:
    """The drift of a Secret that is there, from who owns its keys. Pure; it holds no value."""
    here = {str(key): _field(key) for key in live.get("data") or {}}
    entries = [each for each in entries_of(live) if each.subresource != "status"]
    theirs = {key: owner for key, field in here.items() if (owner := _other(entries, field))}
    meant = set(here) if keys is None else set(keys)
    rows = [FieldChange(here[key], diff.HIDDEN, diff.HIDDEN) for key in sorted(meant & set(theirs))]
    rows += [FieldChange(_field(key), None, diff.HIDDEN) for key in sorted(meant - set(here))]
    owners = tuple(theirs[key] for key in sorted(meant & set(theirs)))
    added = tuple(theirs[key] for key in sorted(set(theirs) - meant))
    sentence = told([row.path for row in rows], owners, added)
    if rows:
        return ObjectDrift(ref, "changed", tuple(rows), owners, added, sentence)
    if all(_is_ours(entries, key) for key in meant & set(here)):
        return ObjectDrift(ref, "as applied", added=added, sentence=sentence)
    unknown = f"The values of {ref} are not recorded, so they were not compared."
    return ObjectDrift(ref, "unknown", added=added, sentence=f"{unknown} {sentence}" if sentence else unknown)


def _of_secret(cluster: Cluster, locator: Locator, ref: ObjectRef, keys: Keys) -> ObjectDrift:
    stub = as_manifest(ref)
    try:
        live = get_or_none(cluster, locator.path(stub))
    except errors.ApiError as error:
        return ObjectDrift(ref, "unknown", sentence=refusal_of(error, stub, None).sentence)
    if live is None:
        why = f"{ref} is not there, and its values are not recorded; deploy its files again."
        return ObjectDrift(ref, "missing", sentence=why)
    if is_ending(live):
        return ObjectDrift(ref, "changed", sentence=f"{ref} is being deleted.")
    return judged_by_owners(live, ref, keys)


def _other(entries: Collection[Entry], field: str) -> FieldOwner | None:
    """Who else owns it; nobody while we own it too, since whoever changes a value takes it from all others."""
    if any(each.is_ours and each.owns(field) for each in entries):
        return None
    return next((each.owner_of(field) for each in entries if not each.is_ours and each.owns(field)), None)


def _is_ours(entries: Collection[Entry], key: str) -> bool:
    """Whether we own it, as `data` or as the `stringData` that it was applied as."""
    fields = (_field(key), _field(key, holder="stringData"))
    return any(each.is_ours and overlap(field, leaf) for each in entries for field in fields for leaf in each.leaves)


def _field(key: str, *, holder: str = "data") -> str:
    return Place().field(holder).field(str(key)).text
