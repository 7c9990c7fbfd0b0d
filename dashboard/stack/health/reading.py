"""Reads a cluster for what is shown as it is now: with little patience, and no list twice. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from dashboard.stack.cluster import Reader

Timeout = tuple[float, float]
SOON: Timeout = (2.0, 5.0)
"""Seconds to connect, seconds of silence; then nobody answers, and that is said."""


class Timed(Protocol):
    """As much of `KubeClient` as is used here."""

    def get(self, path: str, /, *, timeout: Timeout = ...) -> Any: ...

    def list(
        self, path: str, /, *, query: Mapping[str, str | int | bool] | None = None, timeout: Timeout = ...
    ) -> list[dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Hurried:
    """The same answers as the client's, or Unreachable sooner."""

    client: Timed
    timeout: Timeout = SOON

    def get(self, path: str, /) -> Any:
        """One object."""
        return self.client.get(path, timeout=self.timeout)

    def list(self, path: str, /, *, query: Mapping[str, str | int | bool] | None = None) -> list[dict[str, Any]]:
        """All of a collection."""
        return self.client.list(path, query=query, timeout=self.timeout)


@dataclass(frozen=True, slots=True)
class Remembering:
    """Lists a collection once, however many objects want to know what is in it. For one look at a bundle."""

    reader: Reader
    _lists: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def get(self, path: str, /) -> Any:
        """One object, anew each time."""
        return self.reader.get(path)

    def list(self, path: str, /, *, query: Mapping[str, str | int | bool] | None = None) -> list[dict[str, Any]]:
        """All of a collection, as it was when it was first asked for."""
        asked = (path, repr(query))
        if asked not in self._lists:
            self._lists[asked] = self.reader.list(path, query=query)
        return self._lists[asked]
