"""How every bundle stands, for everyone to see: the view `bundles`, kept by asking the cluster at intervals.

What cannot be read is `unknown`; nothing that was read earlier is shown as if it were so now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.bundles.bundle import Bundle, ObjectRef, ref_of
from dashboard.stack.bundles.options import with_options
from dashboard.stack.cluster import Locator, Manifest, Reader
from dashboard.stack.health.looking import look
from dashboard.stack.health.reading import Remembering
from dashboard.stack.health.summary import ObjectState, summed_up
from dashboard.store.views import Views

VIEW = "bundles"
TICK_S = 2.0
"""How often to call `tick`; a bundle that is being applied or removed is asked for each time."""

PERIOD_S = 10.0
"""How often for the others."""

BUSY = frozenset({"planning", "applying", "waiting", "pruning", "deleting"})
PASSING = (errors.Unreachable, errors.Unavailable, errors.Unauthorized, errors.TooManyRequests, errors.Garbled)
"""Failures that say nothing about the object that was asked for."""

NOT_OURS_TO_READ = "is not read: Secrets are not for the dashboard's own account"


class Known(Protocol):
    """As much of a catalogue as is needed here."""

    def all(self) -> Sequence[Bundle]: ...


class Recorded(Protocol):
    """As much of a revision as is needed here."""

    @property
    def number(self) -> int: ...
    @property
    def revision(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def options(self) -> Sequence[str]: ...


@dataclass(slots=True)
class BundleStates:
    """Keeps the view. `latest(bundle)` is the newest recorded revision.

    `now` is the wall clock, `clock` counts seconds. `reads_secrets`: whether our own account is to read Secrets at all.
    """

    catalogue: Known
    cluster: Reader
    views: Views
    latest: Callable[[str], Recorded | None]
    now: Callable[[], datetime]
    clock: Callable[[], float]
    reads_secrets: bool = True
    _due: dict[str, float] = field(default_factory=dict)
    _busy: frozenset[str] = frozenset()
    _locator: Locator | None = None

    def tick(self) -> None:
        """Asks for the bundles whose turn it is; called every two seconds or so."""
        bundles = self.catalogue.all()
        self._drop_all_but({bundle.name for bundle in bundles})
        busy = self._now_busy()
        # One more look when the work on it is over: that is what people wait for.
        soon = busy | self._busy if self._is_live() else {bundle.name for bundle in bundles}
        self._busy = busy
        due = [each for each in bundles if each.name in soon or self.clock() >= self._due.get(each.name, 0.0)]
        try:
            for bundle in due:
                self.views.put(VIEW, bundle.name, self._row(bundle))
                self._due[bundle.name] = self.clock() + PERIOD_S
        except PASSING as error:
            for bundle in bundles:
                self.views.put(VIEW, bundle.name, self._unknown(bundle, error))
            self.forget()

    def forget(self) -> None:
        """Everything is asked anew: the cluster was away, or is another one."""
        self._due.clear()
        self._locator = None

    def _now_busy(self) -> frozenset[str]:
        row = self.views.get("deploy", "current") or {}
        if row.get("state") not in BUSY:
            return frozenset()
        return frozenset([*(row.get("bundles") or ()), *([row["bundle"]] if row.get("bundle") else ())])

    def _is_live(self) -> bool:
        """Whether nobody doubts the connection; while somebody does, every tick asks."""
        row = self.views.get("connection", "cluster")
        return row is None or row.get("state") not in ("down", "stale")

    def _drop_all_but(self, names: Iterable[str]) -> None:
        for name in self.views.rows(VIEW).keys() - set(names):
            self.views.remove(VIEW, name)

    def _row(self, bundle: Bundle) -> dict[str, Any]:
        if self._locator is None:
            self._locator = Locator(self.cluster)
        reader = Remembering(self.cluster)
        states = [self._object(reader, self._locator, ref) for ref in refs_of(bundle)]
        if any(each.state == "absent" for each in states):
            self._locator.forget()  # its kind may be served the next time
        told = summed_up(states)
        if told[0] == "partial" and bundle.name in self._busy:  # what is missing is just being made, or taken away
            told = ("progressing", f"{_well(states)} of {len(states)} objects are well; it is being worked on.")
        return self._written(bundle, states, told, self._revision(bundle))

    def _unknown(self, bundle: Bundle, error: errors.ApiError) -> dict[str, Any]:
        states = [ObjectState(ref, "unknown", "") for ref in refs_of(bundle)]
        told = ("unknown", f"Cannot be read now: {error.message}")
        return self._written(bundle, states, told, (None, None))

    def _written(
        self, bundle: Bundle, states: Sequence[ObjectState], told: tuple[str, str],
        revision: tuple[Mapping[str, Any] | None, bool | None],
    ) -> dict[str, Any]:  # fmt: skip
        state, sentence = told
        return {
            "name": bundle.name,
            "title": bundle.title or bundle.name,
            "text": bundle.text,
            "own": bundle.own,
            "state": state,
            "sentence": sentence,
            "total": sum(not each.is_apart for each in states),
            "ok": None if state == "unknown" else _well(states),
            "objects": [each.document() for each in states],
            "revision": revision[0],
            "folder_changed": revision[1],
        }

    def _object(self, reader: Reader, locator: Locator, ref: ObjectRef) -> ObjectState:
        if ref.kind == "Secret" and not self.reads_secrets:
            return ObjectState(ref, "unknown", NOT_OURS_TO_READ, is_apart=True)
        try:
            live = reader.get(locator.path(_named(ref)))
        except errors.NotFound:
            return ObjectState(ref, "absent", "is not there")
        except Refused as refused:
            return ObjectState(ref, "absent", refused.sentence)
        except PASSING:
            raise
        except errors.Forbidden as error:
            why = error.rule.sentence if error.rule else error.message
            return ObjectState(ref, "unknown", f"may not be read: {why}", error.rule)
        except errors.ApiError as error:
            return ObjectState(ref, "unknown", f"cannot be read: {error.message}")
        found = look(reader, live, now=self.now())
        return ObjectState(ref, found.health.state, found.sentence)

    def _revision(self, bundle: Bundle) -> tuple[Mapping[str, Any] | None, bool | None]:
        """The newest record, and whether the folder holds something else; None where that is not known."""
        try:
            found = self.latest(bundle.name)
        except PASSING:
            raise
        except (errors.ApiError, Refused):
            return None, None
        if found is None:
            return None, None
        row = {each: getattr(found, each) for each in ("number", "revision", "at", "by", "state")}
        row["options"] = list(found.options)
        return row, None if found.state == "removed" else found.revision != _as_recorded(bundle, found).revision


def _as_recorded(bundle: Bundle, found: Recorded) -> Bundle:
    """What applying it again would apply; an option that is offered no more is a change."""
    try:
        return with_options(bundle, found.options)
    except Refused:
        return bundle


def _well(states: Sequence[ObjectState]) -> int:
    return sum(each.state in ("ok", "suspended") for each in states)


def _named(ref: ObjectRef) -> Manifest:
    named = {"name": ref.name, **({"namespace": ref.namespace} if ref.namespace else {})}
    return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": named}


def refs_of(bundle: Bundle) -> list[ObjectRef]:
    """All objects of a bundle, those made at deploy time included."""
    return [*(ref_of(each) for each in bundle.objects), *(each.ref for each in bundle.secrets)]
