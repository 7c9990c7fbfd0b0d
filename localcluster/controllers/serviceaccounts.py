"""Gives every namespace its ServiceAccount `default` and the ConfigMap with the cluster's own root certificate."""

from __future__ import annotations

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock
from localcluster.controllers.controller import Controller
from localcluster.controllers.informer import Informers
from localcluster.controllers.meta import is_terminating
from localcluster.controllers.recorder import Recorder
from localcluster.errors import ApiError
from localcluster.resources import CONFIG_MAPS, NAMESPACES, SERVICE_ACCOUNTS, Resource

ROOT_CA = "kube-root-ca.crt"

_DESCRIPTION = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "
    "clusters."
)


class ServiceAccountController(Controller):
    """Reconciles names of namespaces. `root_ca`: the certificate in PEM."""

    name = "service-account-controller"

    def __init__(
        self, client: Client, informers: Informers, recorder: Recorder, clock: Clock, *, root_ca: str = ""
    ) -> None:
        super().__init__(client, informers, recorder, clock)
        self._namespaces = self.reads(NAMESPACES)
        self._accounts = self.reads(SERVICE_ACCOUNTS)
        self._config_maps = self.reads(CONFIG_MAPS)
        self._root_ca = root_ca
        self.follow(self._namespaces)
        for informer, name in ((self._accounts, "default"), (self._config_maps, ROOT_CA)):
            informer.on_change(lambda before, after, name=name: self._changed(before or after, name))  # type: ignore[misc]

    def _changed(self, obj: Object | None, name: str) -> None:
        """Deleted or changed by hand, they come back."""
        if obj is not None and obj["metadata"]["name"] == name:
            self.queue.add(obj["metadata"]["namespace"])

    async def reconcile(self, key: str) -> None:
        namespace = self._namespaces.get("", key)
        if namespace is None or is_terminating(namespace):
            return
        if self._accounts.get(key, "default") is None:
            account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": key}}
            await self._create(SERVICE_ACCOUNTS, account)
        wanted = self._root_config_map(key)
        current = self._config_maps.get(key, ROOT_CA)
        if current is None:
            await self._create(CONFIG_MAPS, wanted)
        elif current.get("data") != wanted["data"]:
            await self.client.update(CONFIG_MAPS, {**current, "data": wanted["data"]})

    def _root_config_map(self, namespace: str) -> Object:
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": ROOT_CA,
                "namespace": namespace,
                "annotations": {"kubernetes.io/description": _DESCRIPTION},
            },
            "data": {"ca.crt": self._root_ca},
        }

    async def _create(self, resource: Resource, body: Object) -> None:
        try:
            await self.client.create(resource, body, namespace=body["metadata"]["namespace"])
        except ApiError as error:
            if error.code not in (403, 404, 409):  # the namespace is ending or gone, or somebody was faster
                raise
