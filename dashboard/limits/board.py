"""Puts together what the Limits page shows, every few seconds: the views limits, containers, memory, oom, blocked.

It reads what others hold and calls pure functions; it must not ask the cluster itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from dashboard.limits import blocked, containers, memory, oom, quotas, ranges
from dashboard.limits.ranges import Default
from dashboard.limits.reading import FORBIDDEN, LIVE, STALE, SYNCING, Read, Reading

Row = Mapping[str, Any]
VIEWS = ("limits", "containers", "memory", "oom", "blocked")
_WORST = (FORBIDDEN, STALE, SYNCING, LIVE)


class Views(Protocol):
    """The part of dashboard.store.views.Views that is used here."""

    def rows(self, view: str) -> Mapping[str, Row]: ...

    def replace(self, view: str, rows: Mapping[str, Row]) -> None: ...


@dataclass(slots=True)
class Board:
    """`held(plural)`: the objects that a reflector holds now."""

    views: Views
    reading: Reading
    held: Callable[[str], Iterable[Any]]
    ledger: oom.Ledger = field(default_factory=oom.Ledger)
    known: containers.Known = field(default_factory=containers.Known)

    def tick(self) -> None:
        """Everything anew; equal rows go to no browser."""
        pods, shown = list(self.held("pods")), self.views.rows("pods")
        templates = dict(self._templates())
        namespaces = self._namespaces(pods)
        given = {name: self._defaults(name) for name in namespaces}
        self.views.replace("limits", {name: self._namespace(name) for name in namespaces})
        self.views.replace(
            "containers",
            containers.rows(
                pods,
                template_of=lambda pod: templates.get(_owner_uid(pod)),
                owner_of=lambda pod: _owner_of(pod, shown),
                defaults=given,
                known=self.known,
            ),
        )
        self.views.replace(
            "memory",
            memory.rows(
                shown.values(),
                specs={each.metadata.uid: each for each in pods},
                allocatable=self.reading.allocatable,
            ),
        )
        self.views.replace("oom", {row["id"]: row for row in self.ledger.look(pods, self.views.rows("story"))})
        refused = blocked.rows(self.held("replicasets"), self.views.rows("hpas").values(), self.reading.events)
        now = {str(row["key"]) for row in refused if row["state"] == "now"}
        if now != {key for key, row in self.views.rows("blocked").items() if row["state"] == "now"}:
            self.reading.hurry()  # the bar beside it says how full the quota was before
        self.views.replace("blocked", {str(row["key"]): row for row in refused})

    def _defaults(self, namespace: str) -> list[Default] | None:
        read = self.reading.read("limitranges", namespace)
        return ranges.defaults(read.items) if read.state in (LIVE, STALE) else None

    def begin(self) -> None:
        """Nothing is known yet but what was kept."""
        self.reading.forget()
        self.ledger.begin()

    def _templates(self) -> Iterable[tuple[str, Any]]:
        """Pod templates by the uid of who makes the pods."""
        for plural in ("replicasets", "statefulsets", "jobs"):
            for each in self.held(plural):
                if each.spec.template is not None:
                    yield each.metadata.uid, each.spec.template

    def _namespaces(self, pods: Iterable[Any]) -> list[str]:
        """Those with pods, quotas or LimitRanges."""
        found = {each.metadata.namespace for each in pods}
        for kind in self.reading.by_kind.values():
            for namespace, read in kind.items():
                found |= {each["metadata"].get("namespace", namespace) for each in read.items}
        return sorted(each for each in found if each)

    def _namespace(self, namespace: str) -> Row:
        bounds, defaults = (self.reading.read(kind, namespace) for kind in ("resourcequotas", "limitranges"))
        found, state = quotas.rows(bounds.items), bounds.state
        known = state in (LIVE, STALE)
        return {
            "namespace": namespace,
            "state": _worst(bounds, defaults),
            "since": bounds.since if state != LIVE else None,
            "detail": bounds.detail or defaults.detail,
            "rule": bounds.rule or defaults.rule,
            "known": known,
            "sentence": quotas.sentence(found) if known else _unknown(state),
            "tone": quotas.tone(found) if known else "unknown",
            "quotas": found,
            "ranges": ranges.rows(defaults.items),
            "ranges_sentence": _of_ranges(defaults),
        }


def _owner_of(pod: Any, shown: Mapping[str, Row]) -> str:
    workload = (shown.get(pod.metadata.uid) or {}).get("workload")
    return f"{workload['kind']} {workload['name']}" if workload else f"Pod {pod.metadata.name}"


def _owner_uid(pod: Any) -> str:
    return next((str(each.uid) for each in pod.metadata.owner_references or () if each.controller), "")


def _worst(*reads: Read) -> str:
    return next(state for state in _WORST if state in {each.state for each in reads})


def _unknown(state: str) -> str:
    return "Its quotas may not be read, so what bounds it is unknown." if state == FORBIDDEN else "Being read."


def _of_ranges(read: Read) -> str:
    if read.state == FORBIDDEN:
        return "Its LimitRanges may not be read."
    if read.state == SYNCING or read.items:
        return ""
    return "No LimitRange: a container that asks for nothing gets nothing, and no limit."
