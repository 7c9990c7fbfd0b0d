"""The rows of the view `decisions`, bounded, and what is looked up among them. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.scaling.managers import SAME_MOMENT_S
from dashboard.store.times import seconds
from dashboard.store.views import Views

VIEW = "decisions"
MOST = 200

Row = Mapping[str, Any]


@dataclass(slots=True)
class Kept:
    """`rows` by id; the oldest go."""

    views: Views
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def put(self, row: dict[str, Any]) -> None:
        """New, or known better."""
        self.rows[row["id"]] = row
        self.views.put(VIEW, row["id"], row)
        while len(self.rows) > MOST:
            oldest = min(self.rows, key=lambda key: str(self.rows[key]["t"]))
            del self.rows[oldest]
            self.views.remove(VIEW, oldest)

    def of(self, uid: str) -> list[dict[str, Any]]:
        """Of one HPA."""
        return [row for row in self.rows.values() if row["hpa"]["uid"] == uid]

    def twin(self, about: Row, *, after: int, t: float) -> dict[str, Any] | None:
        """The row of the same change, known from elsewhere. A person's is never an HPA's."""
        for row in self.rows.values():
            is_change = row["before"] != row["after"] and row["after"] == after and row["by"] != "person"
            if is_change and _is_of(row, about) and abs((seconds(row["t"]) or 0.0) - t) <= SAME_MOMENT_S:
                return row
        return None

    def size_at(self, t: float, about: Row) -> int | None:
        """To which size the last change before `t` led."""
        earlier = [row for row in self.rows.values() if _is_of(row, about) and (seconds(row["t"]) or 0.0) < t]
        size: int | None = max(earlier, key=lambda row: str(row["t"]))["after"] if earlier else None
        return size


def _is_of(row: Row, about: Row) -> bool:
    """An HPA that was made anew is the same one to people."""
    hpa = row["hpa"]
    return (hpa["namespace"], hpa["name"]) == (about.get("namespace"), about.get("name"))
