"""A story with its file, a clock that is set by hand, and Events out of the recordings of a real Kubernetes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashboard.kube.structs import Event
from dashboard.store.story import Story
from dashboard.store.views import Views
from dashboard.story.archive import StoryArchive
from dashboard.story.keeper import Keep, Keeper

EVENTS = Path(__file__).parents[1] / "fixtures" / "events.jsonl"
BORN = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
SERVER = "https://127.0.0.1:6443"
FULL = "database or disk is full"


class Disk:
    """Connections to a disk that takes nothing while it has `trouble`."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        disk = self

        class Connection(sqlite3.Connection):
            def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
                disk.check(statement)
                return super().execute(statement, *values)

            def executemany(self, statement: str, *values: Any) -> sqlite3.Cursor:
                disk.check(statement)
                return super().executemany(statement, *values)

        self._factory = Connection

    def check(self, statement: str) -> None:
        is_reading = statement == "BEGIN" or statement.startswith(("SELECT", "ROLLBACK", "PRAGMA"))
        if self.trouble and not is_reading:
            raise sqlite3.OperationalError(self.trouble)

    def connect(self, *given: Any, **named: Any) -> sqlite3.Connection:
        return sqlite3.connect(*given, **named, factory=self._factory)


class Telling:
    """One process of the dashboard as far as it tells a story; `restarted` is the next one on the same file."""

    def __init__(self, path: Path, *, time: datetime = BORN, keep: Keep | None = None) -> None:
        self.path, self.time, self.disk = path, time, Disk()
        self.views = Views()
        self.story = Story(self.views, now=lambda: self.time.timestamp())
        self.archive = StoryArchive(path, connect=self.disk.connect)
        self.keeper = Keeper(
            self.archive, self.views, self.story, server=SERVER, now=lambda: self.time,
            clock=lambda: self.time.timestamp(), keep=keep,
        )  # fmt: skip

    def start(self, cluster: str = "c1") -> Telling:
        self.keeper.start()
        if cluster:
            self.keeper.on_cluster(cluster)
        return self

    def seconds(self, count: int = 1) -> None:
        for _ in range(count):
            self.time += timedelta(seconds=1)
            self.keeper.tick()

    def stop(self) -> None:
        self.keeper.stop()

    def restarted(self, *, cluster: str = "c1", later: int = 7200) -> Telling:
        self.stop()
        return Telling(self.path, time=self.time + timedelta(seconds=later)).start(cluster)

    @property
    def texts(self) -> list[str]:
        rows = sorted(self.views.rows("story").values(), key=lambda row: (row["t"], row["id"]))
        return [row["text"] for row in rows]

    @property
    def sign(self) -> Any:
        return self.views.get("story_kept", "current")


@pytest.fixture
def telling(tmp_path: Path) -> Telling:
    return Telling(tmp_path / "data" / "story.db")


@pytest.fixture
def new_telling(tmp_path: Path) -> Callable[..., Telling]:
    return lambda **more: Telling(tmp_path / "data" / "story.db", **more)


@pytest.fixture
def recorded_events() -> list[Any]:
    """As a watch decodes them, in the order in which they came."""
    return [msgspec.json.decode(line, type=Event) for line in EVENTS.read_bytes().splitlines()]


@pytest.fixture
def event() -> Callable[..., Any]:
    def make(name: str = "e1", *, pod: str = "guestbook-7d9f86b5c4-x2kqp", **fields: Any) -> Any:
        about = {"kind": "Pod", "namespace": "flask", "name": pod}
        told = {"type": "Warning", "reason": "Unhealthy", "message": "Readiness probe failed", "involvedObject": about,
                "lastTimestamp": "2026-11-23T05:00:00Z", **fields}  # fmt: skip
        metadata = {"name": name, "namespace": "flask", "uid": name}
        return msgspec.json.decode(json.dumps({"metadata": metadata, **told}).encode(), type=Event)

    return make
