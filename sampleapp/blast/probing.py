"""Asks one program a few times a second how it is, and keeps every answer. It must not decide what follows from it."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PERIOD_S = 0.1
TIMEOUT_S = 1.0
KEPT_MAX = 1500
"""Answers that are kept: two and a half minutes' worth, far more than an experiment lasts."""

Probe = tuple[int, int | None, int | None, str | None]
"""Milliseconds since the beginning, milliseconds it took, bytes the program says it has, what went wrong."""


@dataclass(slots=True)
class Target:
    """One program that is asked. Its name is looked up once: a name that cannot be found is no failed request."""

    who: str
    host: str
    port: int
    address: str | None = None

    def ask(self, method: str = "GET", path: str = "/", headers: dict[str, str] | None = None) -> dict[str, Any]:
        """Its answer. Raises OSError or HTTPException when there is none, ValueError when it makes no sense."""
        if self.address is None:
            self.address = socket.gethostbyname(self.host)
        connection = http.client.HTTPConnection(self.address, self.port, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status >= 400:
                raise ValueError(f"status {answer.status}")
            document: dict[str, Any] = json.loads(body)
            return document
        finally:
            connection.close()


@dataclass(slots=True)
class Probing:
    """The probes of one target. `began` is the moment that counts as zero; `clock` counts seconds."""

    target: Target
    began: float
    clock: Callable[[], float] = time.monotonic
    probes: list[Probe] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)
    """What it last said of itself."""

    def run(self, stop: threading.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            asked = self.clock()
            self.look(asked)
            stop.wait(max(0.0, PERIOD_S - (self.clock() - asked)))

    def look(self, asked: float) -> None:
        """One question. Before the first answer nothing is kept: a program that still starts has not failed."""
        at = round(1000 * (asked - self.began))
        try:
            told = self.target.ask()
        except (OSError, http.client.HTTPException, ValueError) as error:
            if self.probes:
                self._keep((at, None, None, word_of(error)))
            return
        self.told = told
        self._keep((at, round(1000 * (self.clock() - asked)), told.get("bytes"), None))

    @property
    def answers(self) -> bool:
        """Whether the last question was answered."""
        return bool(self.probes) and self.probes[-1][3] is None

    @property
    def has_failed(self) -> bool:
        """Whether any question was not answered."""
        return any(each[3] is not None for each in self.probes)

    def _keep(self, probe: Probe) -> None:
        if len(self.probes) < KEPT_MAX:
            self.probes.append(probe)


def word_of(error: Exception) -> str:
    """What went wrong, in few words."""
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT_S:.0f} s"
    if isinstance(error, ConnectionError | http.client.HTTPException):
        return "connection broken off"
    return str(error)[:80] or "no answer"
