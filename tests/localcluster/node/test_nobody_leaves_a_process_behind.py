"""Whatever is cut short has ended the process it began, and seen it end, before whoever cut it short goes on."""

from __future__ import annotations

import asyncio
import gc
import logging
import warnings
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import psutil
import pytest

from localcluster.node.commands import run_command
from localcluster.node.racing import cancelled, first_of
from localcluster.node.sandbox import Orders, Running


class NoSandbox:
    """Runs what it is given, on this machine as it is."""

    def command_in(self, _running: Running, arguments: list[str]) -> list[str]:
        return arguments


def somewhere() -> Any:
    class Anywhere:
        orders = Orders(Path("/"), [], {"PATH": "/usr/bin:/bin"}, "here", Path("/etc"))

    return Anywhere()


def left_beside(others: list[psutil.Process]) -> list[psutil.Process]:
    """What runs under this process; other tests may keep theirs over many."""
    return [each for each in psutil.Process().children() if each not in others]


def ended_well(work: Coroutine[Any, Any, None], caplog: pytest.LogCaptureFixture) -> None:
    """Runs it in a loop that is closed at once; a process that is left outlives the loop, and says so."""
    caplog.set_level(logging.WARNING, logger="asyncio")
    others = psutil.Process().children()
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        asyncio.run(work)
        assert left_beside(others) == []
        gc.collect()
    assert [str(each.message) for each in complaints if each.category is ResourceWarning] == []
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


@pytest.mark.parametrize("steps", range(8))
def test_a_command_cancelled_at_any_step_of_its_start_has_ended(steps: int, caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        commands = [
            asyncio.create_task(run_command(NoSandbox(), somewhere(), ["sleep", "600"], timeout_seconds=60))  # type: ignore[arg-type]
            for _ in range(8)
        ]
        for _ in range(steps):
            await asyncio.sleep(0)
        await cancelled(commands)

    ended_well(work(), caplog)


def test_a_command_cancelled_over_and_over_has_ended(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        command = asyncio.create_task(
            run_command(NoSandbox(), somewhere(), ["sleep", "600"], timeout_seconds=60)  # type: ignore[arg-type]
        )
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for _ in range(100):
            command.cancel()
            await asyncio.sleep(0)
        await cancelled([command])

    ended_well(work(), caplog)


def test_what_loses_a_race_has_ended_when_the_race_is_over(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        hook = run_command(NoSandbox(), somewhere(), ["sleep", "600"], timeout_seconds=60)  # type: ignore[arg-type]
        await first_of(hook, asyncio.sleep(0.05))

    ended_well(work(), caplog)


async def test_a_race_that_is_cancelled_hears_of_it_once_its_runners_have_ended() -> None:
    over = asyncio.Event()

    async def slow_to_end() -> None:
        try:
            await asyncio.sleep(600)
        finally:
            await asyncio.sleep(0.02)
            over.set()

    race = asyncio.create_task(first_of(slow_to_end()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for _ in range(3):
        race.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await race
    assert over.is_set()


async def test_a_node_that_stops_leaves_no_process_and_no_work(cluster: Any) -> None:
    """Probes, hooks and commands of every kind are under way when it is told to stop."""
    before, others = asyncio.all_tasks(), psutil.Process().children()
    slow = {"exec": {"command": ["sleep", "600"]}, "timeoutSeconds": 600, "periodSeconds": 1}
    quick = {"exec": {"command": ["sh", "-c", "sleep 0.01; exit 1"]}, "periodSeconds": 1, "failureThreshold": 1000}
    hooks = {"preStop": {"exec": {"command": ["sleep", "600"]}}}
    checks = {"startupProbe": slow, "lifecycle": hooks}
    await cluster.shell("starts", "sleep 600", **checks)
    await cluster.shell("asked", "sleep 600", readinessProbe=quick, livenessProbe=slow, lifecycle=hooks)
    await cluster.shell("unwell", "sleep 600", livenessProbe={**quick, "failureThreshold": 1}, lifecycle=hooks)
    for name in ("starts", "asked", "unwell"):
        await cluster.until(name, lambda pod: pod["status"]["phase"] == "Running")
    await cluster.event("asked", "Unhealthy")
    await cluster.event("unwell", "Killing")
    executing = asyncio.create_task(
        cluster.agent.execute("test", "asked", "main", ["sleep", "600"], timeout_seconds=600)
    )
    kept = await cluster.agent.open_command("test", "asked", "main", ["sleep", "600"], stdin=True, tty=True)

    await cluster.agent.stop()

    assert left_beside(others) == []
    assert await kept.wait() == 137
    kept.close()
    assert (await executing or (0,))[0] == 137
    left = [task for task in asyncio.all_tasks() - before if "node" in str(task.get_coro())]
    assert left == []
