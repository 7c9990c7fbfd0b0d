"""SIGTERM while people look on and ask: what was asked is answered, sockets are closed, and the exit code is 0."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


class Asking:
    """Somebody who asks for pages again and again until there is nobody to ask."""

    def __init__(self, serve: Any) -> None:
        self.statuses: list[int] = []
        self.cut_off: list[str] = []
        self._serve = serve
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def join(self) -> None:
        self._thread.join(60)

    def _ask(self) -> None:
        try:
            while True:
                self.statuses.append(self._serve.get("/api/v1/state", Cookie=self._serve.cookie)[0])
        except http.client.IncompleteRead as error:
            self.cut_off.append(repr(error))
        except OSError:
            return  # nobody is there any more


def told(browser: Any) -> None:
    """Everything that it still says; ends with an error."""
    while True:
        browser.text()


def test_it_ends_in_order_under_load(start: Callable[..., Any], tmp_path: Path) -> None:
    serve = start(tmp_path)
    browsers = [serve.open() for _ in range(15)]
    for browser in browsers:
        browser.event()
    silent = serve.open()
    asking = [Asking(serve) for _ in range(4)]
    while min(len(each.statuses) for each in asking) < 5:
        browsers[0].event()

    assert serve.end() == 0

    for each in asking:
        each.join()
    assert {status for each in asking for status in each.statuses} == {200}
    assert [each.cut_off for each in asking if each.cut_off] == []
    for browser in [*browsers, silent]:
        with pytest.raises(ConnectionError, match="the server closed"):  # said so, rather than hung up
            told(browser)
        browser.close()
    said = serve.log.read_text()
    assert "Traceback" not in said, said[-4000:]
