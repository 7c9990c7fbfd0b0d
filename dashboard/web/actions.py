"""What the pages can have done, as a contract. The web layer must not know how any of it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dashboard.load.request import SwarmRequest

Headers = Sequence[tuple[str, str]]


def nothing() -> None:
    """For answers that hold no connection."""


@dataclass(frozen=True, slots=True)
class ProxyAnswer:
    """What the sample app answered. `body` may still be on its way; `close` gives the connection back."""

    status: int
    headers: Headers
    body: Iterable[bytes]
    close: Callable[[], None] = nothing


class Actions(Protocol):
    """Every method raises Refused, with a sentence for the person, when it cannot or may not."""

    def deploy(self, bundles: Sequence[str], by: str) -> None:
        """Begin to apply the bundles in the background; progress is the view `deploy`."""

    def cancel_deploy(self) -> None:
        """Stop after the object that is being applied; what is applied stays."""

    def teardown(self, bundle: str, by: str) -> None:
        """Begin to delete what the bundle holds."""

    def start_swarm(self, request: SwarmRequest, by: str) -> None:
        """Begin one swarm; its state is the view `swarm`."""

    def stop_swarm(self, by: str) -> None:
        """Stop the running swarm."""

    def app_request(self, method: str, path: str, query: str, headers: Headers, body: bytes) -> ProxyAnswer:
        """Send one request to the sample app through the cluster's service proxy. `path` has no leading slash."""


class SnapshotLike(Protocol):
    """All rows at one moment, and the number of the last change in them."""

    @property
    def epoch(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def views(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]: ...


class ViewsLike(Protocol):
    """The part of the store that pages read."""

    def snapshot(self) -> SnapshotLike: ...


@dataclass(frozen=True, slots=True)
class BundleChoice:
    """A bundle as the Deploy dialog offers it."""

    name: str
    title: str
    text: str


BUNDLES = (
    BundleChoice("metrics-server", "metrics-server", "Measures CPU and memory of every pod, every 15 seconds."),
    BundleChoice("mongodb", "MongoDB", "A replica set of three members, a volume each, passwords made on the spot."),
    BundleChoice("flask", "Guestbook", "The app under load, 1 to 8 pods, scaled at 50 % of the requested CPU."),
    BundleChoice("load", "Load generator", "A fenced-in namespace from which swarms of load users start."),
)
"""In the order in which they depend on each other."""
