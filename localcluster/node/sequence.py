"""The order in which a pod's containers start and end; must not know volumes, status or the API.

Init containers run one after another; a sidecar (an init container that is always restarted) has to be started only.
The others begin one after another too, each once the one before has been tried, its postStart hook included.
At the end come the others first, all together, then the sidecars, the last one first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from localcluster.node.container import ContainerRunner
from localcluster.node.patience import Patience
from localcluster.node.racing import cancelled, first_of
from localcluster.node.status import initialized, is_sidecar


class Containers:
    """The containers of one pod. `leaving`: set when the pod has to end. `changed` publishes its status."""

    def __init__(
        self, init: Sequence[ContainerRunner], main: Sequence[ContainerRunner], *, leaving: asyncio.Event,
        changed: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        self.init = init
        self.main = main
        self._leaving = leaving
        self._changed = changed
        self._sidecars: dict[int, asyncio.Task[None]] = {}

    async def run(self, *, patience: Callable[[], Patience]) -> None:
        """Until all have ended for good. `patience` is asked for when only sidecars are left."""
        try:
            if await self._initialize() and not self._leaving.is_set():
                async with asyncio.TaskGroup() as group:  # if one fails unforeseen, none is left behind
                    for runner in self.main:
                        tried = group.create_task(runner.run())
                        await first_of(asyncio.shield(tried), runner.tried.wait(), self._leaving.wait())
            if not self._leaving.is_set():
                await self._stop_init(patience())
        except BaseException:
            await cancelled(self._sidecars.values())
            raise
        await asyncio.gather(*self._sidecars.values())

    async def stop(self, patience: Patience) -> None:
        """All of them; every hook begins at once."""
        await asyncio.gather(*(runner.stop(patience) for runner in self.main), self._stop_init(patience))

    async def _initialize(self) -> bool:
        """False: the pod has failed, or is leaving."""
        for number, runner in enumerate(self.init):
            if self._leaving.is_set():
                return False
            if is_sidecar(runner.state.spec):
                self._sidecars[number] = asyncio.create_task(runner.run())
                await first_of(runner.has_started.wait(), self._leaving.wait())
            else:
                await runner.run()
                runner.state.ready = runner.state.exit_code == 0
                await self._changed()
                if runner.state.exit_code != 0:
                    return False
        return initialized([runner.state for runner in self.init])

    async def _stop_init(self, patience: Patience) -> None:
        turns = [partial(self._later_ended, number) for number in range(len(self.init))]
        await asyncio.gather(*(runner.stop(patience, turn=turn) for runner, turn in zip(self.init, turns, strict=True)))

    async def _later_ended(self, number: int) -> None:
        """Whether those have ended that started after the init container of this number."""
        await asyncio.gather(*(runner.gone.wait() for runner in (*self.init[number + 1 :], *self.main)))
