"""A key is worked once however often it is queued, and never by two at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from localcluster.controllers.workqueue import FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS, WorkQueue


@pytest.fixture
async def queue(manual_clock: Any) -> AsyncIterator[WorkQueue]:
    made = WorkQueue(manual_clock)
    timer = asyncio.create_task(made.run_timer())
    await asyncio.sleep(0)
    yield made
    timer.cancel()


async def test_a_key_queued_twice_is_worked_once(queue: WorkQueue) -> None:
    queue.add("a")
    queue.add("a")
    assert await queue.get() == "a"
    assert len(queue) == 0


async def test_a_key_queued_while_it_is_worked_waits_until_it_is_done(queue: WorkQueue) -> None:
    queue.add("a")
    key = await queue.get()
    queue.add("a")
    assert len(queue) == 0
    queue.done(key)
    assert await queue.get() == "a"


async def test_keys_come_in_their_order(queue: WorkQueue) -> None:
    for key in ("b", "a", "c"):
        queue.add(key)
    assert [await queue.get() for _ in range(3)] == ["b", "a", "c"]


async def test_a_worker_waits_for_a_key(queue: WorkQueue) -> None:
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    assert not waiting.done()
    queue.add("a")
    assert await waiting == "a"


async def test_a_delayed_key_comes_when_its_time_has_come(queue: WorkQueue, manual_clock: Any) -> None:
    queue.add_after("a", 5)
    await manual_clock.advance(4)
    assert len(queue) == 0
    await manual_clock.advance(2)
    assert len(queue) == 1


async def test_of_several_delays_the_shortest_counts(queue: WorkQueue, manual_clock: Any) -> None:
    queue.add_after("a", 5)
    queue.add_after("a", 2)
    await manual_clock.advance(3)
    queue.done(await queue.get())
    await manual_clock.advance(10)
    assert len(queue) == 0


async def test_retries_wait_longer_and_longer_until_one_succeeds(queue: WorkQueue, manual_clock: Any) -> None:
    for failures in range(4):
        queue.retry("a")
        await manual_clock.advance(FIRST_BACKOFF_SECONDS * 2**failures * 0.9)
        assert len(queue) == 0
        await manual_clock.advance(FIRST_BACKOFF_SECONDS * 2**failures * 0.2)
        queue.done(await queue.get())
    queue.forget("a")
    queue.retry("a")
    await manual_clock.advance(FIRST_BACKOFF_SECONDS * 1.1)
    assert len(queue) == 1


async def test_no_retry_waits_longer_than_the_cap(queue: WorkQueue, manual_clock: Any) -> None:
    for _ in range(100):
        queue.retry("a")
        await manual_clock.advance(LONGEST_BACKOFF_SECONDS)
        queue.done(await queue.get())
