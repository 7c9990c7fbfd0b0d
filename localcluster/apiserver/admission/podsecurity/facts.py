"""What the checks ask of a pod, and how they word what is wrong; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from localcluster.client import Object


class Fault(NamedTuple):
    """Why a pod does not meet a standard, in short and in full."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A pod, or the template of one, under the rules of Kubernetes 1.`minor`."""

    metadata: Object
    spec: Object
    minor: int

    @property
    def context(self) -> Object:
        """The pod's own securityContext."""
        return self.spec.get("securityContext") or {}

    @property
    def windows(self) -> bool:
        return bool((self.spec.get("os") or {}).get("name") == "windows")

    @property
    def own_users(self) -> bool:
        """Whether root in the pod is nobody outside of it (`hostUsers: false`)."""
        return self.spec.get("hostUsers") is False

    def containers(self) -> Iterator[tuple[str, Object, Object]]:
        """Name, container and securityContext of each, init containers first."""
        for kind in ("initContainers", "containers", "ephemeralContainers"):
            for container in self.spec.get(kind) or ():
                yield container.get("name", ""), container, container.get("securityContext") or {}

    def named(self, wrong: Callable[[Object, Object], Any]) -> list[str]:
        """Names of the containers for which `wrong(container, securityContext)` holds."""
        return [name for name, container, context in self.containers() if wrong(container, context)]


def plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def quoted(items: Iterable[str]) -> str:
    return ", ".join(f'"{item}"' for item in items)


def containers(names: Sequence[str]) -> str:
    """`container "a"`, `containers "a", "b"`."""
    return f"{plural('container', len(names))} {quoted(names)}"


def setters(*, pod: bool, names: Sequence[str]) -> str:
    """Who has set something: `pod`, `container "a"`, or both; "" for nobody."""
    return " and ".join([*(["pod"] if pod else []), *([containers(names)] if names else [])])


def distinct(values: Iterable[Any]) -> list[str]:
    return sorted({str(value) for value in values})
