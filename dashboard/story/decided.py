"""Joins the decisions of the autoscalers to the story: the sum beside the line of a rescale, and a line of its own for
a change that no autoscaler made. Called each second, after the decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.store import story
from dashboard.store.times import seconds
from dashboard.store.views import Views

VIEW = "decisions"
NEAR_S = 10.0
"""Between a decision and the line or the record of the same one."""
PATIENCE_S = 60.0
"""Seconds after which a decision without a sum, or without a line, is left as it is."""

Row = Mapping[str, Any]


@dataclass(slots=True)
class Decided:
    """`note` is the story's, `explained(line, sum)` the keeper's; `now` in seconds since the epoch."""

    views: Views
    note: Callable[..., None]
    explained: Callable[[str, Any], None]
    now: Callable[[], float]
    _done: set[str] = field(default_factory=set)

    def tick(self) -> None:
        """What is new among the decisions."""
        rows = self.views.rows(VIEW)
        self._done &= rows.keys()
        for key, row in rows.items():
            if key not in self._done and self._is_told(row):
                self._done.add(key)

    def _is_told(self, row: Row) -> bool:
        at = seconds(row.get("t"))
        if at is None or row.get("before") == row.get("after"):
            return True
        if row.get("by") != "hpa":
            self._tell(row, at)
            return True
        line = self._line(row, at)
        if line is not None and row.get("sum"):
            self.explained(line, row["sum"])
            return True
        return self.now() - at > PATIENCE_S

    def _tell(self, row: Row, at: float) -> None:
        """Once, though another process of the dashboard reads the same from the object again."""
        target, hpa = row.get("target") or {}, row.get("hpa") or {}
        about = {"kind": target.get("kind"), "namespace": hpa.get("namespace"), "name": target.get("name")}
        for line in self._lines(about, at):
            if line["text"].startswith(str(row.get("sentence")).rstrip(".")):
                return
        before = "" if row.get("before") is None else f"{row['before']} "
        self.note(
            "scaled", str(row.get("sentence")), about=about, at=at, key=f"decision-{row['id']}",
            by=str(row.get("manager") or row.get("by") or "") or None, flag=f"{before}→ {row.get('after')}",
        )  # fmt: skip

    def _line(self, row: Row, at: float) -> str | None:
        hpa = row.get("hpa") or {}
        about = {"kind": "HorizontalPodAutoscaler", "namespace": hpa.get("namespace"), "name": hpa.get("name")}
        size = f"→ {row.get('after')} replica"
        found = [line for line in self._lines(about, at) if size in line["text"]]
        return str(min(found, key=lambda line: abs((seconds(line["t"]) or 0.0) - at))["id"]) if found else None

    def _lines(self, about: Row, at: float) -> list[Row]:
        return [
            line
            for line in self.views.rows(story.VIEW).values()
            if line["kind"] == "scaled"
            and line.get("object") == about
            and abs((seconds(line["t"]) or 0.0) - at) <= NEAR_S
        ]
