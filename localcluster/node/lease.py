"""The node's Lease in kube-node-lease, renewed for as long as it lives; must not write the Node."""

from __future__ import annotations

import logging

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock, micro_timestamp
from localcluster.errors import ApiError
from localcluster.resources import LEASES, NODES

log = logging.getLogger(__name__)

NAMESPACE = "kube-node-lease"
DURATION_SECONDS = 40
RENEW_SECONDS = 10.0


class NodeLease:
    """`name`: the node's."""

    def __init__(self, client: Client, name: str, clock: Clock) -> None:
        self._client = client
        self._name = name
        self._clock = clock

    async def run(self) -> None:
        """Takes the Lease and keeps it. Ends only by cancellation."""
        while True:
            try:
                await self._renew()
            except ApiError as error:
                log.warning("the Lease of node %s was not renewed: %s", self._name, error)
            await self._clock.sleep(RENEW_SECONDS)

    async def _renew(self) -> None:
        now = micro_timestamp(self._clock.now())
        try:
            lease = await self._client.get(LEASES, self._name, namespace=NAMESPACE)
        except ApiError as error:
            if error.code != 404:
                raise
            await self._client.create(LEASES, await self._new(now), namespace=NAMESPACE)
            return
        await self._client.update(LEASES, {**lease, "spec": {**lease["spec"], "renewTime": now}})

    async def _new(self, now: str) -> Object:
        node = await self._client.get(NODES, self._name)
        owner = {"apiVersion": "v1", "kind": "Node", "name": self._name, "uid": node["metadata"]["uid"]}
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": self._name, "namespace": NAMESPACE, "ownerReferences": [owner]},
            "spec": {"holderIdentity": self._name, "leaseDurationSeconds": DURATION_SECONDS, "renewTime": now},
        }
