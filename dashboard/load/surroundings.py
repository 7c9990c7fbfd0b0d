"""What stands around a running swarm: ready replicas of its target, nodes short of memory. Only reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.kube import errors

NODES_EVERY_S = 10.0
TIMEOUT = (2.0, 4.0)


@dataclass(slots=True)
class Surroundings:
    """`ready` tells the target's ready replicas, None while that is unknown; `clock` counts seconds."""

    cluster: Any
    ready: Callable[[], int | None]
    clock: Callable[[], float]
    _pressed: tuple[str, ...] | None = None
    _looked: float | None = None

    def look(self) -> tuple[int | None, tuple[str, ...] | None]:
        """As it is now; nodes are asked for every ten seconds."""
        now = self.clock()
        if self._looked is None or now - self._looked >= NODES_EVERY_S:
            self._looked, self._pressed = now, self._nodes()
        return self.ready(), self._pressed

    def _nodes(self) -> tuple[str, ...] | None:
        try:
            nodes = self.cluster.list("/api/v1/nodes", timeout=TIMEOUT)
        except errors.ApiError:
            return None
        return tuple(str(each["metadata"]["name"]) for each in nodes if is_pressed(each))


def is_pressed(node: Mapping[str, Any]) -> bool:
    """Whether kubelet says that its node is short of memory."""
    conditions = (node.get("status") or {}).get("conditions") or ()
    return any(each.get("type") == "MemoryPressure" and each.get("status") == "True" for each in conditions)
