"""Ends namespaces: deletes what is in a terminating one, pods first, tells how far it is, then lets it go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock, timestamp
from localcluster.controllers.conditions import put_in_place
from localcluster.controllers.controller import Controller
from localcluster.controllers.informer import Informer, Informers
from localcluster.controllers.meta import finalizers_of, is_terminating, name_of, namespace_of, status_of, uid_of
from localcluster.controllers.recorder import Recorder
from localcluster.errors import ApiError
from localcluster.resources import NAMESPACES, PODS, STORED, Resource

_CONTENTS = (PODS, *(resource for resource in STORED if resource.namespaced and resource is not PODS))


@dataclass(slots=True)
class Remainder:
    """What is still there after everything has been asked to go."""

    objects: Counter[str] = field(default_factory=Counter)  # by resource, `pods.`
    finalizers: Counter[str] = field(default_factory=Counter)
    unfinished: list[Resource] = field(default_factory=list)


class NamespaceController(Controller):
    """Reconciles names of namespaces."""

    name = "namespace-controller"

    def __init__(self, client: Client, informers: Informers, recorder: Recorder, clock: Clock) -> None:
        super().__init__(client, informers, recorder, clock)
        self._namespaces = self.reads(NAMESPACES)
        self.follow(self._namespaces)
        self._customs: dict[str, Resource] = {}
        for resource in _CONTENTS:
            self.reads(resource).on_change(self._content_changed)
        self.reads_customs(self._custom_found)

    def _custom_found(self, resource: Resource, store: Informer) -> None:
        if resource.namespaced and resource.group_resource not in self._customs:
            store.on_change(self._content_changed)
        self._customs[resource.group_resource] = resource

    def _content_changed(self, before: Object | None, after: Object | None) -> None:
        """Something has gone that a namespace may have waited for."""
        if after is not None or before is None:
            return
        namespace = self._namespaces.get("", namespace_of(before))
        if namespace is not None and is_terminating(namespace):
            self.queue.add(name_of(namespace))

    async def reconcile(self, key: str) -> None:
        namespace = self._namespaces.get("", key)
        if namespace is None or not is_terminating(namespace):
            return
        remainder = await self._delete_contents(key)
        conditions = status_of(namespace).get("conditions") or []
        for condition in describe(key, remainder, now=self.clock.now()):
            conditions = put_in_place(conditions, condition)
        if conditions != status_of(namespace).get("conditions"):
            body = {**namespace, "status": {**status_of(namespace), "conditions": conditions}}
            namespace = await self.client.update(NAMESPACES, body, subresource="status")
        if not remainder.unfinished:
            await self._let_go(namespace)

    async def _delete_contents(self, namespace: str) -> Remainder:
        """Everything else stays until the pods have gone: they may need it to end well."""
        remainder = Remainder()
        customs = [resource for resource in self._customs.values() if resource.namespaced]
        for resource in (*_CONTENTS, *customs):
            await self._delete_all(resource, namespace, remainder)
            if resource is PODS and remainder.unfinished:
                break
        return remainder

    async def _delete_all(self, resource: Resource, namespace: str, remainder: Remainder) -> None:
        for obj in (await self.client.list(resource, namespace=namespace)).items:
            if is_terminating(obj):
                continue
            try:
                await self.client.delete(
                    resource, name_of(obj), namespace=namespace, uid=uid_of(obj), propagation_policy="Background"
                )
            except ApiError as error:
                if error.code not in (404, 409):
                    raise
        left = (await self.client.list(resource, namespace=namespace)).items
        if left:
            remainder.unfinished.append(resource)
            remainder.objects[f"{resource.plural}.{resource.group}"] += len(left)
            remainder.finalizers.update(finalizer for obj in left for finalizer in finalizers_of(obj))

    async def _let_go(self, namespace: Object) -> None:
        kept = [one for one in namespace["spec"].get("finalizers") or [] if one != "kubernetes"]
        body = {**namespace, "spec": {**namespace["spec"], "finalizers": kept}}
        try:
            await self.client.update(NAMESPACES, body, subresource="finalize")
        except ApiError as error:
            if error.code != 404:
                raise


def describe(namespace: str, remainder: Remainder, *, now: datetime) -> list[dict[str, Any]]:
    """The five conditions of a terminating namespace. Pods on their way out count as content that failed to go."""

    def condition(kind: str, reason: str, message: str, *, status: bool = False) -> dict[str, Any]:
        return {
            "type": f"Namespace{kind}",
            "status": str(status),
            "lastTransitionTime": timestamp(now),
            "reason": reason,
            "message": message,
        }

    deletion = ("ContentDeleted", "All content successfully deleted, may be waiting on finalization")
    content = ("ContentRemoved", "All content successfully removed")
    finalizers = ("ContentHasNoFinalizers", "All content-preserving finalizers finished")
    held, waiting = bool(remainder.finalizers), bool(remainder.unfinished) and not remainder.finalizers
    if waiting:
        deletion = ("ContentDeletionFailed", _unexpected(namespace, remainder))
    if held:
        told = _listed(remainder.objects, "%s has %d resource instances")
        content = ("SomeResourcesRemain", f"Some resources are remaining: {told}")
        told = _listed(remainder.finalizers, "%s in %d resource instances")
        finalizers = ("SomeFinalizersRemain", f"Some content in the namespace has finalizers remaining: {told}")
    return [
        condition("DeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
        condition(
            "DeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"
        ),
        condition("DeletionContentFailure", *deletion, status=waiting),
        condition("ContentRemaining", *content, status=held),
        condition("FinalizersRemaining", *finalizers, status=held),
    ]


def _listed(counts: Counter[str], pattern: str) -> str:
    return ", ".join(pattern % (name, count) for name, count in sorted(counts.items()))


def _unexpected(namespace: str, remainder: Remainder) -> str:
    texts = [
        f"unexpected items still remain in namespace: {namespace} for gvr: "
        f"{resource.group}/{resource.version}, Resource={resource.plural}"
        for resource in remainder.unfinished
    ]
    joined = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    return f"Failed to delete all resource types, {len(texts)} remaining: {joined}"
