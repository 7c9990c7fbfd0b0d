"""The only place that knows everyone: puts core, access, pages and sockets together for one process."""

from __future__ import annotations

import time

import gevent

from dashboard.access.gate import BODY_S, Gate, TooSlow
from dashboard.access.guard import Access
from dashboard.access.links import SignInLinks
from dashboard.access.origins import Origins
from dashboard.access.sessions import Sessions
from dashboard.acting import ClusterActions
from dashboard.core import Core, connect
from dashboard.live.sockets import Sockets
from dashboard.settings import Settings
from dashboard.telemetry import Telemetry
from dashboard.web.factory import create_app
from dashboard.web.health import Inside
from dashboard.web.runs.kept import Runs
from dashboard.web.story.kept import KeptStory


class Dashboard:
    """The whole program of one process. Built idle; `start` begins the work, `wsgi` is what a server serves."""

    def __init__(self, settings: Settings) -> None:
        client = connect(settings)
        self.cluster_name = client.cluster.name
        self.core = Core(settings, client)
        origins = Origins.loopback(settings.port)
        self.links = SignInLinks(f"http://{settings.host}:{settings.port}", settings.data_dir)
        access = Access(sessions=Sessions(time.time), links=self.links, origins=origins, port=settings.port)
        actions = ClusterActions(
            client, self.core.stack, self.core.swarms, self.core.starting, self.core.audit, self.core.target,
            self.core.data.killing, self.core.limits.starting, self.core.app_refused,
        )  # fmt: skip
        keeper = self.core.keeper
        story = KeptStory(keeper.archive, lambda: keeper.cluster, keeper.keep.count, keeper.keep.days)
        runs = Runs(self.core.archive, settings.runs_max_count, settings.runs_max_days)
        inside = Inside(lambda: self.core.watching.detector.failing)
        app = create_app(
            settings, views=self.core.views, actions=actions, access=access, runs=runs, story=story, inside=inside
        )
        self.sockets = Sockets(
            app, self.core.views, origins=sorted(origins.origins), authorize=access.authorize,
            viewers_max=settings.viewers_max, per_address=settings.viewers_per_address,
        )  # fmt: skip
        inside.registry.register(self._telemetry())
        self.wsgi = Gate(app, origins, within=lambda: gevent.Timeout(BODY_S, TooSlow()))

    def _telemetry(self) -> Telemetry:
        watching, hub = self.core.watching, self.sockets.hub
        return Telemetry(
            lambda: watching.reflectors, lambda: watching.detector.mismatches, lambda: hub.count,
            hub.sent, self.core.audit.counts,
        )  # fmt: skip

    def start(self) -> None:
        """Begins watching the cluster and sending to browsers."""
        self.core.start()
        self.sockets.start()

    def stop(self) -> None:
        """Lets every browser go, then ends the watching."""
        self.sockets.stop()
        self.core.stop()
