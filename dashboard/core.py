"""Everything but the browser's side, wired for one cluster: reflectors, views, stack, swarms, samples, reasons."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from dashboard.audit import FILE_NAME as AUDIT
from dashboard.audit import Audit
from dashboard.confirming import Plans
from dashboard.data.tier import tier
from dashboard.kube import config, errors, logs, metrics
from dashboard.kube.client import KubeClient
from dashboard.kube.credential import in_their_name
from dashboard.kube.read_only import ReadOnlyClient
from dashboard.kube.reflector import ReflectorState
from dashboard.kube.watching import Watching
from dashboard.kube.within import only_in
from dashboard.limits.bounds import SHOW_EVERY_S, bounds
from dashboard.load.creation import Creation
from dashboard.load.following import Follower
from dashboard.load.guard import Guard
from dashboard.load.row import NONE
from dashboard.load.starting import Starting
from dashboard.load.surroundings import Surroundings
from dashboard.load.swarms import Swarms
from dashboard.load.turn import EXPERIMENT, Turn
from dashboard.load.workloads import Templates
from dashboard.redaction import plain, scrub
from dashboard.runs.archive import FILE_NAME, Archive
from dashboard.runs.recorder import Keep, Recorder
from dashboard.scaling.deciding import Decisions
from dashboard.scaling.pipeline.keeping import Pipelines, deployments_in
from dashboard.scaling.pipeline.reading import LOG_LINES, Reading
from dashboard.scaling.reasons import Reasons
from dashboard.scaling.recent_events import RecentEvents
from dashboard.scaling.rescales import Heard
from dashboard.scaling.sampler import Sampler
from dashboard.settings import Settings
from dashboard.stack.actions import Stack
from dashboard.stack.applying.progress import IDLE
from dashboard.stack.bundles.catalogue import Catalogue
from dashboard.stack.health.reading import Hurried
from dashboard.stack.health.state import TICK_S, BundleStates
from dashboard.stack.presence import Presence
from dashboard.store.connection import Connection
from dashboard.store.projections import PodUse
from dashboard.store.sinks import Sinks
from dashboard.store.story import Story
from dashboard.store.views import Views
from dashboard.story.archive import FILE_NAME as STORY
from dashboard.story.archive import StoryArchive
from dashboard.story.decided import Decided
from dashboard.story.keeper import Keep as KeepLines
from dashboard.story.keeper import Keeper
from dashboard.ticker import Ticker

log = logging.getLogger(__name__)

METRICS_PERIOD_S = 3.0
"""metrics-server answers anew every 15 s; asking more often shows a new figure within 3 s of its coming."""


def connect(settings: Settings, *, only_reads: bool = False) -> KubeClient:
    """The client for the configured cluster; opens no connection. Raises ApiError when it cannot be configured."""
    if settings.kubeconfig is None and settings.in_cluster:
        cluster = config.in_cluster()
    else:
        path = str(settings.kubeconfig) if settings.kubeconfig else None
        cluster = config.from_kubeconfig(path, context=settings.context)
    return ReadOnlyClient(cluster) if settings.read_only else KubeClient(cluster, only_reads=only_reads)


def now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def stack_on(
    settings: Settings, client: KubeClient, *, publish: Callable[[Mapping[str, Any]], None], note: Callable[..., None]
) -> Stack:
    """Deploying on one cluster; `publish` takes the row of the progress, `note` the story."""
    own = [settings.stacks_dir] if settings.stacks_dir else []
    catalogue = Catalogue(settings.bundles_dir, own, settings.stacks_cluster_scoped)
    return Stack(
        client, catalogue, publish, note, now, time.monotonic, time.sleep, _in_background, settings.records_namespace
    )


class Core:
    """Built idle; `start` begins watching and ticking."""

    def __init__(self, settings: Settings, client: KubeClient) -> None:
        self.client = client
        self.views = Views()
        self.story = Story(self.views, now=time.time)
        self.story.scrub = scrub
        self.keeper = Keeper(
            StoryArchive(settings.data_dir / STORY), self.views, self.story, server=client.cluster.server, now=now,
            clock=time.monotonic, keep=KeepLines(settings.story_max_count, settings.story_max_days),
        )  # fmt: skip
        self.sinks = Sinks(self.views, story=self.story, now=time.time)
        self.connection = Connection(self.views, cluster=client.cluster.name, server=client.cluster.server)
        self.decisions = Decisions(self.views, now)
        self.recent = RecentEvents(Heard(self.sinks.by_resource["events"], self.decisions.hear))
        self.watching = Watching(
            client,
            only_in(settings.namespaces, {**self.sinks.by_resource, "events": self.recent}),
            report=self._report,
            on_other_cluster=self._on_other_cluster,
            on_cluster=self.keeper.on_cluster,
        )
        self.target = settings.targets[0]
        self.audit = Audit(settings.data_dir / AUDIT, now)
        self._deployed_at: str | None = None
        self.stack = stack_on(settings, client, publish=self._publish_deploy, note=self.story.note)
        self.bundle_states = BundleStates(
            self.stack.catalogue, Hurried(client), self.views, self.stack.revisions.latest,
            now, time.monotonic, reads_secrets=settings.auth == "local",
        )  # fmt: skip
        self._wire_swarms(settings)
        self.sampler = Sampler(self.views, self.target.namespace, self.target.service, now)
        self.reasons = Reasons(self.views, now, self.recent, self.decisions.changed_by)
        self.pipelines = self._pipelines()
        self.presence = Presence(self.views, self.target, client.cluster.server, client.get)
        self.data = tier(
            client, self.views, self.target, audit=self.audit, now=now, set_role=self.sinks.set_role,
            note=self.story.note, refused=self._refused, background=_in_background,
        )  # fmt: skip
        self.limits = bounds(
            client, self.views, bundles_dir=settings.bundles_dir, data_dir=settings.data_dir, audit=self.audit,
            turn=Turn(client, now, EXPERIMENT), held=self._held, refused=self._refused,
            is_loaded=self.swarms.refuse_if_active, note=self.story.note, now=now, namespaces=settings.namespaces,
        )  # fmt: skip
        self.archive = Archive(settings.data_dir / FILE_NAME)
        self.recorder = Recorder(
            self.archive, self.views, self.sampler, now, time.monotonic, note=self.story.note,
            keep=Keep(settings.runs_max_count, settings.runs_max_days),
        )  # fmt: skip
        self.follower = Follower(settings.data_dir, client.cluster.server)
        self.decided = Decided(self.views, self.story.note, self.keeper.explained, time.time)
        self.tickers = self._tickers()

    def _wire_swarms(self, settings: Settings) -> None:
        client, note = self.client, self.story.note
        targets = {each.id: each for each in settings.targets}
        creation = Creation(client, Templates.read(settings.bundles_dir, settings.locustfiles_dir))
        around = Surroundings(client, self._ready, time.monotonic)
        guard = Guard(client, self.audit, now, time.monotonic, client.cluster.server, around.look)
        self.swarms = Swarms(
            client, creation, guard, targets, self._publisher("swarm"), note, now, time.monotonic,
            refused=partial(self._refused, "swarm"), only_reads=client.only_reads,
        )  # fmt: skip
        self.starting = Starting(
            client, self.swarms, guard, creation, Plans(time.monotonic), targets, note, now
        )  # fmt: skip

    def _pipelines(self) -> Pipelines:
        def tail(namespace: str, pod: str, container: str, previous: bool) -> list[str]:
            lines = logs.tail(self.client, namespace, pod, container, lines=LOG_LINES, previous=previous)
            return [plain(line) for line in lines]

        reading = Reading(Hurried(self.client), tail, deployments_in(self.views))
        return Pipelines(self.views, reading, self._hpa_in_view, now, time.monotonic)

    def _hpa_in_view(self) -> Mapping[str, Any] | None:
        """The one the Stage is about: of the Service under load, else the first by name."""
        rows = sorted(self.views.rows("hpas").values(), key=lambda row: (row["namespace"], row["name"]))
        return self.sampler.hpa() or next(iter(rows), None)

    def _held(self, plural: str) -> list[Any]:
        return list(self.sinks.by_resource[plural].held.values())

    def _ready(self) -> int | None:
        ready: int | None = self.sampler.sample()["ready"]
        return ready

    def start(self) -> None:
        """Begins watching the cluster and following what goes on."""
        self._publish_idle()
        self.keeper.start()
        self.recorder.start()
        self.watching.start()
        for ticker in self.tickers:
            ticker.start()
        try:
            self.follower.claim()
        except OSError as error:
            log.warning("commands will not know that swarms are followed here: %s", error)

    def stop(self) -> None:
        """Ends all threads; a running swarm goes on until its deadline or until a dashboard takes it up again."""
        self.follower.release()
        for ticker in self.tickers:
            ticker.stop()
        self.recorder.stop()
        self.watching.stop(patience=1.0)
        self.keeper.stop()
        self.client.close()

    def read_metrics(self) -> None:
        """Asks metrics.k8s.io; without an answer the figures are unknown from now on."""
        try:
            found = metrics.pod_metrics(self.client)
        except errors.ApiError as error:
            self._refused("metrics", error)
            found = {}
        else:
            self._refused("metrics", None)
        self.sinks.set_metrics(
            {
                name: PodUse(each.cpu_millicores, each.memory_bytes, each.timestamp, each.window_s)
                for name, each in found.items()
            }
        )

    def _tickers(self) -> list[Ticker]:
        return [
            Ticker("swarm", 1.0, [self.swarms.tick]),
            Ticker(
                "samples",
                1.0,
                [self.presence.tick, self.reasons.tick, self.decisions.tick, self.sampler.tick, self.recorder.tick],
            ),
            Ticker("metrics", METRICS_PERIOD_S, [self.read_metrics, self.pipelines.tick]),
            Ticker("bundles", TICK_S, [self.bundle_states.tick]),
            Ticker("members", 2.0, [self.data.members.tick, self.presence.find_address]),
            Ticker("belongings", 3.0, [self.data.belongings.tick]),
            Ticker("story", 1.0, [self.decided.tick, self.keeper.tick]),
            Ticker("limits", SHOW_EVERY_S, [self.limits.reading.tick, self.limits.board.tick]),
            Ticker("blast", 1.0, [self.limits.experiment.tick, self.limits.taking_up.tick]),
            Ticker("housekeeping", 30.0, [self.sinks.tick]),
            Ticker("adoption", 2.0, [self._adopt]),
        ]

    def _adopt(self) -> None:
        """That the cluster does not answer is told by the connection's sign."""
        if self.swarms.is_active:
            return
        try:
            self.swarms.adopt()
        except errors.ApiError as error:
            self._refused("swarm", error)
        else:
            self._refused("swarm", None)

    def _publish_idle(self) -> None:
        self.views.put("deploy", "current", IDLE)
        self.views.put("swarm", "current", NONE)
        self.data.begin()
        self.limits.begin()

    def _publish_deploy(self, row: Mapping[str, Any]) -> None:
        """The row, and for the record how each deploy, roll-back and teardown ended, once."""
        self.views.put("deploy", "current", row)
        ended, before = row.get("finished_at"), self._deployed_at
        self._deployed_at = ended
        if ended and ended != before:
            self.audit.write(
                f"{row.get('action')} end", by=str(row.get("by")), outcome=str(row.get("state")),
                target=row.get("bundles"), why=row.get("error"),
            )  # fmt: skip

    def _publisher(self, view: str) -> Callable[[Any], None]:
        return lambda row: self.views.put(view, "current", row)

    def _report(self, state: ReflectorState) -> None:
        rule = state.rule.document() if state.rule else None
        self.connection.report(
            state.resource, state=state.state, since=state.since, detail=state.detail, rule=rule
        )  # fmt: skip

    def app_refused(self, error: errors.ApiError | None) -> None:
        """Whether the app in the frame may be asked."""
        self._refused("app", error)

    def _refused(self, read: str, error: errors.ApiError | None) -> None:
        """Whether something that is asked for now and then may be read; other failures say nothing about that."""
        if isinstance(error, errors.Forbidden):
            rule = error.rule.of_all().document() if error.rule else None
            self.connection.refused(read, at=time.time(), detail=error.message, rule=rule)
        elif error is None:
            self.connection.allowed(read)

    def _on_other_cluster(self) -> None:
        self.sinks.forget()
        self.bundle_states.forget()
        self.pipelines.forget()
        self.connection.rewrite()
        self._publish_idle()


def _in_background(work: Callable[[], None]) -> None:
    threading.Thread(target=in_their_name(work), name="deploy", daemon=True).start()
