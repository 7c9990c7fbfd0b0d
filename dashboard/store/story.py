"""What happened, newest last: Kubernetes' Events and our own actions, in plain sentences. Bounded, thread-safe.

An Event that leaves the cluster (they live an hour) stays in the story.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dashboard.store import sentences
from dashboard.store.flags import KINDS, Flags
from dashboard.store.times import iso, seconds
from dashboard.store.views import Views

VIEW = "story"
MOST = 500
JUST_NOW = 2.0  # seconds
Event = Any


class Story:
    """The views `story` and, for the moments that explain a curve, `flags`.

    `replicas_of(namespace, name)`: how many replicas an HPA's status last told of, or None.
    """

    def __init__(
        self,
        views: Views,
        *,
        now: Callable[[], float],
        replicas_of: Callable[[str, str], int | None] = lambda _namespace, _name: None,
    ) -> None:
        self.replicas_of = replicas_of
        self._views = views
        self._now = now
        self._flags = Flags(views)
        self._times: dict[str, str] = {}
        self._sizes: dict[tuple[str, str], int] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()

    def note(
        self,
        kind: str,
        text: str,
        *,
        about: Mapping[str, Any] | None = None,
        at: float | None = None,
        flag: str | None = None,
        key: str | None = None,
    ) -> None:
        """Something of our own: a swarm started, a bundle applied, a pod became ready.

        `about` is {kind, namespace, name}. Kinds that belong on the time axis get a flag too, with the text `flag`.
        The same `key` is told once.
        """
        with self._lock:
            if key in self._times:
                return
            key = key or f"note-{next(self._numbers)}"
            when = iso(self._moment(at))
            thing = dict(about) if about else None
            told = self._tell(key, kind=kind, at=when, about=thing, text=text, count=1)
            if told and kind in KINDS:
                self._flags.add(key, kind=kind, at=when, about=thing, sentence=text, text=flag)

    def event(self, event: Event) -> None:
        """An Event as it is now; seen again with a higher count it moves to the end."""
        with self._lock:
            done = sentences.rescale(event)
            if done is not None:
                self._rescaled(event, done)
                return
            self._tell(
                event.metadata.uid,
                kind=sentences.kind_of(event),
                at=time_of(event) or iso(self._now()),
                about=_about(event),
                text=sentences.sentence(event),
                count=_count(event),
            )

    def events(self, events: Iterable[Event]) -> None:
        """Many at once, such as a whole list: told in the order they happened, only the newest."""
        ordered = sorted(events, key=lambda each: time_of(each) or "")
        for event in ordered[-MOST:]:
            self.event(event)

    def _moment(self, at: float | None) -> float:
        """Kubernetes' times are whole seconds: what happened just now happened now, after what led to it."""
        now = self._now()
        return now if at is None or 0 <= now - at < JUST_NOW else at

    def forget(self) -> None:
        """Another cluster has another past."""
        with self._lock:
            self._times.clear()
            self._sizes.clear()
            self._flags.forget()
            self._views.replace(VIEW, {})

    def _rescaled(self, event: Event, done: sentences.Rescale) -> None:
        """Each rescale is a line and a flag of its own, though Kubernetes counts equal ones in one Event."""
        where = (event.involved_object.namespace or "", event.involved_object.name or "")
        key = f"{event.metadata.uid}-{_count(event)}"
        if key in self._times:
            return
        before = self._sizes.get(where, self.replicas_of(*where))
        before = None if before == done.size else before
        self._sizes[where] = done.size
        at, about = time_of(event) or iso(self._now()), _about(event)
        text = sentences.rescale_sentence(where[1], done, before=before)
        short = f"→ {done.size}" if before is None else f"{before} → {done.size}"
        if self._tell(key, kind="scaled", at=at, about=about, text=text, count=1):
            self._flags.add(key, kind="scaled", at=at, about=about, sentence=text, text=short)

    def _tell(self, key: str, *, kind: str, at: str, about: dict[str, Any] | None, text: str, count: int) -> bool:
        """False: older than all that is kept."""
        if len(self._times) >= MOST and key not in self._times and at < min(self._times.values()):
            return False
        self._times[key] = at
        self._views.put(VIEW, key, {"id": key, "t": at, "kind": kind, "object": about, "text": text, "count": count})
        if len(self._times) > MOST:
            oldest = min(self._times, key=lambda each: self._times[each])
            del self._times[oldest]
            self._views.remove(VIEW, oldest)
        return True


def time_of(event: Event) -> str | None:
    """When an Event last happened, in the one form in which times can be compared as text."""
    series = event.series.last_observed_time if event.series else None
    at = series or event.last_timestamp or event.event_time or event.first_timestamp
    when = seconds(at or event.metadata.creation_timestamp)
    return None if when is None else iso(when)


def _count(event: Event) -> int:
    return int((event.series.count if event.series else None) or event.count or 1)


def _about(event: Event) -> dict[str, Any]:
    about = event.involved_object
    return {"kind": about.kind, "namespace": about.namespace, "name": about.name}
