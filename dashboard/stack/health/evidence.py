"""Everything a person needs to judge one object: health, cause, Events, pods and the log that tells most.

Only reads, with the rights of whoever asks; what may not be read is said, not left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from dashboard.kube import errors, logs, structs
from dashboard.stack.bundles.bundle import ObjectRef
from dashboard.stack.cluster import Cluster, Locator, Reader
from dashboard.stack.health import pods as pod_health
from dashboard.stack.health.below import unread
from dashboard.stack.health.cause import Cause
from dashboard.stack.health.events import EventRow
from dashboard.stack.health.fields import Object, count, mapping, text
from dashboard.stack.health.looking import Look, look_below
from dashboard.stack.health.rules import health_of
from dashboard.stack.health.tails import Log, of_failing
from dashboard.stack.health.verdict import Health
from dashboard.store import pod_status

MOST_EVENTS = 20
MOST_PODS = 50


class Readable(Cluster, logs.Requesting, Protocol):
    """A cluster whose logs can be read too."""


@dataclass(frozen=True, slots=True)
class ContainerRow:
    """A container as it stands: its state, why, and how often it was restarted."""

    name: str
    state: str
    reason: str | None
    exit_code: int | None
    ready: bool
    restarts: int


@dataclass(frozen=True, slots=True)
class PodRow:
    """A pod of the object. `status` is the word that `kubectl get pods` prints."""

    name: str
    status: str
    ready: bool
    restarts: int
    node: str | None
    state: str
    sentence: str
    containers: tuple[ContainerRow, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """`exists`: None when it may not be read. `unreadable`: a sentence for each part that could not be read."""

    ref: ObjectRef
    exists: bool | None
    health: Health
    cause: Cause | None
    events: tuple[EventRow, ...]
    pods: tuple[PodRow, ...]
    log: Log | None
    unreadable: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """For JSON and for pages."""
        return {
            "id": self.ref.id,
            "object": str(self.ref),
            "exists": self.exists,
            "health": asdict(self.health),
            "cause": self.cause.document() if self.cause else None,
            "events": [asdict(each) for each in self.events],
            "pods": [asdict(each) for each in self.pods],
            "log": asdict(self.log) if self.log else None,
            "unreadable": list(self.unreadable),
        }


def gather(
    cluster: Readable, ref: ObjectRef, *, tail_lines: int = 40,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Evidence:  # fmt: skip
    """Reads it all, in about five requests. Raises Refused for a kind that is not served, ApiError without an answer.

    Of an object that is not there its Events are left, and may tell why.
    """
    unreadable: list[str] = []
    live, exists = _read(cluster, ref, unreadable)
    found = look_below(cluster, live, now=now())
    unreadable += found.below.unreadable
    return Evidence(
        ref=ref,
        exists=exists,
        health=found.health if exists else Health("unknown", "may not be read" if exists is None else "is not there"),
        cause=found.cause if exists else None,
        events=tuple(found.below.events[:MOST_EVENTS]),
        pods=tuple(_pod_row(each, now()) for each in found.below.pods[:MOST_PODS]) if exists else (),
        log=_log(cluster, ref, found, tail_lines, unreadable) if exists else None,
        unreadable=tuple(unreadable),
    )


def _read(cluster: Reader, ref: ObjectRef, unreadable: list[str]) -> tuple[Object, bool | None]:
    """The object and whether it is there; only its name when it is not, or when nobody may say."""
    named = {"name": ref.name, **({"namespace": ref.namespace} if ref.namespace else {})}
    manifest = {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": named}
    path = Locator(cluster).path(manifest)
    try:
        return cluster.get(path), True
    except errors.NotFound:
        return manifest, False
    except errors.Forbidden as error:
        unreadable.append(unread(error, "get", path.split("/")[-2], ref.namespace))
        return manifest, None


def _log(cluster: Readable, ref: ObjectRef, found: Look, lines: int, unreadable: list[str]) -> Log | None:
    def read(pod: str, container: str, previous: bool) -> list[str]:
        return logs.tail(cluster, ref.namespace, pod, container, lines=lines, previous=previous)

    if found.health.may_go_on and ref.kind != "Pod":
        return None
    try:
        return of_failing(found.below.pods, found.cause, read)
    except errors.ApiError as error:
        unreadable.append(unread(error, "get", "pods/log", ref.namespace))
        return None


def _pod_row(pod: Object, now: datetime) -> PodRow:
    health = health_of(pod, now=now)
    try:
        decoded = msgspec.convert(pod, structs.Pod, strict=False)
        word, restarts = pod_status.status_word(decoded), pod_status.restarts(decoded)
    except (msgspec.ValidationError, TypeError):
        word, restarts = text(pod, "status", "phase") or "Unknown", 0
    rows = tuple(_container_row(each) for each in pod_health.statuses(pod))
    return PodRow(
        name=text(pod, "metadata", "name"), status=word, ready=health.state == "ok" and word == "Running",
        restarts=restarts, node=text(pod, "spec", "nodeName") or None, state=health.state, sentence=health.sentence,
        containers=rows,
    )  # fmt: skip


def _container_row(status: Object) -> ContainerRow:
    state = next((each for each in ("waiting", "terminated", "running") if mapping(status, "state", each)), "unknown")
    last = mapping(status, "state", "terminated") or mapping(status, "lastState", "terminated")
    return ContainerRow(
        name=text(status, "name"), state=state, reason=text(status, "state", state, "reason") or None,
        exit_code=count(last, "exitCode") if last else None, ready=status.get("ready") is True,
        restarts=count(status, "restartCount"),
    )  # fmt: skip
