"""Keeps `status` of every ResourceQuota true: what is allowed and what is used. Refusing is admission's task."""

from __future__ import annotations

from localcluster.apiserver.admission.quotas import counted_resources, usage
from localcluster.apiserver.admission.scopes import requirements_of
from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock
from localcluster.controllers.controller import Controller
from localcluster.controllers.informer import Informer, Informers
from localcluster.controllers.meta import key_of, namespace_of, split_key
from localcluster.controllers.recorder import Recorder
from localcluster.resources import ENDPOINT_SLICES, EVENTS, LEASES, RESOURCE_QUOTAS, STORED, Resource

_UNCOUNTED = (EVENTS, LEASES, ENDPOINT_SLICES)
"""They change all the time and nobody limits them; a quota on their `count/…` is left at 0 here."""
COUNTED = tuple(resource for resource in STORED if resource.namespaced and resource not in _UNCOUNTED)


class QuotaController(Controller):
    """The resourcequota controller."""

    name = "resourcequota-controller"

    def __init__(self, client: Client, informers: Informers, recorder: Recorder, clock: Clock) -> None:
        super().__init__(client, informers, recorder, clock)
        self._quotas = self.reads(RESOURCE_QUOTAS)
        self._counted: dict[str, Informer] = {}
        self.follow(self._quotas)
        self._customs: dict[str, Resource] = {}
        for resource in COUNTED:
            informer = self._counted[resource.group_resource] = self.reads(resource)
            if resource is not RESOURCE_QUOTAS:
                informer.on_change(self._changed)
        self.reads_customs(self._custom_found)

    def _custom_found(self, resource: Resource, store: Informer) -> None:
        self._customs[resource.group_resource] = resource
        if resource.group_resource not in self._counted:
            self._counted[resource.group_resource] = store
            store.on_change(self._changed)

    async def reconcile(self, key: str) -> None:
        """Counts what the quota's namespace holds and stores it if it is not what the status says."""
        quota = self._quotas.get(*split_key(key))
        if quota is None:
            return
        hard = quota["spec"].get("hard") or {}
        present = {
            resource: self._counted[resource.group_resource].list(namespace_of(quota))
            for resource in counted_resources(hard, custom=self._customs.values())
            if resource.group_resource in self._counted
        }
        status = {"hard": dict(hard), "used": usage(present, hard=hard, scopes=requirements_of(quota["spec"]))}
        if status != quota.get("status"):
            await self.client.update(RESOURCE_QUOTAS, {**quota, "status": status}, subresource="status")

    def _changed(self, before: Object | None, after: Object | None) -> None:
        """A change of anything makes the quotas of its namespace count again."""
        for quota in self._quotas.list(namespace_of(after or before or {"metadata": {}})):
            self.queue.add(key_of(quota))
