"""Keeps a sink equal to one collection of the API: list, watch, and what to do when either fails.

The rules are client-go's (list once, watch from there, list again only when the version is lost), with a state
that says plainly whether what the sink holds is current. One thread runs `run`; nothing else is shared but `state`,
`versions`, `relist` and `stop`. It must not know what the sink does.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from dashboard.kube.backoff import Backoff
from dashboard.kube.clock import Clock
from dashboard.kube.decoding import Decoder, ErrorEvent
from dashboard.kube.errors import (
    ApiError,
    Expired,
    Forbidden,
    Garbled,
    TooManyRequests,
    Unauthorized,
    Unreachable,
    has_lost_version,
)
from dashboard.kube.rules import Rule
from dashboard.kube.source import OpenWatch, Sink, Source
from dashboard.kube.structs import KubeObject

log = logging.getLogger(__name__)

State = Literal["syncing", "live", "stale", "forbidden", "down"]
FORBIDDEN_WAIT = 60.0  # permissions change by hand: once a minute is soon enough
SHORTEST_WATCH = 1.0  # a watch that ends sooner without a word is a failure, or we would spin
WATCH_SECONDS = (240, 300)  # the server ends it then, so that a rotated token is used and load spreads


@dataclass(frozen=True, slots=True)
class ReflectorState:
    """`since`: when this state began, or for `stale` when we last heard from the server (epoch seconds).

    `rule`: the right that is missing, when `forbidden`.
    """

    resource: str
    state: State
    since: float
    detail: str = ""
    rule: Rule | None = None


class _LostVersionError(Exception):
    """The version cannot be watched from any more: list again. Carries why."""


class Reflector:
    """One resource's list-and-watch."""

    def __init__(
        self,
        resource: str,
        source: Source,
        sink: Sink,
        *,
        struct: type[KubeObject],
        clock: Clock,
        luck: random.Random,
        report: Callable[[ReflectorState], None] = lambda _state: None,
    ) -> None:
        self.resource = resource
        self.versions: dict[str, str] = {}  # uid to resourceVersion, for the detector
        self.counts = {"lists": 0, "watches": 0, "failures": 0, "garbled": 0, "skipped": 0}
        self._source = source
        self._sink = sink
        self._decoder = Decoder(struct)
        self._clock = clock
        self._luck = luck
        self._backoff = Backoff(luck=luck)
        self._report = report
        self._version: str | None = None
        self._identity = ""
        self._check_identity = False
        self._heard = clock.now()
        self._synced = False
        self._open: OpenWatch | None = None
        self._relist = threading.Event()
        self.state = ReflectorState(resource, "syncing", clock.now())
        report(self.state)

    @property
    def phase(self) -> str:
        """The state by its name."""
        return self.state.state

    @property
    def heard_at(self) -> float:
        """When the server last said something, in epoch seconds; the start before it ever did."""
        return self._heard

    @property
    def has_synced(self) -> bool:
        """The sink has held the whole collection at least once."""
        return self._synced

    def relist(self) -> None:
        """Forget the version and list again; from any thread."""
        self._relist.set()
        self._close_watch()

    def retry(self) -> None:
        """Do not wait any longer after a failure; from any thread."""
        self._clock.wake()

    def stop(self) -> None:
        """End `run`; from any thread."""
        self._clock.stop()
        self._close_watch()

    def run(self) -> None:
        """Until stopped. No failure ends it."""
        while not self._clock.stopped:
            try:
                self._round()
            except Exception as error:
                log.exception("%s: an unforeseen failure, listing again", self.resource)
                self._version = None
                self._fail(Unreachable(f"unforeseen: {error}", reason="Defect"))

    def _round(self) -> None:
        try:
            if self._version is None or self._relist.is_set() or self._is_other_cluster():
                self._list()
            self._watch()
        except _LostVersionError as lost:
            self._version = None
            cause = lost.__cause__
            self._fail(cause if isinstance(cause, ApiError) else Expired(410, "Expired", str(lost)))
        except ApiError as error:
            self._fail(error)

    def _is_other_cluster(self) -> bool:
        """Asked after a failure only: the server may have come back as another one, with younger versions."""
        if not self._check_identity:
            return False
        other = self._source.identity() != self._identity
        self._check_identity = False
        return other

    # Listing

    def _list(self) -> None:
        self._relist.clear()
        self.counts["lists"] += 1
        identity = self._source.identity()
        objects: list[KubeObject] = []
        version = ""
        try:
            for body in self._source.pages():
                page = self._decoder.page(body)
                objects += page.objects
                version = page.resource_version or version
                self._count_skipped(page.skipped)
        except Expired as error:
            raise _LostVersionError("the list outlived its continue token") from error
        if not version:
            raise Garbled(f"the list of {self.resource} has no resourceVersion")
        self._sink.replace(objects)
        self.versions = {found.metadata.uid: found.metadata.resource_version for found in objects}
        self._version, self._identity, self._check_identity = version, identity, False
        self._synced = True
        self._hear()
        self._enter("live")

    # Watching

    def _watch(self) -> None:
        assert self._version is not None  # noqa: S101  _round lists first
        self.counts["watches"] += 1
        began = self._clock.steady()
        try:
            watch = self._source.watch(self._version, timeout_seconds=self._luck.randint(*WATCH_SECONDS))
        except ApiError as error:
            if has_lost_version(error):
                raise _LostVersionError(str(error)) from error
            raise
        self._open = watch
        if self._clock.stopped or self._relist.is_set():
            watch.close()  # whoever asked for it may have come before there was anything to close
        try:
            lines = self._consume(watch)
            self._hear()  # that it ends is a word too
        except Unreachable as error:
            if error.reason != "Silence":
                self._hear()  # it was there until it broke, however little it had to tell
            raise
        finally:
            self._open = None
            watch.close()
        if self._clock.stopped or self._relist.is_set():
            return
        if not lines and self._clock.steady() - began < SHORTEST_WATCH:
            raise Unreachable(f"the watch of {self.resource} ended at once", reason="VeryShortWatch")

    def _consume(self, watch: OpenWatch) -> int:
        self._hear()
        self._enter("live")
        lines = 0
        try:
            for text in watch.lines():
                if self._relist.is_set() or self._clock.stopped:
                    break
                lines += 1
                self._take(text)
                self._hear()
        except Garbled as error:
            self.counts["garbled"] += 1
            raise _LostVersionError(str(error)) from error
        except ErrorEvent as event:
            if isinstance(event.error, TooManyRequests):
                raise event.error from event
            raise _LostVersionError(str(event.error)) from event.error
        return lines

    def _take(self, text: bytes) -> None:
        line = self._decoder.line(text)
        found, meta = line.object, line.meta
        if line.change == "DELETED":
            self.versions.pop(meta.uid, None)
            self._sink.delete(found or KubeObject(metadata=meta))
        elif line.change != "BOOKMARK":
            if found is None:
                self._count_skipped(1)
            elif self.versions.get(meta.uid) != meta.resource_version:
                self.versions[meta.uid] = meta.resource_version
                self._sink.apply(found)
        # Only now: a version taken before its object was would lose the object if the sink failed.
        self._version = meta.resource_version

    # Failing

    def _fail(self, error: ApiError) -> None:
        self.counts["failures"] += 1
        self._check_identity = True
        if isinstance(error, Forbidden):
            self._enter("forbidden", detail=error.message, rule=error.rule and error.rule.of("list", "watch"))
            self._clock.wait(FORBIDDEN_WAIT)
            return
        if isinstance(error, Unauthorized):
            self._renew_credential()
        self._enter("stale" if self._synced else "down", detail=str(error))
        delay = self._backoff.after_failure(self._clock.steady(), retry_after=error.retry_after)
        log.info("%s: %s; again in %.1f s", self.resource, error, delay)
        self._clock.wait(delay)

    def _renew_credential(self) -> None:
        try:
            self._source.renew_credential()
        except ApiError as error:
            log.warning("%s: the credential cannot be read again: %s", self.resource, error)

    def _count_skipped(self, skipped: int) -> None:
        if skipped:
            self.counts["skipped"] += skipped
            log.warning("%s: %d object(s) could not be read and are not shown", self.resource, skipped)

    def _hear(self) -> None:
        self._heard = self._clock.now()

    def _enter(self, state: State, *, detail: str = "", rule: Rule | None = None) -> None:
        if self.state.state == state:
            if (detail, rule) != (self.state.detail, self.state.rule):
                self._publish(replace(self.state, detail=detail, rule=rule))
            return
        since = self._heard if state == "stale" else self._clock.now()
        self._publish(ReflectorState(self.resource, state, since, detail, rule))

    def _publish(self, state: ReflectorState) -> None:
        self.state = state
        self._report(state)

    def _close_watch(self) -> None:
        watch = self._open
        if watch is not None:
            watch.close()
