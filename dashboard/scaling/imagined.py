"""A workload that was never there: its pods and the HPA over it, under the work that there really was. Pure.

The work is conserved: however many pods are ready share it evenly. What the HPA would do with that is the algorithm's
to say (`dashboard.scaling.algorithm`).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from dashboard.scaling.algorithm import History, PodFigure, Settings, after, decide, proposal, usage
from dashboard.scaling.demand import RESOLUTION_S, Figure

LONG_AGO = float("-inf")
REQUEST = 100.0


@dataclass(slots=True)
class Imagined:
    """Begins at `now` with `replicas`, of which `ready` are. `most_percent`: what a pod can use at most, if known."""

    settings: Settings
    start_s: float
    most_percent: float | None
    now: float
    replicas: int
    ready: int
    _ready_at: list[float] = field(init=False)  # in order, for all pods take as long and the youngest leave
    _history: History = field(init=False)

    def __post_init__(self) -> None:
        ready = min(self.ready, self.replicas)
        self._ready_at = [LONG_AGO] * ready + [self.now + self.start_s] * (self.replicas - ready)
        self._history = History().recommended(self.now, self.replicas)

    def sync(self, now: float, figure: Figure) -> None:
        """What the controller does at one look."""
        share = self._share(figure, bisect_right(self._ready_at, figure.at))
        alike = {each: _pod(each, now, figure, share) for each in set(self._ready_at)}  # a thousand pods differ in few
        found = usage([alike[each] for each in self._ready_at], now=now)
        if found is None:
            return  # no pod counts, so the controller computes nothing and leaves the replicas as they are
        settings, current = self.settings, len(self._ready_at)
        asked = proposal(found, current=current, target=settings.target_percent, behavior=settings.behavior)
        decision = decide(now, current, asked, settings, self._history)
        self._history = after(self._history, now, decision, settings)
        self._scale(decision.desired, now)

    def percent(self, now: float, figure: Figure) -> float | None:
        """The CPU of each ready pod, in percent of its request."""
        return self._share(figure, bisect_right(self._ready_at, now))

    def _scale(self, wanted: int, now: float) -> None:
        """New pods begin to start; the youngest leave."""
        self._ready_at += [now + self.start_s] * (wanted - len(self._ready_at))
        del self._ready_at[wanted:]
        self.replicas = len(self._ready_at)

    def _share(self, figure: Figure, pods: int) -> float | None:
        if not pods:
            return None
        share = figure.work / pods
        return share if self.most_percent is None else min(share, self.most_percent)


def _pod(ready_at: float, now: float, figure: Figure, share: float | None) -> PodFigure:
    """As the controller sees it: `share` is what each pod used that was ready when the figure came."""
    if ready_at > now:
        return PodFigure("", None, REQUEST, phase="Pending", ready=False)
    return PodFigure(
        "", share if ready_at <= figure.at else None, REQUEST, started_at=ready_at, ready_changed_at=ready_at,
        measured_at=figure.at, window_s=RESOLUTION_S,
    )  # fmt: skip
