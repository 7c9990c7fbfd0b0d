"""The loop every controller runs in: take a key, reconcile it, retry with back-off what failed, go on.

Retrying is here and nowhere else; `reconcile` reads the current state and never asks which change woke it.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, Protocol

from localcluster.apiserver.custom.catalogue import ESTABLISHED, is_true, versions_of
from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock
from localcluster.controllers.informer import Informer, Informers
from localcluster.controllers.meta import controller_of, join_key, key_of, namespace_of
from localcluster.controllers.recorder import Recorder
from localcluster.controllers.refusals import is_expected
from localcluster.controllers.workqueue import WorkQueue
from localcluster.errors import ApiError
from localcluster.resources import CUSTOM_RESOURCE_DEFINITIONS, Resource

logger = logging.getLogger(__name__)


class Runnable(Protocol):
    """What wiring starts: has a name for the log, and runs until cancelled."""

    name: str

    async def run(self) -> None: ...


class Controller(ABC):
    """Keys in, a converged state out. Subclasses register their informers in `__init__` and implement `reconcile`."""

    name: str = ""
    workers: ClassVar[int] = 4
    """Keys worked at the same time; they wait for the API most of the time, so a few are enough."""

    def __init__(self, client: Client, informers: Informers, recorder: Recorder, clock: Clock) -> None:
        self.client = client
        self.informers = informers
        self.recorder = recorder
        self.clock = clock
        self.queue = WorkQueue(clock)
        self._reads: list[Informer] = []

    @abstractmethod
    async def reconcile(self, key: str) -> None:
        """Bring the object of `key` one step nearer to what it asks for; any ApiError means: try again later."""

    def reads(self, resource: Resource) -> Informer:
        """The shared informer of `resource`; `run` waits for its first list."""
        informer = self.informers.of(resource)
        self._reads.append(informer)
        return informer

    def reads_customs(self, found: Callable[[Resource, Informer], None]) -> None:
        """Call `found` with every custom resource that there is or comes, and again when its definition changes."""

        def changed(_: Object | None, definition: Object | None) -> None:
            if definition is not None and is_true(definition, ESTABLISHED):
                resource = versions_of(definition)[0]
                found(resource, self.informers.of(resource))

        self.reads(CUSTOM_RESOURCE_DEFINITIONS).on_change(changed)

    def follow(self, informer: Informer) -> None:
        """Queue every object of `informer` that changes."""
        informer.on_change(lambda before, after: self.queue.add(key_of(after or before or {})))

    def follow_owned(self, informer: Informer, *, kind: str) -> None:
        """Queue the controlling owner of every object of `informer` that changes, when it is a `kind`."""

        def queue_owner(before: Object | None, after: Object | None) -> None:
            for obj in (before, after):
                owner = controller_of(obj) if obj is not None else None
                if obj is not None and owner is not None and owner["kind"] == kind:
                    self.queue.add(join_key(namespace_of(obj), owner["name"]))

        informer.on_change(queue_owner)

    async def run(self) -> None:
        """Wait for the stores, then work. Ends only by cancellation."""
        for informer in self._reads:
            await informer.synced()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.queue.run_timer(), name=f"{self.name} timer")
            for number in range(self.workers):
                tasks.create_task(self._work(), name=f"{self.name} worker {number}")

    async def _work(self) -> None:
        while True:
            key = await self.queue.get()
            try:
                await self.reconcile(key)
            except ApiError as error:
                level = logging.DEBUG if is_expected(error) else logging.INFO
                logger.log(level, "%s: %s is tried again: %s", self.name, key, error.message)
                self.queue.retry(key)
            except Exception:  # outermost loop: one bad object must not stop the controller
                logger.exception("%s failed on %s; it is tried again", self.name, key)
                self.queue.retry(key)
            else:
                self.queue.forget(key)
            finally:
                self.queue.done(key)
