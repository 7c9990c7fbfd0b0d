"""Registering the Node and saying from time to time that it lives; must not run pods."""

from __future__ import annotations

import logging

from localcluster.client import Client
from localcluster.controllers.clock import Clock, timestamp
from localcluster.errors import ApiError
from localcluster.node.registration import node_object, node_status
from localcluster.node.settings import NodeSettings
from localcluster.resources import NODES

log = logging.getLogger(__name__)

_PERIOD_SECONDS = 300.0  # kubelet's nodeStatusReportFrequency


class Heartbeat:
    """Writes the Node and its status."""

    def __init__(self, client: Client, settings: NodeSettings, clock: Clock, *, limits: str, sandbox: str) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._limits = limits
        self._sandbox = sandbox
        self._ready = False
        self._since = ""

    async def register(self, *, ready: bool) -> None:
        """Creates the Node, or brings its labels and annotations up to date."""
        self._ready = ready
        self._since = timestamp(self._clock.now())
        node = node_object(self._settings, limits=self._limits, sandbox=self._sandbox)
        try:
            await self._client.create(NODES, node)
        except ApiError as error:
            if error.code != 409:
                raise
            await self._client.patch(
                NODES, self._settings.name, {"metadata": node["metadata"]}, patch_type="application/merge-patch+json"
            )
        await self._write()

    async def run(self) -> None:
        while True:
            await self._clock.sleep(_PERIOD_SECONDS)
            try:
                await self._write()
            except ApiError as error:
                log.warning("heartbeat of node %s was not taken: %s", self._settings.name, error)

    async def _write(self) -> None:
        status = node_status(
            self._settings, sandbox_ready=self._ready, sandbox=self._sandbox, now=timestamp(self._clock.now()),
            since=self._since,
        )  # fmt: skip
        await self._client.patch(
            NODES, self._settings.name, {"status": status}, patch_type="application/merge-patch+json",
            subresource="status", field_manager="kubelet",
        )  # fmt: skip
