"""What the pages about runs need of the archive, as a contract, and the run as it may be shown to anyone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dashboard.redaction import scrub
from dashboard.runs.export import outward


class Archived(Protocol):
    """The kept runs (`dashboard.runs.archive.Archive`). Every method raises Refused with a sentence."""

    def list(self, *, text: str = "", tag: str = "") -> Sequence[dict[str, Any]]: ...
    def tags(self) -> Sequence[str]: ...
    def get(self, run_id: str) -> dict[str, Any]: ...
    def document(self, run_id: str) -> dict[str, Any]: ...
    def of_swarm(self, swarm_id: str) -> dict[str, Any] | None: ...
    def rename(self, run_id: str, name: str) -> None: ...
    def note(self, run_id: str, text: str) -> None: ...
    def tag(self, run_id: str, tags: Sequence[str]) -> None: ...
    def delete(self, run_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Runs:
    """The archive, and how much of it is kept; None: nobody says."""

    archive: Archived
    max_count: int | None = None
    max_days: int | None = None

    def all(self, *, text: str = "", tag: str = "") -> list[dict[str, Any]]:
        """Summaries, newest first, without anything that is not for everyone."""
        return [outward(each, scrub) for each in self.archive.list(text=text, tag=tag)]

    def document(self, run_id: str) -> dict[str, Any]:
        """The whole run, likewise."""
        return outward(self.archive.document(run_id), scrub)

    def of_swarm(self, swarm_id: str) -> dict[str, Any] | None:
        """The summary of a swarm's run; None while there is none."""
        found = self.archive.of_swarm(swarm_id)
        return outward(found, scrub) if found else None

    def kept(self) -> str:
        """The retention in a sentence."""
        if self.max_count is None or self.max_days is None:
            return "Runs are kept until they are deleted."
        return (
            f"The newest {self.max_count} runs of the last {self.max_days} days are kept; older ones are forgotten by "
            "themselves. Save a report of what should stay."
        )
