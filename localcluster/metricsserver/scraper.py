"""Reads all nodes at the metric resolution and remembers when it last could. The only loop of the program."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol

from localcluster.metricsserver.cluster import ClusterError
from localcluster.metricsserver.exposition import Scrape, parse_exposition
from localcluster.metricsserver.storage import Storage

log = logging.getLogger(__name__)
LATEST_ROUND = 1.5
"""Of a resolution: how late a scrape may be before the program counts as stuck (upstream's livez rule)."""


class Nodes(Protocol):
    """Where nodes and their readings come from."""

    async def nodes(self) -> list[dict[str, Any]]: ...

    async def scrape(self, node: dict[str, Any]) -> str: ...


class Clock(Protocol):
    """Time and waiting, injected."""

    def time(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class Scraper:
    """Fills the storage round by round."""

    def __init__(self, nodes: Nodes, storage: Storage, *, resolution: float, clock: Clock) -> None:
        self._nodes = nodes
        self._storage = storage
        self._resolution = resolution
        self._clock = clock
        self._last_round: float | None = None

    @property
    def timely(self) -> bool:
        """Whether rounds still happen; true before the first has had its time."""
        if self._last_round is None:
            return True
        return self._clock.time() - self._last_round <= self._resolution * LATEST_ROUND

    async def run(self) -> None:
        """Scrapes until cancelled, on an even beat whatever a round takes."""
        due = self._clock.time()
        while True:
            try:
                await self.round()
            except ClusterError as error:
                log.warning("no scrape: %s; trying again in %g s", error, self._resolution)
            except Exception:  # outermost loop: a strange reading must not end the measuring
                log.exception("a scrape failed; trying again in %g s", self._resolution)
            due = max(due + self._resolution, self._clock.time())
            await self._clock.sleep(due - self._clock.time())

    async def round(self) -> None:
        """One reading of every node; a node that does not answer is left out."""
        self._last_round = self._clock.time()
        nodes = await self._nodes.nodes()
        scrapes = await asyncio.gather(*(self._scrape(node) for node in nodes))
        self._storage.add({name: scrape for name, scrape in scrapes if scrape is not None})

    async def _scrape(self, node: dict[str, Any]) -> tuple[str, Scrape | None]:
        name = node["metadata"]["name"]
        try:
            text = await self._nodes.scrape(node)
        except ClusterError as error:
            log.warning("node %s could not be read: %s", name, error)
            return name, None
        return name, parse_exposition(text, now_ms=int(self._clock.time() * 1000))
