"""What a record may ask for: records are kept where others may write, so the files decide what one is believed. Pure.

A record alone never brings or deletes anything of the whole cluster, nor in a namespace that the bundle's own files do
not name, and never gives rights: such objects have to be in the files, and to be brought back just as they are there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.errors import Refused
from dashboard.stack.bundles.bundle import Bundle, GeneratedSecret, Manifest, ObjectRef, SecretKeySource, ref_of
from dashboard.stack.bundles.generated import LONGEST
from dashboard.stack.bundles.names import is_api_version, is_kind, is_label, is_object_name
from dashboard.stack.bundles.options import options_of, with_options

PLAIN = frozenset({
    *(("", kind) for kind in ("ConfigMap", "Secret", "Service", "ServiceAccount", "PersistentVolumeClaim", "Pod",
                              "ResourceQuota", "LimitRange")),
    *(("apps", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")),
    *(("batch", kind) for kind in ("Job", "CronJob")),
    ("autoscaling", "HorizontalPodAutoscaler"), ("policy", "PodDisruptionBudget"),
    ("networking.k8s.io", "NetworkPolicy"), ("networking.k8s.io", "Ingress"),
})  # fmt: skip
"""Kinds (group, kind) that live in a namespace and reach no further than it."""

GIVING_RIGHTS = frozenset(
    {
        "rbac.authorization.k8s.io", "admissionregistration.k8s.io", "apiregistration.k8s.io", "certificates.k8s.io",
    }
)  # fmt: skip
"""Groups whose objects say who may do what, or stand between everybody and the API."""

ROLES = frozenset({("rbac.authorization.k8s.io", "Role"), ("rbac.authorization.k8s.io", "RoleBinding")})
TICKED = frozenset({("", "Namespace"), ("apiextensions.k8s.io", "CustomResourceDefinition")})
"""Kinds of the whole cluster that go only when a person ticks the very object."""

STAYS = (
    "Only a record names it, and its files do not: on the word of a record nothing is deleted outside of the bundle's "
    "own namespaces. Delete it by hand if it is to go."
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What the records of one bundle are believed. `files`: the bundle as it is read now; None: its files are gone.

    `closed`: namespaces in which only what the files name counts: the cluster's own, the records', and, without
    files, those of the bundles that come with Surgeboard. `cluster_scoped`: stacks of a person's own may hold objects
    of the whole cluster.
    """

    name: str
    files: Bundle | None = None
    closed: frozenset[str] = frozenset()
    cluster_scoped: bool = False
    _named: Mapping[str, tuple[str, ...]] = field(init=False, default_factory=dict, compare=False)
    """Object id → its contents as text, one for each choice of options."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_named", _named(self.files) if self.files is not None else {})

    def deletes(self, ref: ObjectRef) -> bool:
        """Whether the object may go because a record names it."""
        if not _is_a_name(ref):
            return False
        if ref.id in self._named:
            return True
        if self.files is None and (ref.group, ref.kind) in TICKED:
            return not self._is_closed(ref.name)
        return self._is_within(ref, {*self._kinds, *ROLES})

    def refuse(self, kept: Bundle, *, number: int) -> None:
        """Raises Refused, with all that stands in the way, unless the kept manifests may be applied again."""
        faults = list(dict.fromkeys(self._faults(kept)))
        if faults:
            raise Refused(
                f"Revision {number} of {self.name} is not applied: its record holds what the files of {self.name} do "
                f"not vouch for. {' '.join(faults)} Deploy its files instead; if nobody changed them, somebody may "
                "have written into the record.",
                status=422,
            )

    def _faults(self, kept: Bundle) -> Iterator[str]:
        if kept.name != self.name:
            yield f"It calls itself {kept.name}."
        for each in kept.objects:
            ref = ref_of(each)
            if not _is_a_name(ref):
                yield f"{ref} is no name of an object."
            elif ref.id in self._named:
                if not self._is_within(ref, self._kinds) and _text(each) not in self._named[ref.id]:
                    yield f"{ref} is not as it is in the files."
            elif not self._is_within(ref, self._kinds):
                yield f"{ref} is not in the files."
        for secret in kept.secrets:
            yield from self._secret_faults(secret)

    def _secret_faults(self, secret: GeneratedSecret) -> Iterator[str]:
        if not _is_a_name(secret.ref) or not all(_is_length(each) for each in secret.generate.values()):
            yield f"{secret.ref} is not to be made like that."
        elif secret.ref.id not in self._named and not self._is_within(secret.ref, self._kinds):
            yield f"{secret.ref} is not in the files."
        for source in secret.copy.values():
            if source not in self._sources:
                yield f"{secret.ref} is to be copied from {source.namespace}/{source.name}, key {source.key}."

    def _is_within(self, ref: ObjectRef, kinds: set[tuple[str, str]]) -> bool:
        """Whether it is of a kind that may be changed, in a namespace that is the bundle's."""
        kind = (ref.group, ref.kind)
        if kind not in kinds or self._is_closed(ref.namespace):
            return False
        if not ref.namespace or kind in TICKED:
            is_own = self.files is None or self.files.own
            return is_own and self.cluster_scoped and kind not in PLAIN and not self._is_closed(ref.name)
        return self.files is None or ref.namespace in self._namespaces

    def _is_closed(self, namespace: str) -> bool:
        return namespace.startswith("kube-") or namespace in self.closed

    @property
    def _namespaces(self) -> set[str]:
        if self.files is None:
            return set()
        held = [*(ref_of(each) for each in self.files.objects), *(each.ref for each in self.files.secrets)]
        return {ref.namespace for ref in held if ref.namespace}

    @property
    def _kinds(self) -> set[tuple[str, str]]:
        """Those that reach no further than a namespace, and those of a person's own files that give no rights."""
        if self.files is None:
            return {*PLAIN, *(TICKED if self.cluster_scoped else ())}
        own = {(ref.group, ref.kind) for ref in map(ref_of, self.files.objects)} if self.files.own else set()
        return {*PLAIN, *(each for each in own if each[0] not in GIVING_RIGHTS)}

    @property
    def _sources(self) -> set[SecretKeySource]:
        secrets = self.files.secrets if self.files is not None else ()
        return {source for each in secrets for source in each.copy.values()}


def _is_a_name(ref: ObjectRef) -> bool:
    """Whether its parts are names, so that no path is led elsewhere by them."""
    is_somewhere = ref.namespace == "" or is_label(ref.namespace)
    return is_api_version(ref.api_version) and is_kind(ref.kind) and is_object_name(ref.name) and is_somewhere


def _is_length(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LONGEST


def _named(files: Bundle) -> dict[str, tuple[str, ...]]:
    choices = [files, *(with_options(files, [each.name]) for each in _offered(files))]
    found: dict[str, tuple[str, ...]] = {each.ref.id: () for each in files.secrets}
    for choice in choices:
        for each in choice.objects:
            key = ref_of(each).id
            found[key] = (*found.get(key, ()), _text(each))
    return found


def _offered(files: Bundle) -> list[Any]:
    held = {ref_of(each).id for each in files.objects}
    return [each for each in options_of(files.name) if not files.own and each.workload.id in held]


def _text(manifest: Manifest) -> str:
    return json.dumps(manifest, sort_keys=True, separators=(",", ":"), default=str)
