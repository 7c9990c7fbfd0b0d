"""Reads a cluster with little patience: what is shown as it is now must not wait for half a minute. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

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
