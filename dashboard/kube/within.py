"""Passes on what lies in some namespaces alone, where people who may look need not be allowed to see the whole cluster.

It asks for nothing by itself and must not know what is done with the objects.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dashboard.kube.client import LISTING, Timeout
from dashboard.kube.requests import Query
from dashboard.kube.source import Sink

NAMESPACES = "namespaces"


@dataclass(frozen=True, slots=True)
class OnlyIn:
    """A sink in front of another. What lies in no namespace is passed on; a Namespace lies in itself."""

    plural: str
    namespaces: Collection[str]
    sink: Sink

    def replace(self, objects: Sequence[Any], /) -> None:
        """The others are not there, as far as anybody behind this knows."""
        self.sink.replace([each for each in objects if self._is_meant(each)])

    def apply(self, found: Any, /) -> None:
        """A new one, or a changed one."""
        if self._is_meant(found):
            self.sink.apply(found)

    def delete(self, found: Any, /) -> None:
        """Its last state."""
        if self._is_meant(found):
            self.sink.delete(found)

    def _is_meant(self, found: Any) -> bool:
        home = found.metadata.name if self.plural == NAMESPACES else found.metadata.namespace
        return not home or home in self.namespaces


def only_in(namespaces: Collection[str], sinks: Mapping[str, Sink]) -> Mapping[str, Sink]:
    """The same sinks by plural name, each behind such a one; no namespaces named means all of them."""
    if not namespaces:
        return sinks
    return {plural: OnlyIn(plural, frozenset(namespaces), sink) for plural, sink in sinks.items()}


class Listing(Protocol):
    """As much of `KubeClient` as is used here."""

    def list(
        self, path: str, /, *, query: Query | None = None, timeout: Timeout = ...
    ) -> list[dict[str, Any]]: ...  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListsOnly:
    """Lists as the client does, without what lies in other namespaces; none named: without leaving anything out."""

    client: Listing
    namespaces: Collection[str] = ()

    def list(self, path: str, /, *, query: Query | None = None, timeout: Timeout = LISTING) -> list[dict[str, Any]]:
        """The objects of a collection. Raises ApiError."""
        found = self.client.list(path, query=query, timeout=timeout)
        return [each for each in found if self._is_meant(each)]

    def _is_meant(self, found: Mapping[str, Any]) -> bool:
        home = (found.get("metadata") or {}).get("namespace")
        return not self.namespaces or not home or home in self.namespaces
