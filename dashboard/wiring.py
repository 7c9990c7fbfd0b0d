"""The only place that knows everyone: puts core, access, pages and sockets together for one process."""

from __future__ import annotations

import gevent

from dashboard.access.building import access_of, origins_of, proxies_of, ticker_of
from dashboard.access.gate import BODY_S, FOR_ANY_HOST, Gate, TooSlow
from dashboard.access.links import SignInLinks
from dashboard.access.rechecks import PERIOD_S
from dashboard.acting import ClusterActions
from dashboard.core import Core, connect
from dashboard.kube.reviews import Reviews
from dashboard.live.sockets import Sockets
from dashboard.settings import Settings
from dashboard.telemetry import Telemetry
from dashboard.web.factory import create_app
from dashboard.web.health import Inside
from dashboard.web.runs.kept import Runs
from dashboard.web.story.kept import KeptStory


class Dashboard:
    """The whole program of one process. Built idle; `start` begins the work, `wsgi` is what a server serves."""

    def __init__(self, settings: Settings, *, review_every_s: float = PERIOD_S) -> None:
        client = connect(settings, only_reads=settings.auth != "local")
        self.cluster_name = client.cluster.name
        self.core = Core(settings, client)
        origins = origins_of(settings)
        self.settings = settings
        self.links = SignInLinks(f"http://{settings.host}:{settings.port}", settings.data_dir)
        self.access = access = access_of(
            settings, self.links, origins, Reviews(client), self.core.audit.write,
            namespace=self.core.target.namespace, period_s=review_every_s,
        )  # fmt: skip
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
        access.sessions.on_close(lambda _session: self.sockets.look_again())
        if access.shares is not None:
            access.shares.open_sockets = self.sockets.admission.of_share
            access.shares.when_revoked = self.sockets.look_again
        inside.registry.register(self._telemetry())
        self.wsgi = Gate(
            app, origins, within=lambda: gevent.Timeout(BODY_S, TooSlow()), proxies=proxies_of(settings),
            any_host=() if settings.auth == "local" else FOR_ANY_HOST,
        )  # fmt: skip
        self._rechecks = ticker_of(access)

    def _telemetry(self) -> Telemetry:
        watching, hub = self.core.watching, self.sockets.hub
        return Telemetry(
            lambda: watching.reflectors, lambda: watching.detector.mismatches, lambda: hub.count,
            hub.sent, self.core.audit.counts, lambda: self.wsgi.answers,
        )  # fmt: skip

    def start(self) -> None:
        """Begins watching the cluster and sending to browsers."""
        self.core.start()
        self.sockets.start()
        self._rechecks.start()

    def stop(self) -> None:
        """Lets every browser go, then ends the watching."""
        self._rechecks.stop()
        self.sockets.stop()
        self.core.stop()
