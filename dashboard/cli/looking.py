"""One look at a cluster, for commands that explain: everything is read once, explained once, and nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors, metrics
from dashboard.kube.client import KubeClient
from dashboard.kube.reflector import ReflectorState
from dashboard.kube.watching import Watching
from dashboard.scaling.deciding import Decisions
from dashboard.scaling.reasons import Reasons
from dashboard.scaling.recent_events import RecentEvents
from dashboard.scaling.rescales import Heard
from dashboard.store.projections import PodUse
from dashboard.store.sinks import Sinks
from dashboard.store.story import Story
from dashboard.store.views import Views

SYNC_S = 60.0
SLICE_S = 0.05
AUTOSCALERS = "horizontalpodautoscalers"

Row = Mapping[str, Any]


def now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Look:
    """`clock` counts seconds, `sleep` lets some pass."""

    client: KubeClient
    clock: Callable[[], float]
    sleep: Callable[[float], Any]
    views: Views = field(default_factory=Views)
    _states: dict[str, ReflectorState] = field(default_factory=dict)

    def take(self) -> list[tuple[Row, Row]]:
        """Each HPA with its explanation, by namespace and name. Raises Refused when it cannot be read."""
        story = Story(self.views, now=lambda: now().timestamp())
        sinks = Sinks(self.views, story=story, now=lambda: now().timestamp())
        decisions = Decisions(self.views, now)
        events = RecentEvents(Heard(sinks.by_resource["events"], decisions.hear))
        watching = Watching(self.client, {**sinks.by_resource, "events": events}, report=self._hear)
        watching.start()
        try:
            self._wait(watching)
        finally:
            watching.stop(patience=1.0)
        self._measure(sinks)
        decisions.tick()
        Reasons(self.views, now, events, decisions.changed_by).tick()
        why = self.views.rows("why")
        found = [(hpa, why[uid]) for uid, hpa in self.views.rows("hpas").items() if uid in why]
        return sorted(found, key=lambda pair: (str(pair[0]["namespace"]), str(pair[0]["name"])))

    def _hear(self, state: ReflectorState) -> None:
        self._states[state.resource] = state

    def _wait(self, watching: Watching) -> None:
        began = self.clock()
        while not watching.has_synced:
            if self.clock() - began > SYNC_S:
                raise Refused(f"The cluster could not be read within {SYNC_S:.0f} s.", status=503)
            self.sleep(SLICE_S)
        state = self._states.get(AUTOSCALERS)
        if state is not None and state.state == "forbidden":
            needed = f" It takes: {state.rule.sentence}" if state.rule is not None else ""
            raise Refused(f"The autoscalers may not be read: {state.detail}{needed}", status=403)

    def _measure(self, sinks: Sinks) -> None:
        """Without an answer of metrics.k8s.io the figures of the pods stay unknown; the explanation says so."""
        try:
            found = metrics.pod_metrics(self.client)
        except errors.ApiError:
            return
        sinks.set_metrics({name: _use(each) for name, each in found.items()})


def _use(found: Any) -> PodUse:
    return PodUse(found.cpu_millicores, found.memory_bytes, found.timestamp, found.window_s)
