"""What every way of limiting and measuring a container offers; must not enforce anything itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Limits:
    """A container's share: cores and bytes, None where nothing is said."""

    cpu_request: float | None = None
    cpu_limit: float | None = None
    memory_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds since the container's start, and its working set in bytes."""

    cpu_seconds: float
    working_set: int


class Group(Protocol):
    """One container's processes under their limits."""

    @property
    def join_files(self) -> tuple[str, ...]:
        """Files a process writes "0" to before it becomes the program."""
        ...

    def attach(self, pid: int) -> None:
        """Tells the first process, by its number outside."""
        ...

    def usage(self) -> Usage | None:
        """None when nothing can be read (the processes have gone)."""
        ...

    def out_of_memory(self) -> bool:
        """Whether the memory limit has killed a process of this group."""
        ...

    def close(self) -> None:
        """Removes what was made; the processes have ended."""
        ...


class Limiter(Protocol):
    """One way of enforcing limits on this machine; `description` goes into the Node's annotation."""

    description: str

    def create(self, name: str, limits: Limits) -> Group: ...

    def close(self) -> None: ...
