"""A guestbook without a database, and a replica set of three real mongod."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sampleapp.agent.settings import AgentSettings
from sampleapp.database import Member, Unavailable
from sampleapp.entries import Entry, NewEntry
from sampleapp.markers import Marker
from sampleapp.settings import Settings
from sampleapp.web.application import create_app


class FakeBook:
    """A guestbook in a list. Levers: `away` (nothing answers), `read_only` (no primary)."""

    def __init__(self) -> None:
        self.stored: list[Entry] = []
        self.away = False
        self.read_only = False
        self.counted = 0
        self.markers: list[Marker] = []

    def add(self, entry: NewEntry, *, pod: str) -> Entry:
        self._answer(writing=True)
        stored = Entry(
            id=f"{len(self.stored):024x}",
            text=entry.text,
            name=entry.name,
            pod=pod,
            created_at=datetime.now(UTC) - timedelta(seconds=9),
        )
        self.stored.insert(0, stored)
        return stored

    def newest(self, *, limit: int) -> list[Entry]:
        self._answer()
        return self.stored[:limit]

    def count(self) -> int:
        self.counted += 1
        self._answer()
        return len(self.stored)

    def mark(self, marker: Marker) -> None:
        self._answer(writing=True)
        self.markers.append(marker)

    def marked(self, series: str) -> list[int]:
        self._answer()
        return sorted(each.number for each in self.markers if each.series == series)

    def ping(self) -> None:
        self._answer()

    def members(self) -> list[Member]:
        role = "secondary" if self.read_only else "primary"
        return [Member(name="mongo-0", role=None if self.away else role), Member(name="mongo-1", role=None)]

    def _answer(self, *, writing: bool = False) -> None:
        if self.away or (writing and self.read_only):
            raise Unavailable("The database does not answer.", sent=self.away)


@pytest.fixture
def book():
    return FakeBook()


@pytest.fixture
def settings():
    return Settings(hosts=("mongo-0.mongo:27017",), pod="guestbook-7d9f-x2kqp")


@pytest.fixture
def draining():
    return threading.Event()


@pytest.fixture
def client_with(book, settings, draining):
    """Builds a client of an app with some settings changed."""

    def build(**changes):
        return create_app(replace(settings, **changes), guestbook=book, draining=draining).test_client()

    return build


@pytest.fixture
def client(client_with):
    return client_with()


@pytest.fixture
def eventually():
    """Waits for a condition, and says which one never came true."""

    def wait(condition: Callable[[], object], *, patience: float = 60.0, pause: float = 0.05) -> object:
        end = time.monotonic() + patience
        while time.monotonic() < end:
            answer = condition()
            if answer:
                return answer
            time.sleep(pause)
        raise AssertionError(f"never came true: {condition}")

    return wait


def _mongod() -> str | None:
    beside = Path(sys.prefix).glob("lib/python*/site-packages/fiftyone/db/bin/mongod")
    return shutil.which("mongod") or next((str(path) for path in beside), None)


def _free_network() -> str:
    """Three octets in which nobody listens on mongod's port."""
    for number in range(os.getpid() % 200, 4000):
        network = f"127.{180 + number // 250}.{number % 250}"
        with socket.socket() as probe:
            try:
                probe.bind((f"{network}.1", 27017))
            except OSError:
                continue
        return network
    raise AssertionError("no free loopback network")


class RealSet:
    """Three mongod on addresses of their own, each with its socket directory. Levers: kill, start, wipe."""

    ROOT_PASSWORD = "root-of-the-tests"
    APP_PASSWORD = "app-of-the-tests"

    def __init__(self, program: str, directory: Path) -> None:
        self._program = program
        self._directory = directory
        network = _free_network()
        self.addresses = [f"{network}.{number + 1}" for number in range(3)]
        self.hosts = tuple(f"{address}:27017" for address in self.addresses)
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        for number in range(3):
            (directory / str(number) / "run").mkdir(parents=True)
            key = directory / str(number) / "key"
            key.write_text("a" * 300)
            key.chmod(0o400)

    def start(self, number: int) -> None:
        folder = self._directory / str(number)
        (folder / "db").mkdir(exist_ok=True)
        with (folder / "log").open("ab") as log:
            self._processes[number] = subprocess.Popen(
                [
                    self._program,
                    *("--replSet", "rs0", "--keyFile", str(folder / "key"), "--dbpath", str(folder / "db")),
                    *("--bind_ip", self.addresses[number], "--port", "27017"),
                    *("--unixSocketPrefix", str(folder / "run"), "--networkMessageCompressors", "disabled"),
                    *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64"),
                ],
                stdout=log,
                stderr=log,
            )

    def kill(self, number: int) -> None:
        process = self._processes.pop(number, None)
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def wipe(self, number: int) -> None:
        """Lose the volume."""
        shutil.rmtree(self._directory / str(number) / "db")

    def agent_settings(self, number: int, **changes: object) -> AgentSettings:
        settings = AgentSettings(
            pod=f"mongo-{number}",
            hosts=self.hosts,
            socket=str(self._directory / str(number) / "run" / "mongodb-27017.sock"),
            root_password=self.ROOT_PASSWORD,
            password=self.APP_PASSWORD,
            bind=f"{self.addresses[number]}:8081",
        )
        return replace(settings, **changes)

    def app_settings(self) -> Settings:
        return Settings(
            hosts=self.hosts, username="guestbook", password=self.APP_PASSWORD, pod="guestbook-test", bind="127.0.0.1:0"
        )

    def end(self) -> None:
        for number in list(self._processes):
            self.kill(number)


@pytest.fixture
def real_set() -> Iterator[RealSet]:
    program = _mongod()
    if program is None:
        pytest.skip("no mongod on this machine")
    directory = Path(tempfile.mkdtemp(prefix="rs-"))  # short, because a socket's path may have 107 characters
    replica_set = RealSet(program, directory)
    try:
        for number in range(3):
            replica_set.start(number)
        yield replica_set
    finally:
        replica_set.end()
        shutil.rmtree(directory, ignore_errors=True)
