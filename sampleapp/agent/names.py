"""To which addresses the members' names lead, asked from inside the cluster. Knows neither MongoDB nor HTTP.

A name server may let a question hang, so this turns in a thread of its own and keeps what it heard last.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sampleapp.agent.vitals import iso

PERIOD_S = 2.0
MOST = 8
"""Addresses of one name that are told."""


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """One name and what it led to at one moment. No address and an `error`: it led nowhere."""

    name: str
    addresses: tuple[str, ...] = ()
    error: str | None = None
    at: str | None = None


def addresses_of(name: str) -> tuple[str, ...]:
    """What this machine's resolver says, each address once. Raises OSError."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return tuple(sorted({str(address[0]) for *_, address in found}))


class Names:
    """Asks for every name in turn, and tells the last answers."""

    def __init__(
        self,
        hosts: Sequence[str],
        *,
        resolve: Callable[[str], tuple[str, ...]] = addresses_of,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._names = tuple(host.rsplit(":", 1)[0] for host in hosts)
        self._resolve = resolve
        self._now = now
        self._heard: dict[str, Resolved] = {}

    def latest(self) -> list[Resolved]:
        """The last answer for each name; one not asked for yet says so by having no time."""
        return [self._heard.get(name, Resolved(name=name)) for name in self._names]

    def turn(self) -> None:
        """Ask for each name once."""
        for name in self._names:
            self._heard[name] = self._ask(name)

    def run(self, stop: threading.Event) -> None:
        """Ask until told to stop."""
        while not stop.is_set():
            self.turn()
            stop.wait(PERIOD_S)

    def _ask(self, name: str) -> Resolved:
        try:
            addresses = self._resolve(name)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            return Resolved(name=name, error=reason[:200], at=iso(self._now()))
        return Resolved(name=name, addresses=addresses[:MOST], at=iso(self._now()))
