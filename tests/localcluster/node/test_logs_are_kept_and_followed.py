"""Container logs: what was written comes back whole, bounded, and as it grows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from localcluster.controllers.clock import SystemClock
from localcluster.node import logs
from localcluster.node.logs import ContainerLog, LogQuery, read_log

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


class SetClock(SystemClock):
    """Stands still until told to move."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def log(tmp_path: Path, clock: SetClock) -> Iterator[ContainerLog]:
    log = ContainerLog(tmp_path / "0.log", clock)
    yield log
    log.close()


async def text(log: ContainerLog, query: LogQuery) -> str:
    return b"".join([chunk async for chunk in read_log(log, query)]).decode()


async def test_lines_are_kept_with_time_and_stream(log: ContainerLog) -> None:
    """As a container runtime writes them, so that other tools can read the file."""
    log.write("stdout", b"one\ntwo")
    log.write("stderr", b"oops\n")
    log.write("stdout", b" and more\n")
    assert log.path.read_text().splitlines() == [
        "2026-11-23T12:00:00.123456000Z stdout F one",
        "2026-11-23T12:00:00.123456000Z stderr F oops",
        "2026-11-23T12:00:00.123456000Z stdout F two and more",
    ]
    assert await text(log, LogQuery()) == "one\noops\ntwo and more\n"
    assert (await text(log, LogQuery(timestamps=True))).startswith("2026-11-23T12:00:00.123456000Z one\n")


async def test_a_full_disk_costs_lines_and_not_the_program(tmp_path: Path, clock: SetClock) -> None:
    """What writes goes on, and is read again when there is room."""
    full = tmp_path / "full.log"
    full.symlink_to("/dev/full")
    log = ContainerLog(full, clock)
    stream = asyncio.StreamReader()
    stream.feed_data(b"lost\n")
    stream.feed_eof()
    await log.drain("stdout", stream)
    log.close()


async def test_tail_since_and_limit(log: ContainerLog, clock: SetClock) -> None:
    log.write("stdout", b"early\n")
    clock.time += timedelta(minutes=1)
    log.write("stdout", b"late\nlater\n")
    assert await text(log, LogQuery(tail_lines=1)) == "later\n"
    assert await text(log, LogQuery(tail_lines=0)) == ""
    assert await text(log, LogQuery(since=NOON + timedelta(seconds=30))) == "late\nlater\n"
    assert await text(log, LogQuery(limit_bytes=8)) == "early\nla"


async def test_a_line_too_long_is_split_and_comes_back_whole(log: ContainerLog) -> None:
    line = b"x" * 100_000
    log.write("stdout", line[:70_000])
    log.write("stdout", line[70_000:] + b"\nshort\n")
    assert await text(log, LogQuery()) == line.decode() + "\nshort\n"


async def test_an_unended_last_line_is_not_lost(log: ContainerLog) -> None:
    stream = asyncio.StreamReader()
    stream.feed_data(b"no newline")
    stream.feed_eof()
    await log.drain("stdout", stream)
    assert await text(log, LogQuery()) == "no newline\n"


async def test_a_follower_sees_everything_until_the_end(log: ContainerLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also across the rotation that keeps the file small."""
    monkeypatch.setattr(logs, "_MAX_BYTES", 1000)
    log.write("stdout", b"0\n")
    reading = asyncio.create_task(text(log, LogQuery(follow=True)))
    for number in range(1, 100):
        log.write("stdout", f"{number}\n".encode())
        await asyncio.sleep(0)
    log.close()
    assert (await reading).split() == [str(number) for number in range(100)]
    assert log.rotations > 1
    assert sum(path.stat().st_size for path in log.files()) <= 2000
