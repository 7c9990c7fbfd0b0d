"""The repair is in place, is checked at start, and refuses what it does not fit."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from typing import Any

import pytest
import simple_websocket
from flask import Flask

from dashboard.live import websocket
from dashboard.live.sockets import Sockets
from dashboard.store.views import Views


class ShortSocket:
    """Takes a thousand bytes at a time, as a gevent socket with a slow peer does."""

    def __init__(self) -> None:
        self.taken = bytearray()

    def send(self, data: bytes) -> int:
        self.taken += data[:1000]
        return min(1000, len(data))

    def sendall(self, data: bytes) -> None:
        while data:
            data = data[self.send(data) :]


def test_a_write_is_whole() -> None:
    raw = ShortSocket()
    assert websocket.WholeSocket(raw).send(b"x" * 5000) == 5000
    assert len(raw.taken) == 5000


def test_the_check_passes_after_the_repair() -> None:
    websocket.repair()
    websocket.repair()
    websocket.check()


def test_the_check_notices_a_missing_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library as it is accepts compression, which the repair must not."""
    monkeypatch.setattr(simple_websocket, "Server", websocket.RepairedServer.__mro__[1])
    with pytest.raises(RuntimeError, match="repair is not in place"):
        websocket.check()


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: "1.2.0")
    with pytest.raises(RuntimeError, match=r"1\.2\.0"):
        websocket.repair()


def test_a_stray_gevent_websocket_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: object())
    with pytest.raises(RuntimeError, match="uninstall"):
        websocket.repair()


@pytest.mark.parametrize("origins", [[], ["*"], "http://dashboard.test", ["http://dashboard.test", "*"]])
def test_an_open_list_of_origins_is_refused(origins: Any) -> None:
    with pytest.raises(ValueError, match="origins"):
        Sockets(Flask("test"), Views(), origins=origins, authorize=lambda _environ: None, async_mode="threading")
