"""What apply would do to the objects of bundles, asked of the API by a server-side dry run. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.bundles.bundle import Bundle, GeneratedSecret, ObjectRef, ref_of
from dashboard.stack.bundles.refusals import scope_faults
from dashboard.stack.cluster import Cluster, Locator, Manifest
from dashboard.stack.planning import diff
from dashboard.stack.planning.administrator import told_once
from dashboard.stack.planning.ownership import entries_of
from dashboard.stack.planning.plan import ObjectPlan, Plan
from dashboard.stack.planning.refusals import outage
from dashboard.stack.planning.surroundings import Surroundings, is_ending
from dashboard.stack.planning.trial import Outcome, Trial, get_or_none, placeholder
from dashboard.stack.stages import KEPT, STAGES, Stage, stage_of

NO_LONGER_HELD = "An earlier revision of the bundle made it and this one does not hold it any more."


class RecordedObject(Protocol):
    """One object of a recorded revision; `uid` is None when it was never learned."""

    @property
    def ref(self) -> ObjectRef: ...

    @property
    def uid(self) -> str | None: ...


class Recorded(Protocol):
    """An earlier revision of a bundle, as far as a plan looks at it: what it made."""

    @property
    def objects(self) -> Sequence[RecordedObject]: ...


def plan_of(
    cluster: Cluster,
    bundles: Sequence[Bundle],
    *,
    recorded: Mapping[str, Recorded | None] | None = None,
    take_over: frozenset[str] = frozenset(),
) -> Plan:
    """Tries every object with the credential of `cluster`; nothing is written.

    Objects whose ids are in `take_over` are tried by force. Raises Refused when the cluster does not answer: a plan
    is whole or there is none. Findings are left to the preflight.
    """
    locator = Locator(cluster)
    secrets = [each for bundle in bundles for each in bundle.secrets]
    trial = Trial(cluster, locator, Surroundings(cluster, bundles), secrets)
    objects = [each for bundle in bundles for each in _tried(trial, bundle, take_over)]
    held = {each.ref.id for each in objects}
    for bundle in bundles:
        known = (recorded or {}).get(bundle.name)
        left = [each for each in (known.objects if known else ()) if each.ref.id not in held]
        objects += _removed(cluster, locator, bundle.name, left)
    return Plan({bundle.name: bundle.revision for bundle in bundles}, tuple(told_once(objects, bundles)))


def comparable(live: Manifest) -> Manifest:
    """An object without what the server writes by itself."""
    return diff.kept(live)


def conflict_sentence(error: errors.Conflict) -> str:
    """Names the manager and the fields of a server-side apply conflict."""
    causes = [f"{each.get('field')} ({each.get('message')})" for each in error.details.get("causes") or []]
    return "another manager owns " + ", ".join(causes) if causes else error.message


def as_manifest(ref: ObjectRef) -> Manifest:
    """As much of a manifest as finding the object takes."""
    metadata = {"name": ref.name, **({"namespace": ref.namespace} if ref.namespace else {})}
    return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": metadata}


def is_made_by_us(live: Manifest) -> bool:
    """Whether this product has applied or created it."""
    return any(entry.is_ours for entry in entries_of(live))


def in_order(bundle: Bundle) -> list[tuple[Stage, Manifest, GeneratedSecret | None]]:
    """All there is of a bundle in the order of applying; a generated Secret comes with its placeholder."""
    pairs: list[tuple[Manifest, GeneratedSecret | None]] = [(placeholder(each), each) for each in bundle.secrets]
    pairs += [(each, None) for each in bundle.objects]
    rows = [(stage_of(manifest), manifest, secret) for manifest, secret in pairs]
    return sorted(rows, key=lambda row: STAGES.index(row[0]))


def _tried(trial: Trial, bundle: Bundle, take_over: frozenset[str]) -> Iterator[ObjectPlan]:
    misplaced, scaled = _misplaced(trial, bundle), bundle.scaled
    for stage, manifest, secret in in_order(bundle):
        ref = ref_of(manifest)
        if ref.id in misplaced:
            outcome = Outcome("invalid", misplaced[ref.id])
        elif secret:
            outcome = trial.of_secret(secret)
        else:
            outcome = trial.of_object(manifest, take_over=ref.id in take_over, is_scaled=ref in scaled)
        yield ObjectPlan(
            ref, bundle.name, stage.name, outcome.verdict, outcome.sentence, outcome.changes, outcome.owners,
            outcome.checked,
        )  # fmt: skip


def _misplaced(trial: Trial, bundle: Bundle) -> Mapping[str, str]:
    try:
        return scope_faults(bundle, trial.locator)
    except errors.ApiError as error:
        raise outage(error, bundle.name) from error


def _removed(cluster: Cluster, locator: Locator, bundle: str, left: Sequence[RecordedObject]) -> Iterator[ObjectPlan]:
    """What a recorded revision made and the bundle no longer holds, last stage first; a namesake made since stays."""
    for each in sorted(left, key=lambda each: -STAGES.index(stage_of(as_manifest(each.ref)))):
        if each.ref.kind in KEPT:
            continue
        stage = stage_of(as_manifest(each.ref)).name
        try:
            live = get_or_none(cluster, locator.path(as_manifest(each.ref)))
        except Refused:  # the cluster serves this kind no more, so the object is gone with it
            continue
        except errors.Forbidden:
            why = f"{each.ref} should be removed, but you may not read it. Ask for a role that allows it."
            yield ObjectPlan(each.ref, bundle, stage, "forbidden", why)
            continue
        except errors.ApiError as error:
            raise outage(error, each.ref) from error
        if live is None or is_ending(live):
            continue
        if live["metadata"]["uid"] == each.uid if each.uid else is_made_by_us(live):
            yield ObjectPlan(each.ref, bundle, stage, "remove", NO_LONGER_HELD)
