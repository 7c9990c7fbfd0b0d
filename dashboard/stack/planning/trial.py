"""Tries one object on the cluster by a dry run and says what would become of it. Writes nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.bundles.bundle import GeneratedSecret, ref_of, without_replicas
from dashboard.stack.cluster import Cluster, Locator, Manifest
from dashboard.stack.planning import diff
from dashboard.stack.planning.overlay import is_as_wanted, overlaid
from dashboard.stack.planning.ownership import entries_of
from dashboard.stack.planning.plan import FieldChange, FieldOwner, Verdict
from dashboard.stack.planning.refusals import cannot_be_tried, refusal_of, taken_over
from dashboard.stack.planning.surroundings import Surroundings, is_ending

GENERATED = "<generated>"
"""What a plan says where a value will be made at random."""


ALLOCATED = "<allocated>"
"""What a plan says where the server chooses when the object is made: the dry run's choice is not the one to come."""

ADOPTED = "It is there already and was made elsewhere. From now on it is the bundle's: a teardown would take it along."
"""What a plan says of an object that is as wanted, but was not made by us."""

LEFT_TO_OTHERS = "You may not change it; it is as wanted already, so nothing is to be done to it."
"""What a plan says of an object that only others may write, such as a Namespace."""

_BY_CHANCE = re.compile(r"spec\.clusterIPs?\b|spec\.ports\[.*\]\.nodePort|spec\.healthCheckNodePort|.*controller-uid\]")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an ObjectPlan says of an object besides which one it is."""

    verdict: Verdict
    sentence: str | None = None
    changes: tuple[FieldChange, ...] = ()
    owners: tuple[FieldOwner, ...] = ()
    checked: bool = True


@dataclass(frozen=True, slots=True)
class Trial:
    """Tries objects one by one. `planned`: the Secrets that the plan itself generates."""

    cluster: Cluster
    locator: Locator
    around: Surroundings
    planned: Collection[GeneratedSecret] = ()

    def of_object(self, manifest: Manifest, *, take_over: bool, is_scaled: bool = False) -> Outcome:
        """Raises Refused when the cluster does not answer.

        `is_scaled`: once the object is there, its `replicas` are an autoscaler's.
        """
        live: Any = None
        try:
            known = self._before_asking(manifest)
            if known is not None:
                return known
            path = self.locator.path(manifest)
            live = get_or_none(self.cluster, path)
            if live is not None and is_ending(live):
                return Outcome("invalid", f"{ref_of(manifest)} is being deleted. Deploy again when it is gone.")
            wanted = without_replicas(manifest) if is_scaled and live is not None else manifest
            outcome = self._applied(path, wanted, live, take_over=take_over)
            return _without_replicas(outcome) if is_scaled and live is not None else outcome
        except errors.ApiError as error:
            if cannot_be_tried(error):
                return _untried(manifest, live)
            if is_settled(error, live, manifest):
                return Outcome("unchanged", LEFT_TO_OTHERS, checked=False)
            refusal = refusal_of(error, manifest, live)
            return Outcome(refusal.verdict, refusal.sentence, owners=refusal.owners)

    def of_secret(self, secret: GeneratedSecret) -> Outcome:
        """A generated Secret is created once and then left alone; its values are never looked at."""
        stub = placeholder(secret)
        try:
            known = self._before_asking(stub)
            if known is None:
                live = get_or_none(self.cluster, self.locator.path(stub))
                return self._new(secret, stub) if live is None else _there(secret, live)
        except errors.ApiError as error:
            refusal = refusal_of(error, stub, None)
            return Outcome(refusal.verdict, refusal.sentence)
        return known

    def _before_asking(self, manifest: Manifest) -> Outcome | None:
        """What can be said without trying: because of the kind, or of the namespace."""
        ref = ref_of(manifest)
        try:
            self.locator.path(manifest)
        except Refused as refused:
            if self.around.brings(manifest):
                why = "Its kind comes with this plan, so it could not be tried; it is when its turn comes."
                return Outcome("create", why, checked=False)
            return Outcome("invalid", f"{ref}: {refused.sentence}")
        state = self.around.namespace(ref.namespace) if ref.namespace else "there"
        if state == "ending":
            return Outcome(
                "invalid", f"{ref}: namespace {ref.namespace} is being deleted. Deploy again when it is gone."
            )
        if state == "missing":
            why = f"{ref}: namespace {ref.namespace} is not there. Create it, or add it to the bundle."
            return Outcome("invalid", why)
        return self._unchecked(manifest) if state == "planned" else None

    def _unchecked(self, manifest: Manifest) -> Outcome:
        faults = self.around.faults(manifest)
        if faults:
            return Outcome("invalid", f"{ref_of(manifest)}: {'; '.join(faults)}. Correct the manifest.", checked=False)
        return Outcome("create", changes=diff.changes(None, manifest), checked=False)

    def _applied(self, path: str, manifest: Manifest, live: Any, *, take_over: bool) -> Outcome:
        try:
            merged = self._dry_run(path, manifest)
        except errors.Conflict as error:
            refusal = refusal_of(error, manifest, live)
            forced = diff.changes(live, self.cluster.apply(path, manifest, force=True, dry_run=True))
            if not take_over:
                return Outcome(refusal.verdict, refusal.sentence, forced, refusal.owners)
            return Outcome("change", taken_over(refusal.owners), forced, refusal.owners)
        rows = diff.changes(live, merged)
        if live is None:
            return Outcome("create", changes=_without_chance(rows, manifest))
        if not rows:
            return Outcome("unchanged", None if any(entry.is_ours for entry in entries_of(live)) else ADOPTED)
        return Outcome("change", changes=rows)

    def _dry_run(self, path: str, manifest: Manifest) -> Any:
        """Once more when somebody wrote the object in the same moment; that is no conflict of field managers."""
        try:
            return self.cluster.apply(path, manifest, dry_run=True)
        except errors.Conflict as error:
            if error.details.get("causes"):
                raise
        return self.cluster.apply(path, manifest, dry_run=True)

    def _new(self, secret: GeneratedSecret, stub: Manifest) -> Outcome:
        lacking = [problem for key in secret.copy if (problem := self._lacking_source(secret, key))]
        if lacking:
            return Outcome("invalid", f"{secret.ref}: {'; '.join(lacking)}. Deploy what makes it first.")
        self.cluster.create(self.locator.collection(stub), stub, dry_run=True)
        keys = [*secret.generate, *secret.copy]
        return Outcome("create", changes=tuple(FieldChange(f"data.{key}", None, GENERATED) for key in keys))

    def _lacking_source(self, secret: GeneratedSecret, key: str) -> str | None:
        source = secret.copy[key]
        for each in self.planned:
            if (each.namespace, each.name) == (source.namespace, source.name) and source.key in keys_of(each):
                return None
        live = get_or_none(self.cluster, f"/api/v1/namespaces/{source.namespace}/secrets/{source.name}")
        if live is None:
            return f"{key} is copied from Secret {source.namespace}/{source.name}, which is not there"
        if source.key not in (live.get("data") or {}):
            return f"{key} is copied from key {source.key} of Secret {source.namespace}/{source.name}, which has none"
        return None


def is_settled(error: errors.ApiError, live: Manifest | None, manifest: Manifest) -> bool:
    """Whether only the right to write it is missing, and nothing is to be written."""
    is_missing = isinstance(error, errors.Forbidden) and error.rule is not None
    return is_missing and live is not None and is_as_wanted(live, manifest)


def get_or_none(cluster: Cluster, path: str) -> Any:
    """The live object, or None when it is not there."""
    try:
        return cluster.get(path)
    except errors.NotFound:
        return None


def keys_of(secret: GeneratedSecret) -> set[str]:
    """The keys it will have."""
    return {*secret.generate, *secret.copy}


def placeholder(secret: GeneratedSecret) -> dict[str, Any]:
    """The Secret with a word in place of every value: for trying, never for keeping."""
    word = base64.b64encode(GENERATED.encode()).decode()
    return {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": secret.namespace, "name": secret.name},
        "type": "Opaque", "data": dict.fromkeys(keys_of(secret), word),
    }  # fmt: skip


def _untried(manifest: Manifest, live: Manifest | None) -> Outcome:
    why = "A webhook of the cluster cannot take part in a dry run, so this is worked out from the manifest alone."
    rows = diff.changes(live, overlaid(live or {}, manifest))
    return Outcome("create" if live is None else "change" if rows else "unchanged", why, rows, checked=False)


def _without_replicas(outcome: Outcome) -> Outcome:
    """An autoscaler's number is handed over, not reset, whatever the bare dry run says."""
    rows = tuple(row for row in outcome.changes if row.path != "spec.replicas")
    if outcome.verdict == "change" and not rows:
        return Outcome("unchanged")
    return replace(outcome, changes=rows)


def _without_chance(rows: tuple[FieldChange, ...], manifest: Manifest) -> tuple[FieldChange, ...]:
    asked = {row.path for row in diff.changes(None, manifest)}
    return tuple(
        replace(row, after=ALLOCATED) if row.path not in asked and _BY_CHANCE.match(row.path) else row for row in rows
    )


def _there(secret: GeneratedSecret, live: Manifest) -> Outcome:
    if is_ending(live):
        return Outcome("invalid", f"{secret.ref} is being deleted. Deploy again when it is gone.")
    lacking = sorted(keys_of(secret) - set(live.get("data") or {}))
    if lacking:
        why = f"{secret.ref} is there but lacks {', '.join(lacking)}, and it is never overwritten. Add what is missing."
        return Outcome("invalid", why)
    return Outcome("unchanged")
