"""What an HPA recommended and did lately, as far as it still counts. Values only: each addition is a new history.

The controller keeps the same in memory and loses it when it restarts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dashboard.scaling.algorithm.settings import Behavior


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What the metrics asked for at one sync, before windows, policies and bounds."""

    at: float
    replicas: int


@dataclass(frozen=True, slots=True)
class Change:
    """A rescale: by how many replicas, up (positive) or down."""

    at: float
    by: int


@dataclass(frozen=True, slots=True)
class History:
    """Oldest first."""

    recommendations: tuple[Recommendation, ...] = ()
    changes: tuple[Change, ...] = ()

    def recommended(self, at: float, replicas: int) -> History:
        """With what a sync at `at` asked for."""
        return replace(self, recommendations=(*self.recommendations, Recommendation(at, replicas)))

    def scaled(self, at: float, by: int) -> History:
        """With a rescale; none when nothing changed."""
        return replace(self, changes=(*self.changes, Change(at, by))) if by else self

    def kept(self, now: float, behavior: Behavior) -> History:
        """Without what can matter to neither direction any more."""
        oldest = now - max(behavior.up.memory_s, behavior.down.memory_s)
        return History(
            tuple(each for each in self.recommendations if each.at >= oldest),
            tuple(each for each in self.changes if each.at >= oldest),
        )

    def asked_since(self, cutoff: float) -> tuple[int, ...]:
        """Recommendations younger than `cutoff`."""
        return tuple(each.replicas for each in self.recommendations if each.at > cutoff)

    def net_change_since(self, cutoff: float) -> int:
        """Replicas added less replicas taken since `cutoff`."""
        return sum(each.by for each in self.changes if each.at > cutoff)
