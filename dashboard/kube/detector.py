"""Catches a reflector that missed something: lists again, aside, and compares. It repairs by asking to relist.

A difference counts only when our side stood still around the list, so that changes in flight are not mistaken.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from dashboard.kube.clock import Clock
from dashboard.kube.decoding import Decoder
from dashboard.kube.errors import ApiError
from dashboard.kube.reflector import Reflector
from dashboard.kube.source import Source
from dashboard.kube.structs import KubeObject

log = logging.getLogger(__name__)

EVERY = 600.0  # seconds
SETTLE = 5.0  # how long an event may take from the server's store to ours


def differences(before: Mapping[str, str], listed: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The uids whose version differs from the list although ours did not move meanwhile."""
    return sorted(
        uid
        for uid in listed.keys() | after.keys()
        if after.get(uid) != listed.get(uid) and before.get(uid) == after.get(uid)
    )


class Detector:
    """Compares every reflector with the server, for ever."""

    def __init__(self, watched: Sequence[tuple[Reflector, Source]], *, clock: Clock) -> None:
        self.mismatches = 0
        self.failing: set[str] = set()  # resources that differed twice running: the process is not healthy
        self._suspected: set[str] = set()
        self._watched = watched
        self._clock = clock
        self._decoder = Decoder(KubeObject)

    def run(self) -> None:
        """Until the clock is stopped."""
        while True:
            self._clock.wait(EVERY)
            if self._clock.stopped:
                return
            for reflector, source in self._watched:
                try:
                    self.check(reflector, source)
                except ApiError as error:
                    log.info("%s: not compared with the server: %s", reflector.resource, error)

    def check(self, reflector: Reflector, source: Source) -> bool:
        """Compare one; False when it differed, and it was told to list again."""
        if reflector.state.state != "live":
            return True
        before = dict(reflector.versions)
        listed = {
            found.metadata.uid: found.metadata.resource_version
            for body in source.pages()
            for found in self._decoder.page(body).objects
        }
        self._clock.wait(SETTLE)
        lost = differences(before, listed, dict(reflector.versions))
        name = reflector.resource
        if not lost:
            self._suspected.discard(name)
            self.failing.discard(name)
            return True
        self.mismatches += 1
        log.error("%s: %d object(s) differ from the server (%s), listing again", name, len(lost), ", ".join(lost[:5]))
        if name in self._suspected:
            self.failing.add(name)
        self._suspected.add(name)
        reflector.relist()
        return False
