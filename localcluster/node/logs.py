"""Container logs in CRI's form: `<time> <stream> <P|F> <text>` a line, bounded, readable while they grow.

Keeps the current and the previous run of a container; must not interpret what a program writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from localcluster.controllers.clock import Clock

log = logging.getLogger(__name__)

_MAX_BYTES = 10 * 1024 * 1024
_MAX_LINE = 16 * 1024
_READ = 64 * 1024


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What is asked of a log, as the query of `pods/log` says it."""

    follow: bool = False
    tail_lines: int | None = None
    since: datetime | None = None
    timestamps: bool = False
    limit_bytes: int | None = None


class ContainerLog:
    """The log of one run. Written by this process only; one rotated file is kept beside the current one.

    `listeners` hear every chunk as it comes, with the stream's name, and an empty one at the end.
    """

    def __init__(self, path: Path, clock: Clock, *, ended: bool = False) -> None:
        """`ended`: the run is over and its log only to be read."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._clock = clock
        self._file = path.open("ab" if ended else "wb", buffering=0)
        self._written = 0
        self._changed = asyncio.Event()
        self._rests = {"stdout": b"", "stderr": b""}
        self.closed = False
        self.listeners: set[Callable[[str, bytes], None]] = set()
        self.rotations = 0
        self._lossy = False
        if ended:
            self.close()

    async def drain(self, name: str, stream: asyncio.StreamReader) -> None:
        """Copies `stream` until it ends."""
        while chunk := await stream.read(_READ):
            self.write(name, chunk)
        if self._rests[name]:
            self._append(name, [(b"F", self._rests[name])])
            self._rests[name] = b""

    def write(self, name: str, chunk: bytes) -> None:
        """Whole lines are written at once, an unended one when it ends or grows too long."""
        for listener in tuple(self.listeners):
            listener(name, chunk)
        *lines, rest = (self._rests[name] + chunk).split(b"\n")
        entries = [piece for line in lines for piece in _pieces(line)]
        while len(rest) >= _MAX_LINE:
            entries.append((b"P", rest[:_MAX_LINE]))
            rest = rest[_MAX_LINE:]
        self._rests[name] = rest
        if entries:
            self._append(name, entries)

    def close(self) -> None:
        self.closed = True
        for listener in tuple(self.listeners):
            listener("", b"")
        self._file.close()
        self._wake()

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self._rotated.unlink(missing_ok=True)

    async def wait_for_more(self) -> None:
        await self._changed.wait()

    def files(self) -> list[Path]:
        return [path for path in (self._rotated, self.path) if path.exists()]

    @property
    def _rotated(self) -> Path:
        return self.path.with_suffix(self.path.suffix + ".1")

    def _append(self, name: str, entries: list[tuple[bytes, bytes]]) -> None:
        if self.closed:
            return
        time = self._clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f").encode() + b"000Z"
        head = time + b" " + name.encode() + b" "
        data = b"".join(head + flag + b" " + text + b"\n" for flag, text in entries)
        try:
            if self._written + len(data) > _MAX_BYTES:
                self._rotate()
            self._file.write(data)
        except OSError as error:  # a full disk costs lines, not the program that wrote them
            if not self._lossy:
                log.warning("%s has lost lines: %s", self.path, error.strerror)
            self._lossy = True
            return
        self._written += len(data)
        self._wake()

    def _rotate(self) -> None:
        self._file.close()
        self.path.replace(self._rotated)
        self._file = self.path.open("wb", buffering=0)
        self._written = 0
        self.rotations += 1

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _pieces(line: bytes) -> Iterator[tuple[bytes, bytes]]:
    while len(line) > _MAX_LINE:
        yield b"P", line[:_MAX_LINE]
        line = line[_MAX_LINE:]
    yield b"F", line


async def read_log(log: ContainerLog, query: LogQuery) -> AsyncIterator[bytes]:
    """The log's text as `pods/log` answers it; with `follow`, until the run has ended."""
    left = query.limit_bytes
    async for chunk in _chunks(log, query):
        if left is not None and len(chunk) >= left:
            yield chunk[:left]
            return
        left = None if left is None else left - len(chunk)
        yield chunk


def seconds_before(now: datetime, seconds: float) -> datetime | None:
    """The moment a query's `sinceSeconds` means; None when it lies before all time, so that nothing is left out."""
    try:
        return now - timedelta(seconds=seconds)
    except OverflowError:
        return None


def plain_tail(log: ContainerLog, *, lines: int) -> str:
    """The last lines, without times."""
    entries = [line for path in log.files() for line in path.read_bytes().splitlines(keepends=True)]
    return b"".join(_shown(line, timestamps=False) for line in _tail(entries, lines)).decode(errors="replace")


async def _chunks(log: ContainerLog, query: LogQuery) -> AsyncIterator[bytes]:
    with contextlib.ExitStack() as stack:
        rotations = log.rotations
        streams = [stack.enter_context(path.open("rb")) for path in log.files()]
        if not streams:
            return
        last = [line for stream in streams for line in _tail(stream.readlines(), query.tail_lines)]
        stream = streams[-1]
        chosen = [line for line in _tail(last, query.tail_lines) if _recent(line, query.since)]
        if chosen:
            yield b"".join(_shown(line, timestamps=query.timestamps) for line in chosen)
        while query.follow:
            more = stream.readlines()
            if more:
                yield b"".join(_shown(line, timestamps=query.timestamps) for line in more)
            elif rotations != log.rotations:
                rotations = log.rotations
                stream = stack.enter_context(log.path.open("rb"))
            elif log.closed:
                return
            else:
                await log.wait_for_more()


def _tail(lines: list[bytes], count: int | None) -> list[bytes]:
    return lines if count is None else list(deque(lines, maxlen=max(0, count)))


def _shown(line: bytes, *, timestamps: bool) -> bytes:
    time, _, flag, text = line.split(b" ", 3)
    if flag == b"P":
        text = text[:-1]
    return time + b" " + text if timestamps else text


def _recent(line: bytes, since: datetime | None) -> bool:
    if since is None:
        return True
    written = datetime.strptime(line[:26].decode(), "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=UTC)
    return written >= since
