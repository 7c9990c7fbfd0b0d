"""Who was killed for memory: read off the states of containers, and kept when the pods are gone. Bounded.

Kubernetes tells only the last end of a container; what was seen once is kept here, and over a restart of the dashboard;
what the story tells besides is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

import msgspec

MOST = 200
_STORY = re.compile(r"oom-(?P<uid>[0-9a-f-]{36})-(?P<container>.+)-(?P<at>\d{4}-\d\d-\d\dT[0-9:.]+Z)\Z")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kill:
    """One end of one container. `exit_code`, `limit` and `restarts` are None when only the story tells of it."""

    uid: str
    namespace: str
    pod: str
    container: str
    at: str
    exit_code: int | None = None
    limit: str | None = None
    restarts: int | None = None
    ran_from: str | None = None
    run: str = ""
    """Which run of the container it was: two may end within one second."""
    gone: bool = False

    @property
    def told_as(self) -> str:
        """What the story calls it."""
        return f"oom-{self.uid}-{self.container}-{self.at}"

    @property
    def id(self) -> str:
        return f"{self.told_as}-{self.run}" if self.run else self.told_as


class Keeping(Protocol):
    """Where it is kept; dashboard.limits.kept has it."""

    def read(self) -> Any: ...

    def write(self, what: Any, /) -> None: ...


@dataclass(slots=True)
class Ledger:
    """Every kill that was seen, newest first when asked. `kept`: where those seen by ourselves outlive the process."""

    kept: Keeping | None = None
    _kills: dict[str, Kill] = field(default_factory=dict)

    def look(self, pods: Iterable[Any], story: Mapping[str, Mapping[str, Any]]) -> list[Row]:
        """Pods as they are now, and the lines of the story; all rows there are."""
        before = set(self._kills)
        alive = {}
        for pod in pods:
            alive[pod.metadata.uid] = pod
            for kill in kills_of(pod):
                self._kills[kill.id] = kill
        known = {each.told_as for each in self._kills.values() if each.run}
        for key in known & set(self._kills):
            del self._kills[key]  # what the story alone had told of is seen by itself now
        for key, line in story.items():
            told = _told(key, line) if key not in known and key not in self._kills else None
            if told is not None:
                self._kills[told.id] = told
        for key, kill in list(self._kills.items()):
            if kill.gone == (kill.uid in alive):
                self._kills[key] = replace(kill, gone=kill.uid not in alive)
        newest = sorted(self._kills.values(), key=lambda each: (each.at, each.id), reverse=True)[:MOST]
        self._kills = {each.id: each for each in newest}
        if self.kept is not None and set(self._kills) != before:
            self.kept.write([asdict(each) for each in newest if each.exit_code is not None])
        return [self._row(each) for each in newest]

    def begin(self) -> None:
        """What was kept of this cluster, and nothing of another one."""
        kept = self.kept.read() if self.kept is not None else None
        found = [_kill(each) for each in kept[:MOST]] if isinstance(kept, list) else []
        self._kills = {each.id: each for each in found if each is not None}

    def _row(self, kill: Kill) -> Row:
        times = sum(1 for each in self._kills.values() if (each.uid, each.container) == (kill.uid, kill.container))
        return {
            "id": kill.id, "namespace": kill.namespace, "pod": kill.pod, "container": kill.container, "at": kill.at,
            "exit_code": kill.exit_code, "limit": kill.limit, "times": times, "restarts": kill.restarts,
            "ran_from": kill.ran_from, "gone": kill.gone,
            "told_by": "container" if kill.exit_code is not None else "story",
        }  # fmt: skip


def kills_of(pod: Any) -> list[Kill]:
    """The ends for memory that a pod tells of right now."""
    found = []
    for status in [*(pod.status.container_statuses or ()), *(pod.status.init_container_statuses or ())]:
        for state in (status.last_state, status.state):
            ended = state.terminated if state else None
            if ended is None or ended.reason != "OOMKilled" or not ended.finished_at:
                continue
            found.append(
                Kill(
                    uid=pod.metadata.uid,
                    namespace=pod.metadata.namespace or "",
                    pod=pod.metadata.name,
                    container=status.name,
                    at=ended.finished_at,
                    exit_code=ended.exit_code,
                    limit=_limit(pod, status.name),
                    restarts=status.restart_count,
                    ran_from=ended.started_at,
                    run=(ended.container_id or "").rpartition("/")[2][:12],
                )
            )
    return found


def _limit(pod: Any, container: str) -> str | None:
    for each in [*(pod.spec.containers or ()), *(pod.spec.init_containers or ())]:
        if each.name == container:
            amount = (getattr(each.resources, "limits", None) or {}).get("memory")
            return None if amount is None else str(amount)
    return None


def _kill(kept: Any) -> Kill | None:
    """As it was kept; None for what is no kill."""
    try:
        return msgspec.convert(kept, Kill)
    except msgspec.ValidationError:
        return None


def _told(key: str, line: Mapping[str, Any]) -> Kill | None:
    match = _STORY.match(key) if line.get("kind") == "oom" else None
    about = line.get("object") or {}
    if match is None:
        return None
    return Kill(
        match["uid"], str(about.get("namespace") or ""), str(about.get("name") or ""), match["container"], match["at"]
    )
