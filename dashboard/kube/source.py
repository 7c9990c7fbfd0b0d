"""What a reflector stands between: a collection of the API and whoever keeps its objects. Contracts only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol


class Sink(Protocol):
    """Where objects go. Calls come from one thread, and must be quick: they hold up the watch."""

    def replace(self, objects: Sequence[Any], /) -> None:
        """This is all there is: whatever else was held is gone."""

    def apply(self, found: Any, /) -> None:
        """It is new, or has changed."""

    def delete(self, found: Any, /) -> None:
        """It is gone; this was its last state."""


class OpenWatch(Protocol):
    """Lines as they come; `close` may be called from another thread."""

    def lines(self) -> Iterator[bytes]: ...

    def close(self) -> None: ...


class Source(Protocol):
    """One collection of one cluster. Everything raises `ApiError`."""

    def identity(self) -> str:
        """Which cluster this is: another string, another cluster."""

    def pages(self) -> Iterator[bytes]:
        """One consistent list."""

    def watch(self, resource_version: str, /, *, timeout_seconds: int) -> OpenWatch:
        """Changes after a version."""

    def renew_credential(self) -> None:
        """After a 401: read token or certificate again."""
