"""Which autoscalers select the same pods: two of them would undo each other's work, so neither may scale.

Kubernetes keeps each autoscaler's selector from its last look, and so does this: one that has not looked at its target
yet stands in nobody's way.
"""

from __future__ import annotations

from collections.abc import Iterable

from localcluster.client import Object
from localcluster.selectors import LabelSelector


class Selectors:
    """The selector of every autoscaler there is, by namespace and name; None before its first look."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str], LabelSelector | None] = {}

    def appeared(self, hpa: Object) -> None:
        """An autoscaler is there; what is known of its selector stays."""
        self._by_key.setdefault(_key(hpa), None)

    def left(self, hpa: Object) -> None:
        """It is gone."""
        self._by_key.pop(_key(hpa), None)

    def looked(self, hpa: Object, selector: LabelSelector) -> None:
        """What its target selects now; nothing is kept of one that has gone meanwhile."""
        if _key(hpa) in self._by_key:
            self._by_key[_key(hpa)] = selector

    def selecting(self, pods: Iterable[Object], *, namespace: str) -> list[str]:
        """Every autoscaler of a namespace that selects one of its pods, as namespace/name."""
        labels = [pod["metadata"].get("labels") or {} for pod in pods]
        return sorted(
            f"{there}/{name}"
            for (there, name), selector in self._by_key.items()
            if there == namespace and selector is not None and any(selector.matches(each) for each in labels)
        )


def _key(hpa: Object) -> tuple[str, str]:
    return hpa["metadata"]["namespace"], hpa["metadata"]["name"]
