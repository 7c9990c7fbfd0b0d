"""Reads what no reflector watches: quotas, LimitRanges, refused creations, the nodes' room. It must not judge them.

They are few and change seldom, so they are listed anew every few seconds. What RBAC denies for the whole cluster is
tried namespace by namespace; what is denied there too is denied, and never empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.kube import errors
from dashboard.kube.quantities import whole_bytes
from dashboard.kube.rules import document_of

Manifest = Mapping[str, Any]
EVERY_S = 10.0
NODES_EVERY_S = 60.0
ASKED_PER_S = 5.0
"""Where namespaces have to be tried one by one, there are no more than so many reads a second on the average."""
TIMEOUT = (3.0, 8.0)
KINDS = ("resourcequotas", "limitranges")
LIVE, SYNCING, STALE, FORBIDDEN = "live", "syncing", "stale", "forbidden"


@dataclass(slots=True)
class Read:
    """One resource of one namespace, or of all (`""`): what was last read, how old that is, and what is wrong."""

    items: Sequence[Manifest] = ()
    state: str = SYNCING
    since: str | None = None
    """When it was last read; while it is denied or away, since when that is so."""
    detail: str | None = None
    rule: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Reading:
    """`refused(name, error)` tells the connection's rows; `namespaces` those to try one by one; `now` an ISO time."""

    cluster: Any
    refused: Callable[[str, errors.ApiError | None], None]
    namespaces: Callable[[], Sequence[str]]
    now: Callable[[], str]
    clock: Callable[[], float]
    by_kind: dict[str, dict[str, Read]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    events: Sequence[Manifest] = ()
    allocatable: Mapping[str, int] = field(default_factory=dict)
    nodes: Sequence[Manifest] | None = None
    _nodes_at: float | None = None
    _looked_at: float | None = None

    def tick(self) -> None:
        """Looks when it is time to, at once the first time."""
        if self._looked_at is None or self.clock() - self._looked_at >= self._pause_s():
            self._looked_at = self.clock()
            self.look()

    def hurry(self) -> None:
        """What was read is known to be old: it is read again at the next tick, except where that takes many reads."""
        if self._pause_s() <= EVERY_S:
            self._looked_at = None

    def _pause_s(self) -> float:
        asked = sum(len(found) for found in self.by_kind.values() if "" not in found)
        return max(EVERY_S, asked / ASKED_PER_S)

    def look(self) -> None:
        """Everything once."""
        for kind in KINDS:
            self._look_at(kind)
        self._look_at_events()
        if self._nodes_at is None or self.clock() - self._nodes_at >= NODES_EVERY_S:
            self._look_at_nodes()

    def read(self, kind: str, namespace: str) -> Read:
        """What is known of one namespace."""
        found = self.by_kind[kind]
        everywhere = found.get("")
        if everywhere is None:
            return found.get(namespace, Read())
        items = [each for each in everywhere.items if each["metadata"].get("namespace") == namespace]
        return Read(items, everywhere.state, everywhere.since, everywhere.detail, everywhere.rule)

    def forget(self) -> None:
        """Another cluster."""
        self.by_kind = {kind: {} for kind in KINDS}
        self.events, self.allocatable, self.nodes, self._nodes_at = (), {}, None, None
        self._looked_at = None

    def _look_at(self, kind: str) -> None:
        try:
            items = self.cluster.list(f"/api/v1/{kind}", timeout=TIMEOUT)
        except errors.Forbidden as error:
            self._look_one_by_one(kind, error)
        except errors.ApiError as error:
            self._went_stale(kind, error)
        else:
            self.by_kind[kind] = {"": Read(items, LIVE, self.now())}
            self.refused(kind, None)

    def _look_one_by_one(self, kind: str, denied: errors.Forbidden) -> None:
        found: dict[str, Read] = {}
        for namespace in self.namespaces():
            try:
                items = self.cluster.list(f"/api/v1/namespaces/{namespace}/{kind}", timeout=TIMEOUT)
                found[namespace] = Read(items, LIVE, self.now())
            except errors.Forbidden as error:
                found[namespace] = self._denied(kind, namespace, error)
            except errors.ApiError as error:
                self._went_stale(kind, error)
                return
        self.refused(kind, None if any(each.state == LIVE for each in found.values()) else denied)
        self.by_kind[kind] = found or {"": self._denied(kind, "", denied)}

    def _denied(self, kind: str, namespace: str, error: errors.Forbidden) -> Read:
        before = self.by_kind[kind].get(namespace)
        since = before.since if before is not None and before.state == FORBIDDEN else self.now()
        return Read((), FORBIDDEN, since, error.message, document_of(error))

    def _went_stale(self, kind: str, error: errors.ApiError) -> None:
        for each in self.by_kind[kind].values():
            if each.state == LIVE:
                each.state, each.detail = STALE, str(error)

    def _look_at_events(self) -> None:
        """Those that tell of refused creations; without the right to read them they are unknown, as their view says."""
        try:
            self.events = self.cluster.list(
                "/api/v1/events", query={"fieldSelector": "reason=FailedCreate"}, timeout=TIMEOUT
            )
        except errors.Forbidden:
            self.events = ()
        except errors.ApiError:
            return

    def _look_at_nodes(self) -> None:
        try:
            self.nodes = self.cluster.list("/api/v1/nodes", timeout=TIMEOUT)
        except errors.ApiError:
            self.nodes = None
            return
        self._nodes_at = self.clock()
        self.allocatable = _allocatable(self.nodes)


def _allocatable(nodes: Sequence[Manifest]) -> dict[str, int]:
    found = {}
    for node in nodes:
        room = whole_bytes(((node.get("status") or {}).get("allocatable") or {}).get("memory"))
        if room is not None:
            found[str(node["metadata"]["name"])] = room
    return found
