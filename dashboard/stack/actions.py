"""Deploying and tearing down on behalf of a person: one at a time, in the background, told in the view `deploy`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.errors import Refused
from dashboard.stack.applying.applier import Applier
from dashboard.stack.applying.progress import Progress, State
from dashboard.stack.applying.teardown import Teardown
from dashboard.stack.bundles import reading as bundles
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.cluster import Cluster

log = logging.getLogger(__name__)

UNEXPECTED = "Something unexpected went wrong; the dashboard's log tells what. Try again."


@dataclass(slots=True)
class Stack:
    """`publish` takes the row of the view; `note(kind, sentence, flag=…)` is the story; `spawn(work)` works aside."""

    cluster: Cluster
    bundles_dir: Path
    publish: Callable[[Mapping[str, Any]], None]
    note: Callable[..., None]
    now: Callable[[], datetime]
    clock: Callable[[], float]
    sleep: Callable[[float], Any]
    spawn: Callable[[Callable[[], None]], Any]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _progress: Progress | None = None
    """Of the work under way, or of the last one."""
    _cancelled: threading.Event = field(default_factory=threading.Event)

    def names(self) -> list[str]:
        """The bundles there are, in the order they are deployed."""
        return [bundle.name for bundle in bundles.read_all(self.bundles_dir)]

    def deploy(self, names: Sequence[str], *, by: str) -> None:
        """Starts deploying; returns at once. Raises Refused for an unknown bundle or while another one works."""
        chosen = self._chosen(names)
        progress = self._begin("planning")
        names = ", ".join(bundle.name for bundle in chosen)
        self.note("apply", f"Deploying {names}, asked for by {by}", flag="deploy")
        self.spawn(lambda: self._deploy(chosen, progress))

    def cancel(self) -> None:
        """Stops after the object at hand; what is applied stays."""
        if self._progress is None or self._progress.is_over or self._progress.state == "deleting":
            raise Refused("Nothing is being deployed.", status=409)
        self._cancelled.set()

    def teardown(self, name: str, *, by: str) -> None:
        """Starts removing one bundle; returns at once."""
        (bundle,) = self._chosen([name])
        progress = self._begin("deleting")
        self.note("apply", f"Removing {name}, asked for by {by}", flag="remove")
        self.spawn(lambda: self._remove(bundle, progress))

    def _chosen(self, names: Sequence[str]) -> list[Bundle]:
        known = {bundle.name: bundle for bundle in bundles.read_all(self.bundles_dir)}
        unknown = [name for name in names if name not in known]
        if unknown or not names:
            asked = f"There is no bundle {', '.join(unknown)}" if unknown else "No bundle was chosen"
            raise Refused(f"{asked}; there are {', '.join(known)}.", status=422)
        return [bundle for name, bundle in known.items() if name in names]

    def _begin(self, state: State) -> Progress:
        """Whoever sees that the last work is over may begin the next; whoever has begun sees that it is under way."""
        with self._lock:
            if self._progress is not None and not self._progress.is_over:
                raise Refused("A deploy or teardown is under way; wait for it or cancel it.", status=409)
            self._cancelled.clear()
            self._progress = Progress(self.publish, self.now)
            self._progress.start([], state=state)
            return self._progress

    def _deploy(self, chosen: Sequence[Bundle], progress: Progress) -> None:
        try:
            Applier(self.cluster, progress, self._cancelled, self.clock, self.sleep).apply(chosen)
        except Exception:  # the outermost frame of a thread: without this the page would show it under way for ever
            log.exception("deploying failed")
            progress.finish("failed", UNEXPECTED)
        self._tell(progress, "deployed", chosen)

    def _remove(self, bundle: Bundle, progress: Progress) -> None:
        try:
            Teardown(self.cluster, progress, self.clock, self.sleep).remove(bundle)
        except Exception:  # as above
            log.exception("removing failed")
            progress.finish("failed", UNEXPECTED)
        self._tell(progress, "removed", [bundle])

    def _tell(self, progress: Progress, done: str, chosen: Sequence[Bundle]) -> None:
        names = ", ".join(bundle.name for bundle in chosen)
        if progress.state == "done":
            self.note("apply", f"{names} {done}", flag=done)
        elif progress.state == "cancelled":
            self.note("apply", f"{names} not {done}: it was stopped", flag="stopped")
        else:
            self.note("warning", f"{names} not {done}: {progress.error}")
