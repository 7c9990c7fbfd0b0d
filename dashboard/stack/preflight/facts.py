"""What the cluster tells about itself, each question asked once; None stands for "the cluster does not tell"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.kube import errors
from dashboard.stack.bundles.bundle import Bundle, ObjectRef, ref_of
from dashboard.stack.cluster import Cluster, Locator, Manifest

Listed = Sequence[Mapping[str, Any]] | None


class Facts:
    """Of one preflight. A refusal to read is remembered as None, so that a check can say `unknown`."""

    def __init__(self, cluster: Cluster, bundles: Sequence[Bundle]) -> None:
        self.cluster = cluster
        self.locator = Locator(cluster)
        self.bundles = bundles
        self.objects: tuple[Manifest, ...] = tuple(each for bundle in bundles for each in bundle.objects)
        self._lists: dict[str, Listed] = {}
        self._live: dict[ObjectRef, Manifest | None] = {}

    def of_kind(self, *kinds: str) -> list[Manifest]:
        """The bundles' objects of these kinds."""
        return [each for each in self.objects if each["kind"] in kinds]

    def listed(self, path: str) -> Listed:
        """All items of a collection; None when they may not be listed or are not served."""
        if path not in self._lists:
            try:
                self._lists[path] = self.cluster.list(path)
            except (errors.Forbidden, errors.NotFound):
                self._lists[path] = None
        return self._lists[path]

    def live(self, manifest: Manifest) -> Manifest | None:
        """The object as it is on the cluster; None when it is not there or may not be read."""
        ref = ref_of(manifest)
        if ref not in self._live:
            self._live[ref] = self._read(manifest)
        return self._live[ref]

    def namespace(self, name: str) -> Manifest | None:
        """The live Namespace."""
        return self.live({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    def namespaces(self) -> list[str]:
        """The namespaces that objects and Secrets of the bundles go to."""
        named = {each["metadata"].get("namespace", "") for each in self.objects}
        named |= {secret.namespace for bundle in self.bundles for secret in bundle.secrets}
        return sorted(named - {""})

    def _read(self, manifest: Manifest) -> Manifest | None:
        if not self.locator.serves(manifest["apiVersion"], manifest["kind"]):
            return None
        try:
            found: Manifest = self.cluster.get(self.locator.path(manifest))
        except (errors.NotFound, errors.Forbidden):
            return None
        return found
