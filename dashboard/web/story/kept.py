"""What the page of the story needs of the kept story, as a contract; and the lines in memory where it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from dashboard.errors import Refused
from dashboard.store.denied import is_denied
from dashboard.story.archive import Page
from dashboard.story.asking import Asked
from dashboard.web.actions import SnapshotLike

Place = tuple[str, str]


class Archived(Protocol):
    """The kept story (`dashboard.story.archive.StoryArchive`). Every method raises Refused with a sentence."""

    def page(
        self, cluster: str, asked: Asked, *, most: int, before: Place | None = None, after: Place | None = None
    ) -> Page: ...
    def all(self, cluster: str, asked: Asked) -> Iterator[dict[str, Any]]: ...
    def choices(self, cluster: str) -> dict[str, list[str]]: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A page of lines, what can be chosen, and why it is not from the file, if it is not."""

    page: Page
    choices: Mapping[str, list[str]] = field(default_factory=lambda: {"kinds": [], "namespaces": []})
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class KeptStory:
    """`cluster`: whose story it is, None before one was ever seen; `count` lines of `days` are kept."""

    archive: Archived
    cluster: Callable[[], str | None]
    count: int
    days: int

    def find(self, snapshot: SnapshotLike, asked: Asked, *, most: int, **place: Place | None) -> Found:
        """A page of the file; without the file, of what is still in memory."""
        cluster = self.cluster()
        try:
            if cluster is not None:
                return Found(self.archive.page(cluster, asked, most=most, **place), self.archive.choices(cluster))
            trouble = ""
        except Refused as problem:
            trouble = f"{problem.sentence} Shown is what this process remembers."
        rows = list(_remembered(snapshot))
        found = [row for row in rows if asked.fits(row)]
        choices = {
            "kinds": sorted({row["kind"] for row in rows}),
            "namespaces": sorted({str(row["object"]["namespace"]) for row in rows if _namespace(row)}),
        }
        return Found(Page(found[:most], len(found), newer=False, older=False), choices, trouble)

    def every(self, snapshot: SnapshotLike, asked: Asked) -> Iterable[dict[str, Any]]:
        """All lines that fit, newest first. The file is asked before the first is given. Raises Refused."""
        cluster = self.cluster()
        if cluster is None:
            return [row for row in _remembered(snapshot) if asked.fits(row)]
        self.archive.page(cluster, asked, most=1)
        return self.archive.all(cluster, asked)

    def sentence(self) -> str:
        """The retention in a sentence."""
        return (
            f"The newest {self.count:,} lines of the last {self.days} days are kept, those of other clusters counted "
            "but not shown here; "
            "Kubernetes itself keeps its Events for an hour."
        )


def events_denied(snapshot: SnapshotLike) -> bool:
    """Whether the cluster's part of it cannot be heard."""
    return is_denied(snapshot.views.get("connection", {}), "events")


def _remembered(snapshot: SnapshotLike) -> Iterator[dict[str, Any]]:
    rows = snapshot.views.get("story", {}).values()
    for row in sorted(rows, key=lambda each: (str(each.get("t")), str(each.get("id"))), reverse=True):
        yield {"first": row.get("t"), "by": None, "reason": None, "flag": None, "sum": None, "quiet": False, **row}


def _namespace(row: Mapping[str, Any]) -> str:
    return str((row.get("object") or {}).get("namespace") or "")
