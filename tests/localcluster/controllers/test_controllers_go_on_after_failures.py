"""A controller tries what failed again, later and later, and goes on with everything else meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from localcluster.controllers.controller import Controller
from localcluster.controllers.informer import Informers
from localcluster.controllers.recorder import Recorder
from localcluster.errors import ApiError


class Flaky(Controller):
    """Lever: `trouble`, what to raise for a key, until it is taken away."""

    name = "flaky"

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.trouble: dict[str, Exception] = {}
        self.worked: list[str] = []

    async def reconcile(self, key: str) -> None:
        self.worked.append(key)
        if key in self.trouble:
            raise self.trouble[key]


@pytest.fixture
async def flaky(cluster: Any) -> AsyncIterator[Flaky]:
    recorder = Recorder(cluster.api, "flaky", cluster.clock)
    made = Flaky(cluster.api, Informers(cluster.api, cluster.clock), recorder, cluster.clock)
    task = asyncio.create_task(made.run())
    yield made
    task.cancel()


@pytest.mark.parametrize("trouble", [ApiError(409, "Conflict", "somebody else"), KeyError("spec")])
async def test_a_failed_key_is_tried_again_and_others_are_worked(
    cluster: Any, flaky: Flaky, trouble: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    flaky.trouble["demo/bad"] = trouble
    with caplog.at_level(logging.CRITICAL):
        flaky.queue.add("demo/bad")
        flaky.queue.add("demo/good")
        await cluster.until(lambda: flaky.worked == ["demo/bad", "demo/good"])
        await cluster.clock.advance(0.006)
        await cluster.until(lambda: flaky.worked.count("demo/bad") == 2)
    del flaky.trouble["demo/bad"]
    await cluster.clock.advance(0.02)
    await cluster.until(lambda: flaky.worked.count("demo/bad") == 3)
    await cluster.clock.advance(60)
    assert flaky.worked.count("demo/bad") == 3
