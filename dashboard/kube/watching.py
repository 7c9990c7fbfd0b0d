"""One reflector a resource, one thread a reflector: started once, stopped once. It must not know what sinks do."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator, Mapping

from dashboard.kube import requests
from dashboard.kube.client import KubeClient
from dashboard.kube.clock import RealClock
from dashboard.kube.detector import Detector
from dashboard.kube.errors import ApiError
from dashboard.kube.reflector import Reflector, ReflectorState
from dashboard.kube.resources import BY_PLURAL, Resource
from dashboard.kube.source import Sink
from dashboard.kube.streams import Stream

log = logging.getLogger(__name__)

SILENCE = 70.0  # seconds: servers send a bookmark a minute, so a longer silence is a dead connection
_BIRTHPLACE = "/api/v1/namespaces/kube-system"


class ClusterIdentity:
    """Which cluster answers: the uid of its `kube-system`.

    `on_change` is called once for each new one that comes after another, and `on_known` then for each, the first too.
    """

    def __init__(
        self,
        client: KubeClient,
        *,
        on_change: Callable[[], None] = lambda: None,
        on_known: Callable[[str], None] = lambda _cluster: None,
    ) -> None:
        self._client = client
        self._on_change = on_change
        self._on_known = on_known
        self._known = ""
        self._lock = threading.Lock()

    def __call__(self) -> str:
        """Ask; a credential that may not read that namespace knows only the address."""
        try:
            found = str(self._client.get(_BIRTHPLACE)["metadata"]["uid"])
        except ApiError as error:
            if error.status not in {403, 404}:
                raise
            found = self._client.cluster.server
        with self._lock:
            before, self._known = self._known, found
            if before and before != found:
                log.warning("another cluster answers now: everything is read anew")
                self._on_change()
            if before != found:
                self._on_known(found)
        return found


class ApiSource:
    """One resource's collection, of all namespaces, as a reflector reads it."""

    def __init__(
        self, client: KubeClient, resource: Resource, *, identity: Callable[[], str], silence: float = SILENCE
    ) -> None:
        self._client = client
        self._path = resource.path()
        self._identity = identity
        self._silence = silence

    def identity(self) -> str:
        return self._identity()

    def pages(self) -> Iterator[bytes]:
        return self._client.list_pages(self._path)

    def watch(self, resource_version: str, /, *, timeout_seconds: int) -> Stream:
        request = requests.watching(self._path, resource_version=resource_version, timeout_seconds=timeout_seconds)
        return self._client.stream(request.path, query=request.query, timeout=(5.0, self._silence))

    def renew_credential(self) -> None:
        self._client.reload()


class Watching:
    """All reflectors and their detector.

    `sinks` by plural name: only resources with a sink are watched. `report` hears every change of state;
    `on_other_cluster` is called before the first list from another cluster reaches a sink, `on_cluster` before that of
    any, with what is known it by.
    """

    def __init__(
        self,
        client: KubeClient,
        sinks: Mapping[str, Sink],
        *,
        report: Callable[[ReflectorState], None],
        on_other_cluster: Callable[[], None] = lambda: None,
        on_cluster: Callable[[str], None] = lambda _cluster: None,
        luck: random.Random | None = None,
    ) -> None:
        self._report = report
        identity = ClusterIdentity(client, on_change=on_other_cluster, on_known=on_cluster)
        luck = luck or random.Random()  # noqa: S311  jitter, not secrets
        self._pairs: list[tuple[Reflector, ApiSource]] = []
        for plural, sink in sinks.items():
            resource = BY_PLURAL[plural]
            source = ApiSource(client, resource, identity=identity)
            reflector = Reflector(
                plural, source, sink, struct=resource.struct, clock=RealClock(), luck=luck, report=self._heard
            )
            self._pairs.append((reflector, source))
        self._detector_clock = RealClock()
        self.detector = Detector(self._pairs, clock=self._detector_clock)
        self._threads: list[threading.Thread] = []

    def _heard(self, state: ReflectorState) -> None:
        """When the server answers one of them again, the others need not wait out their pauses."""
        self._report(state)
        if state.state == "live":
            for reflector in self.reflectors:
                if reflector.state.state in ("stale", "down"):
                    reflector.retry()

    @property
    def reflectors(self) -> list[Reflector]:
        """For health and metrics."""
        return [reflector for reflector, _ in self._pairs]

    @property
    def has_synced(self) -> bool:
        """Every resource that we may read has been read once."""
        return all(one.has_synced or one.state.state == "forbidden" for one in self.reflectors)

    def start(self) -> None:
        """Once."""
        workers = [(reflector.resource, reflector.run) for reflector in self.reflectors]
        for name, run in [*workers, ("detector", self.detector.run)]:
            thread = threading.Thread(target=run, name=f"watch-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, *, patience: float = 5.0) -> None:
        """End all threads; those stuck in a dead connection are left behind (they are daemons)."""
        self._detector_clock.stop()
        for reflector in self.reflectors:
            reflector.stop()
        for thread in self._threads:
            thread.join(patience)
