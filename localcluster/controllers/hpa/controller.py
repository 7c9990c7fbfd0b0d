"""Syncs every HorizontalPodAutoscaler 15 s after it appears and every 15 s from then on.

Holds each one's history and selector; the sync itself is in `reconciler`.
"""

from __future__ import annotations

import asyncio
import logging

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock
from localcluster.controllers.hpa.behavior import History
from localcluster.controllers.hpa.reconciler import Reconciler
from localcluster.controllers.hpa.sharing import Selectors
from localcluster.controllers.informer import Informers
from localcluster.controllers.meta import split_key
from localcluster.controllers.recorder import Recorder
from localcluster.controllers.workqueue import WorkQueue
from localcluster.resources import HORIZONTAL_POD_AUTOSCALERS

log = logging.getLogger(__name__)

SYNC_SECONDS = 15.0
"""Kubernetes' own rhythm (--horizontal-pod-autoscaler-sync-period)."""
WORKERS = 3
"""Autoscalers synced at once; Kubernetes has five, but a slow metrics API is the only thing to wait for here."""


class HorizontalController:
    """The horizontal-pod-autoscaler controller."""

    name = "horizontal-pod-autoscaler"

    def __init__(self, client: Client, informers: Informers, recorder: Recorder, clock: Clock) -> None:
        self._informer = informers.of(HORIZONTAL_POD_AUTOSCALERS)
        self._queue = WorkQueue(clock)
        self._histories: dict[str, History] = {}
        self._selectors = Selectors()
        self._reconciler = Reconciler(client, recorder, clock, self._selectors)

    async def run(self) -> None:
        """Syncs until cancelled."""
        await self._informer.synced()
        self._informer.on_change(self._noticed)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._queue.run_timer())
            for _ in range(WORKERS):
                tasks.create_task(self._work())

    def _noticed(self, before: Object | None, after: Object | None) -> None:
        if after is None:
            if before is not None:
                self._selectors.left(before)
            return
        self._selectors.appeared(after)
        if before is None:
            self._queue.add_after(_key(after), SYNC_SECONDS)

    async def _work(self) -> None:
        while True:
            key = await self._queue.get()
            try:
                await self._sync(key)
            except Exception:  # outermost loop: one broken autoscaler must not stop the others; it is tried again
                log.exception("syncing the autoscaler %s failed; trying again in %s s", key, SYNC_SECONDS)
                self._queue.add_after(key, SYNC_SECONDS)
            finally:
                self._queue.done(key)

    async def _sync(self, key: str) -> None:
        namespaced_name, _, uid = key.rpartition("#")
        hpa = self._informer.get(*split_key(namespaced_name))
        if hpa is None or hpa["metadata"]["uid"] != uid:
            self._histories.pop(key, None)
            return
        await self._reconciler.sync(hpa, self._histories.setdefault(key, History()))
        self._queue.add_after(key, SYNC_SECONDS)


def _key(hpa: Object) -> str:
    """With the uid, so that one made again under the same name starts anew, with a rhythm of its own."""
    metadata = hpa["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}#{metadata['uid']}"
