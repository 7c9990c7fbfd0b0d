"""Who changed the replicas of an HPA's target: the HPA, a person, another program. Pure.

managedFields name the manager of `spec.replicas`; a change through `scale` carries no time there, so when it was is
what the watch told. A controller under another name is known by the HPA's own status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.kube import writers
from dashboard.store.times import seconds

SAME_MOMENT_S = 10.0
"""Between a rescale and what the HPA's status and its Event say of it: whole seconds, one written after the other."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Author:
    """`manager`: its name in managedFields, None where none is recorded. `at`: when, as managedFields have it."""

    by: writers.By
    manager: str | None = None
    subresource: str = ""
    at: float | None = None

    @property
    def words(self) -> str:
        """As the subject of a sentence."""
        if self.manager is None:
            return "Somebody who is not recorded"
        words = writers.told(self.manager, subresource=self.subresource)
        return words[:1].upper() + words[1:] if writers.is_ours(self.manager) else words


def author(workload: Row, hpa: Row, *, at: float) -> Author:
    """Of the replicas that a target has since about `at`."""
    found: Row = workload.get("scaled_by") or {}
    manager, subresource = found.get("manager"), str(found.get("subresource") or "")
    by = writers.by(manager, subresource=subresource) if manager else "other"
    if by == "other" and did_rescale(hpa, after=workload["replicas"], at=at):
        by = "hpa"
    return Author(by, manager, subresource, seconds(found.get("at")))


def did_rescale(hpa: Row, *, after: int | None, at: float) -> bool:
    """Whether the HPA's status tells of a rescale to `after` about `at`."""
    last = seconds(hpa.get("last_scale_at"))
    return hpa.get("desired") == after and last is not None and abs(last - at) <= SAME_MOMENT_S
