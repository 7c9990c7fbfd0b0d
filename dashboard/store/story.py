"""What happened, newest last: Kubernetes' Events and our own actions, in plain sentences. Bounded, thread-safe.

An Event that leaves the cluster (they live an hour) stays in the story. `quiet` lines are routine: how pods start, what
controllers do all day. What is quiet may become loud and the other way, when more is known.
"""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.store import alarms, sentences
from dashboard.store.decisions import Decision
from dashboard.store.flags import KINDS, Flags
from dashboard.store.times import iso, seconds
from dashboard.store.views import Views

VIEW = "story"
MOST = 500
JUST_NOW = 2.0  # seconds
LONGEST = 4000
"""Characters of one line; what an Event may say is less."""
ROW = ("id", "t", "kind", "object", "text", "count", "quiet", "first", "by", "reason")
Event = Any


@dataclass(frozen=True, slots=True)
class _Rescaled:
    """A rescale that an Event told of; `where`: namespace and name of the HPA, `before`: replicas as far as known."""

    key: str
    where: tuple[str, str]
    done: sentences.Rescale
    at: str
    about: dict[str, Any]
    before: int | None
    by: str | None


class Story:
    """The views `story` and, for the moments that explain a curve, `flags`.

    `replicas_of(namespace, name)`: how many replicas an HPA's status last told of, or None. `decision_of(namespace,
    name)`: the rescale its status was written with, or None. `is_alarm(event, at)`: whether a warning that belongs to
    the start of something is one.
    """

    def __init__(
        self,
        views: Views,
        *,
        now: Callable[[], float],
        replicas_of: Callable[[str, str], int | None] = lambda _namespace, _name: None,
    ) -> None:
        self.replicas_of = replicas_of
        self.decision_of: Callable[[str, str], Decision | None] = lambda _namespace, _name: None
        self.is_alarm: Callable[[Event, float | None], bool] = lambda _event, _at: True
        self.scrub: Callable[[str], str] = lambda text: text
        self._views = views
        self._now = now
        self._notes = f"note-{secrets.token_hex(4)}"  # what a file keeps of an earlier process has other keys
        self._flags = Flags(views)
        self._times: dict[str, str] = {}
        self._sizes: dict[tuple[str, str], int] = {}
        self._unexplained: dict[tuple[str, str], _Rescaled] = {}
        self._unsettled: dict[str, Event] = {}
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
        quiet: bool = False,
        by: str | None = None,
    ) -> None:
        """Something of our own: a swarm started, a bundle applied, a pod became ready.

        `about` is {kind, namespace, name}; `by` whoever asked for it. Kinds that belong on the time axis get a flag
        too, with the text `flag`. The same `key` is told once.
        """
        with self._lock:
            if key in self._times:
                return
            key = key or f"{self._notes}-{next(self._numbers)}"
            text = self._said(sentences.ended(text))
            when = iso(self._moment(at))
            thing = dict(about) if about else None
            told = self._tell(key, kind=kind, at=when, about=thing, text=text, quiet=quiet, by=by)
            if told and kind in KINDS:
                self._flags.add(key, kind=kind, at=when, about=thing, sentence=text, text=flag)

    def retell(self, key: str, text: str) -> None:
        """More is known of what was told; nothing when it is forgotten."""
        with self._lock:
            line = self._views.get(VIEW, key)
            if line is not None:
                self._views.put(VIEW, key, {**line, "text": self._said(text)})

    def event(self, event: Event) -> None:
        """An Event as it is now; seen again with a higher count it moves to the end."""
        with self._lock:
            done = sentences.rescale(event)
            if done is not None:
                self._rescaled(event, done)
                return
            key, kind, at = event.metadata.uid, sentences.kind_of(event), time_of(event) or iso(self._now())
            quiet = kind == "normal" or sentences.is_echo(event)
            if alarms.may_settle(event):
                quiet = not self.is_alarm(event, seconds(at))
                self._unsettled[key] = event
            self._tell(
                key, kind=kind, at=at, about=_about(event), text=self._said(sentences.sentence(event)),
                count=_count(event), quiet=quiet, first=_first(event), by=_reporter(event), reason=event.reason,
            )  # fmt: skip

    def decided(self, namespace: str, name: str) -> None:
        """An HPA's status came with a rescale: the Event before it can be told with its figures."""
        with self._lock:
            waiting = self._unexplained.get((namespace, name))
            if waiting is not None:
                self._tell_rescale(waiting)

    def settled(self, namespace: str | None = None, name: str | None = None) -> None:
        """A pod or an HPA has got going: judge its warnings anew. Without a name: all of them."""
        with self._lock:
            for key, event in list(self._unsettled.items()):
                about, line = event.involved_object, self._views.get(VIEW, key)
                if line is None:
                    del self._unsettled[key]
                elif name is None or (about.namespace, about.name) == (namespace, name):
                    quiet = not self.is_alarm(event, seconds(line["t"]))
                    self._views.put(VIEW, key, {**line, "quiet": quiet})

    def events(self, events: Iterable[Event]) -> None:
        """Many at once, such as a whole list: told in the order they happened, only the newest."""
        ordered = sorted(events, key=lambda each: time_of(each) or "")
        for event in ordered[-MOST:]:
            self.event(event)

    def restore(self, rows: Iterable[Mapping[str, Any]], flagged: Iterable[Mapping[str, Any]] = ()) -> None:
        """What was told earlier, oldest first, as a file kept it; told again it is the same line, not another one.

        `flagged`: the lines that had a `flag` on the time axis, which may be older.
        """
        with self._lock:
            for row in rows:
                if row["id"] not in self._times:
                    self._put(row["id"], {name: row[name] for name in ROW})
            for row in flagged:
                self._flags.add(
                    row["id"], kind=row["kind"], at=row["t"], about=row["object"], sentence=row["text"],
                    text=row["flag"],
                )  # fmt: skip

    def _said(self, text: str) -> str:
        """Without what looks like a credential, and not without end."""
        text = self.scrub(text)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

    def _moment(self, at: float | None) -> float:
        """Kubernetes' times are whole seconds: what happened just now happened now, after what led to it."""
        now = self._now()
        return now if at is None or 0 <= now - at < JUST_NOW else at

    def forget(self) -> None:
        """Another cluster has another past."""
        with self._lock:
            self._times.clear()
            for known in (self._sizes, self._unexplained, self._unsettled):
                known.clear()
            self._flags.forget()
            self._views.replace(VIEW, {})

    def _rescaled(self, event: Event, done: sentences.Rescale) -> None:
        """Each rescale is a line and a flag of its own, though Kubernetes counts equal ones in one Event."""
        where = (event.involved_object.namespace or "", event.involved_object.name or "")
        key = f"{event.metadata.uid}-{_count(event)}"
        if key in self._times:
            return
        before = self._sizes.get(where, self.replicas_of(*where))
        self._sizes[where] = done.size
        before = None if before == done.size else before
        at = time_of(event) or iso(self._now())
        self._tell_rescale(_Rescaled(key, where, done, at, _about(event), before, _reporter(event)))

    def _tell_rescale(self, told: _Rescaled) -> None:
        """With the figures it was decided by if the HPA's status is here already, else once it comes."""
        found, size = self.decision_of(*told.where), told.done.size
        known = found is not None and found.explains(size=size, at=seconds(told.at))
        before = found.before if found is not None and known else told.before
        reason = found.reason if found is not None and known else None
        text = self._said(sentences.rescale_sentence(told.where[1], told.done, before=before, reason=reason))
        short = f"→ {size}" if before is None else f"{before} → {size}"
        if known:
            self._unexplained.pop(told.where, None)
        else:
            self._unexplained[told.where] = told
        by = told.by
        if self._tell(
            told.key, kind="scaled", at=told.at, about=told.about, text=text, by=by, reason="SuccessfulRescale"
        ):
            self._flags.add(told.key, kind="scaled", at=told.at, about=told.about, sentence=text, text=short)

    def _tell(
        self,
        key: str,
        *,
        kind: str,
        at: str,
        about: dict[str, Any] | None,
        text: str,
        count: int = 1,
        quiet: bool = False,
        first: str | None = None,
        by: str | None = None,
        reason: str | None = None,
    ) -> bool:
        """False: older than all that is kept."""
        row = {
            "id": key, "t": at, "kind": kind, "object": about, "text": text, "count": count, "quiet": quiet,
            "first": first or at, "by": by, "reason": reason,
        }  # fmt: skip
        return self._put(key, row)

    def _put(self, key: str, row: dict[str, Any]) -> bool:
        at = row["t"]
        if len(self._times) >= MOST and key not in self._times and at < min(self._times.values()):
            return False
        self._times[key] = at
        self._views.put(VIEW, key, row)
        if len(self._times) > MOST:
            oldest = min(self._times, key=lambda each: self._times[each])
            del self._times[oldest]
            self._unsettled.pop(oldest, None)
            self._views.remove(VIEW, oldest)
        return True


def time_of(event: Event) -> str | None:
    """When an Event last happened, in the one form in which times can be compared as text."""
    series = event.series.last_observed_time if event.series else None
    at = series or event.last_timestamp or event.event_time or event.first_timestamp
    when = seconds(at or event.metadata.creation_timestamp)
    return None if when is None else iso(when)


def _first(event: Event) -> str | None:
    when = seconds(event.first_timestamp or event.event_time or event.metadata.creation_timestamp)
    return None if when is None else iso(when)


def _reporter(event: Event) -> str | None:
    """The component that tells of it."""
    return (event.source.component if event.source else None) or event.reporting_component or None


def _count(event: Event) -> int:
    return int((event.series.count if event.series else None) or event.count or 1)


def _about(event: Event) -> dict[str, Any]:
    about = event.involved_object
    return {"kind": about.kind, "namespace": about.namespace, "name": about.name}
