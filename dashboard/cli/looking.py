"""One look at a cluster, for commands that explain: everything is read once, explained once, and nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors, logs, metrics
from dashboard.kube.client import KubeClient
from dashboard.kube.reflector import ReflectorState
from dashboard.kube.watching import Watching
from dashboard.redaction import plain
from dashboard.scaling.deciding import Decisions
from dashboard.scaling.pipeline.chain import Pipeline, judge
from dashboard.scaling.pipeline.facts import Reader
from dashboard.scaling.pipeline.keeping import deployments_in
from dashboard.scaling.pipeline.reading import LOG_LINES, Reading
from dashboard.scaling.reasons import Reasons
from dashboard.scaling.recent_events import RecentEvents
from dashboard.scaling.rescales import Heard
from dashboard.stack.health.reading import Hurried
from dashboard.store.projections import PodUse
from dashboard.store.sinks import Sinks
from dashboard.store.story import Story
from dashboard.store.times import seconds
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

    def ways(self) -> list[tuple[Row | None, Pipeline]]:
        """The way of the figures for each HPA that `take` has read, by its name; for none where there is no HPA."""

        def tail(namespace: str, pod: str, container: str, previous: bool) -> list[str]:
            lines = logs.tail(self.client, namespace, pod, container, lines=LOG_LINES, previous=previous)
            return [plain(line) for line in lines]

        facts = Reading(Hurried(self.client), tail, deployments_in(self.views), self.clock).facts()
        denied = {name: {"detail": each.detail} for name, each in self._states.items() if each.state == "forbidden"}
        hpas = sorted(self.views.rows("hpas").values(), key=lambda row: (str(row["namespace"]), str(row["name"])))
        found = [(hpa, judge(facts, self._reader(hpa, denied))) for hpa in hpas]
        return list(found) or [(None, judge(facts, Reader(None, (), now(), denied)))]

    def _reader(self, hpa: Row, denied: Mapping[str, Row]) -> Reader:
        """What an HPA said of a fault that has just been mended is not held against it; its condition has a time."""
        target = hpa["target"]
        wanted = (hpa["namespace"], target["kind"], target["name"])
        pods = [
            row
            for row in self.views.rows("pods").values()
            if not row["deleted_at"] and row["workload"]
            and (row["namespace"], row["workload"]["kind"], row["workload"]["name"]) == wanted
        ]  # fmt: skip
        failed = [each for each in hpa["conditions"] if each["type"] == "ScalingActive" and each["status"] == "False"]
        since = seconds(failed[0].get("since")) if failed else 0.0
        return Reader(hpa, pods, now(), denied, well_for_s=now().timestamp() - (since or 0.0))

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
