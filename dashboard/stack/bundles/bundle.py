"""A bundle and what is in it, as read; values only. What an object means for the order of applying is in `stages`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Manifest = Mapping[str, Any]

SECRET_FIELDS = ("data", "stringData")
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True, slots=True, order=True)
class ObjectRef:
    """What makes an object the same object. `namespace` is empty for a cluster-scoped one."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def group(self) -> str:
        """The API group; empty for the core one."""
        return self.api_version.rpartition("/")[0]

    @property
    def id(self) -> str:
        """A stable text for forms and commands: `Deployment.apps/flask/guestbook`, `Service/flask/guestbook`."""
        kind = f"{self.kind}.{self.group}" if self.group else self.kind
        return f"{kind}/{self.namespace}/{self.name}"

    def __str__(self) -> str:
        """As it is said in a sentence: `Deployment flask/guestbook`, `Namespace flask`."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def ref_of(manifest: Manifest) -> ObjectRef:
    """The reference of a manifest or a live object."""
    metadata = manifest["metadata"]
    return ObjectRef(manifest["apiVersion"], manifest["kind"], metadata.get("namespace", ""), metadata["name"])


@dataclass(frozen=True, slots=True)
class SecretKeySource:
    """Where a generated Secret takes one key from: another Secret's key."""

    namespace: str
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class GeneratedSecret:
    """A Secret made at deploy time, once.

    `generate`: key → number of random characters. `copy`: key → the Secret key that holds the value.
    """

    namespace: str
    name: str
    generate: Mapping[str, int] = field(default_factory=dict)
    copy: Mapping[str, SecretKeySource] = field(default_factory=dict)

    @property
    def ref(self) -> ObjectRef:
        """The Secret it becomes."""
        return ObjectRef("v1", "Secret", self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A named set of manifests. `objects` are in the kustomization's order.

    `reasons`: object id → why it is written as it is, in plain words. `own`: a person's folder, not one of ours.
    `cluster_scoped`: that person wants objects of the whole cluster too. `places`: object id → file, line and column.
    `warnings`: what is unwise and yet no fault. `options`: names of those that `objects` were changed by.
    """

    name: str
    objects: tuple[dict[str, Any], ...]
    secrets: tuple[GeneratedSecret, ...] = ()
    title: str = ""
    text: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    own: bool = False
    cluster_scoped: bool = False
    places: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """Twelve hexadecimal digits that change with what the bundle asks of the cluster, with nothing else.

        So neither comments nor the order of files, nor what they are called, matter. Nor do a Secret's values: it is
        recorded and shown, and who reads it could try passwords on it until one fits. Their keys do.
        """
        wanted = {
            "objects": sorted(_text(_without_secret_values(each)) for each in self.objects),
            "secrets": sorted(_text(asdict(each)) for each in self.secrets),
        }
        return hashlib.sha256(_text(wanted).encode()).hexdigest()[:12]

    @property
    def scaled(self) -> frozenset[ObjectRef]:
        """The workloads whose `replicas` belong to a HorizontalPodAutoscaler of this very bundle."""
        targets = {target for each in self.objects if (target := _scale_target(each))}
        refs = {ref_of(each) for each in self.objects}
        return frozenset(each for each in refs if (each.group, each.kind, each.namespace, each.name) in targets)


def is_secret(manifest: Manifest) -> bool:
    """Whether it is a Secret of Kubernetes' own."""
    return bool(manifest["apiVersion"] == "v1" and manifest["kind"] == "Secret")


def secret_keys(manifest: Manifest) -> list[str]:
    """The keys a Secret has values under, whichever way they are written."""
    return sorted({str(key) for name in SECRET_FIELDS for key in manifest.get(name) or {}})


def without_kubectls_copy(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata without kubectl's own annotation, which repeats the whole object, a Secret's data included."""
    held = metadata.get("annotations")
    if not isinstance(held, Mapping):
        return dict(metadata)
    return {**metadata, "annotations": {key: value for key, value in held.items() if key != LAST_APPLIED}}


def without_replicas(manifest: Manifest) -> dict[str, Any]:
    """A workload as it is applied once it is there and an HPA owns `replicas`: all but that field."""
    spec = manifest.get("spec")
    if not isinstance(spec, Mapping) or "replicas" not in spec:
        return dict(manifest)
    return {**manifest, "spec": {key: value for key, value in spec.items() if key != "replicas"}}


def _scale_target(manifest: Manifest) -> tuple[str, str, str, str] | None:
    """Group, kind, namespace and name of what an HPA scales."""
    ref = ref_of(manifest)
    spec = manifest.get("spec")
    target = spec.get("scaleTargetRef") if isinstance(spec, Mapping) else None
    if ref.kind != "HorizontalPodAutoscaler" or not isinstance(target, Mapping):
        return None
    group = str(target.get("apiVersion", "")).rpartition("/")[0]
    return group, str(target.get("kind")), ref.namespace, str(target.get("name"))


def _without_secret_values(manifest: Manifest) -> Manifest:
    if not is_secret(manifest):
        return manifest
    kept = {key: value for key, value in manifest.items() if key not in SECRET_FIELDS}
    return {**kept, "metadata": without_kubectls_copy(manifest["metadata"]), "data": secret_keys(manifest)}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
