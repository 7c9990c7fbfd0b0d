"""What is to be done for one bundle: its objects by stage, each with its line in the progress. Values only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.stack.applying.progress import Step, step_for
from dashboard.stack.bundles.bundle import Bundle, GeneratedSecret, ObjectRef, ref_of, without_replicas
from dashboard.stack.cluster import Manifest
from dashboard.stack.stages import Stage, in_stages


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for.

    `take_over`: ids of objects whose conflicts are settled in our favour. `remove`: ids of objects of earlier revisions
    that may go; None: all that the plan lists. `again`: of a roll-back, the number and the revision that is applied
    once more. `left_out`: Secrets that a roll-back leaves as they are.
    """

    bundles: tuple[Bundle, ...]
    by: str
    take_over: frozenset[str] = frozenset()
    remove: frozenset[str] | None = frozenset()
    again: tuple[int, str] | None = None
    left_out: tuple[ObjectRef, ...] = ()

    def revision_of(self, bundle: Bundle) -> str:
        """What the record is to say was applied: a roll-back has the revision of the first time."""
        return self.again[1] if self.again else bundle.revision


@dataclass(frozen=True, slots=True)
class Item:
    """One object to come. `is_scaled`: an autoscaler owns its replicas, and `initial` is what it begins with."""

    step: Step
    ref: ObjectRef
    content: Manifest | GeneratedSecret
    is_scaled: bool = False
    initial: int | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """One bundle's items, stage by stage."""

    bundle: Bundle
    stages: tuple[tuple[Stage, tuple[Item, ...]], ...] = field(default=())

    @property
    def items(self) -> list[Item]:
        """All of them, in order."""
        return [item for _, items in self.stages for item in items]


def work_of(bundle: Bundle) -> Work:
    """The bundle's work; generated Secrets come first in the stage of Secrets."""
    manifests = [_secret_manifest(secret) for secret in bundle.secrets]
    generated = {id(each): secret for each, secret in zip(manifests, bundle.secrets, strict=True)}
    staged = in_stages([*manifests, *bundle.objects])
    return Work(bundle, tuple((stage, tuple(_items(bundle, stage, held, generated))) for stage, held in staged))


def _items(
    bundle: Bundle, stage: Stage, held: Iterable[Manifest], generated: Mapping[int, GeneratedSecret]
) -> Iterator[Item]:
    for manifest in held:
        ref = ref_of(manifest)
        step = step_for(bundle.name, stage.name, ref)
        if id(manifest) in generated:
            yield Item(step, ref, generated[id(manifest)])
        elif ref in bundle.scaled:
            initial = (manifest.get("spec") or {}).get("replicas")
            yield Item(step, ref, without_replicas(manifest), is_scaled=True, initial=initial)
        else:
            yield Item(step, ref, manifest)


def _secret_manifest(secret: GeneratedSecret) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": secret.namespace, "name": secret.name}}
