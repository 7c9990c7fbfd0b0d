"""The verbs under an object's path: scale, binding, eviction, finalize."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcluster.apiserver import evictions
from localcluster.apiserver import metadata as meta
from localcluster.apiserver.admission.fields import check_definition, check_types
from localcluster.apiserver.custom import scaling
from localcluster.apiserver.options import DeleteOptions, WriteOptions
from localcluster.apiserver.patching.json import json_patch
from localcluster.apiserver.patching.merge import merge_patch
from localcluster.apiserver.writing import Update, Writer, fresh
from localcluster.client import Object, PatchType
from localcluster.errors import bad_request, conflict, invalid
from localcluster.resources import NAMESPACES, POD_DISRUPTION_BUDGETS, PODS, Resource
from localcluster.selectors import from_object

if TYPE_CHECKING:
    from localcluster.apiserver.registry import Registry

_SCALE = "io.k8s.api.autoscaling.v1.Scale"


class Subresources:
    """Part of the registry; asks it for the objects themselves."""

    def __init__(self, registry: Registry, writer: Writer) -> None:
        self._registry = registry
        self._writer = writer

    def get_scale(self, resource: Resource, name: str, *, namespace: str) -> Object:
        return _scale_of(resource, self._registry.get(resource, name, namespace=namespace).object)

    async def update_scale(
        self, resource: Resource, name: str, scale: Any, *, namespace: str, options: WriteOptions
    ) -> Object:
        """PUT of an `autoscaling/v1` Scale."""
        if not isinstance(scale, dict) or scale.get("kind", "Scale") != "Scale":
            raise bad_request("the object provided is unrecognized (must be of type Scale)")
        check_definition(_SCALE, scale)
        current = self._registry.get(resource, name, namespace=namespace)
        meta.check_version(resource, current.object, {"metadata": scale.get("metadata") or {}})
        replicas = (scale.get("spec") or {}).get("replicas", 0)
        if not isinstance(replicas, int) or replicas < 0:
            message = f"Invalid value: {replicas}: must be greater than or equal to 0"
            cause = {"reason": "FieldValueInvalid", "message": message, "field": "spec.replicas"}
            raise invalid(kind="Scale", group="autoscaling", name=name, causes=[cause])
        after = current.copy()
        if resource.custom is not None:
            scaling.set_replicas(resource, after, replicas)
        else:
            after["spec"]["replicas"] = replicas
        return _scale_of(
            resource, await self._writer.update(resource, Update(current, after, "scale"), options=options)
        )

    async def patch_scale(
        self, resource: Resource, name: str, patch: Any, *, patch_type: PatchType, namespace: str,
        options: WriteOptions,
    ) -> Object:  # fmt: skip
        before = fresh(self.get_scale(resource, name, namespace=namespace))
        # a Scale has no lists, so all the merging types do the same to it
        after = json_patch(before, patch) if patch_type == "application/json-patch+json" else merge_patch(before, patch)
        return await self.update_scale(resource, name, after, namespace=namespace, options=options)

    async def bind(self, name: str, binding: Any, *, namespace: str, options: WriteOptions) -> None:
        """Give a pod its node, once."""
        target = (binding.get("target") or {}).get("name") if isinstance(binding, dict) else None
        if not target:
            raise bad_request("Binding.target.name: Required value")
        current = self._registry.get(PODS, name, namespace=namespace)
        after = current.copy()
        if after["metadata"].get("deletionTimestamp"):
            message = f"pod {name} is being deleted, cannot be assigned to a host"
            raise conflict(resource="pods/binding", group="", name=name, message=message)
        if after["spec"].get("nodeName"):
            message = f'pod {name} is already assigned to node "{after["spec"]["nodeName"]}"'
            raise conflict(resource="pods/binding", group="", name=name, message=message)
        after["spec"]["nodeName"] = target
        if not options.dry_run:
            status = after.setdefault("status", {})
            status["conditions"] = _scheduled(status.get("conditions") or [], now=meta.timestamp(self._registry.now()))
            self._registry.storage.put(PODS, (namespace, name), after)

    async def evict(self, name: str, eviction: Any, *, namespace: str, options: DeleteOptions) -> None:
        """Delete a pod if its disruption budget has one to give."""
        if isinstance(eviction, dict) and (eviction.get("metadata") or {}).get("name", name) != name:
            raise bad_request("name in URL does not match name in Eviction object")
        pod = self._registry.get(PODS, name, namespace=namespace).object
        budgets = self._registry.storage.all(POD_DISRUPTION_BUDGETS, namespace=namespace)
        budget = evictions.budget_of(pod, [version.object for version in budgets])
        if budget is not None:
            after = fresh(budget)
            after["status"] = evictions.spent(budget, pod=name, now=meta.timestamp(self._registry.now()))
            if not options.dry_run:
                self._registry.storage.put(POD_DISRUPTION_BUDGETS, (namespace, after["metadata"]["name"]), after)
        await self._registry.delete(PODS, name, namespace=namespace, options=options)

    async def finalize(self, name: str, body: Any, *, options: WriteOptions) -> Object:
        """PUT of a namespace's `spec.finalizers`; the last one gone ends a terminating namespace."""
        after = meta.check_kind(NAMESPACES, fresh(body))
        check_types(NAMESPACES, after)
        current = self._registry.get(NAMESPACES, name)
        meta.check_version(NAMESPACES, current.object, after)
        kept = current.copy()
        kept["spec"]["finalizers"] = (after.get("spec") or {}).get("finalizers") or []
        return await self._writer.update(NAMESPACES, Update(current, kept, "finalize"), options=options)


def _scale_of(resource: Resource, body: Object) -> Object:
    metadata = body["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    if resource.custom is not None:
        replicas, selector = scaling.replicas(resource, body), scaling.selector(resource, body)
        status: Object = {"replicas": scaling.status_replicas(resource, body)}
    else:
        replicas, selector = body["spec"]["replicas"], str(from_object(body["spec"].get("selector")))
        status = {"replicas": (body.get("status") or {}).get("replicas", 0)}
    if selector:
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def _scheduled(conditions: list[Object], *, now: str) -> list[Object]:
    others = [condition for condition in conditions if condition["type"] != "PodScheduled"]
    return [*others, {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": now}]
