"""The audit log: one line for each request that was to change something, as `audit.k8s.io/v1` Events of level Metadata.

Who, what, which object, with which answer. No bodies and no query strings: secrets travel in both. A second file may
be kept in the same words, of every request.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import orjson

from localcluster.apiserver.access.attributes import Attributes
from localcluster.apiserver.access.identity import Identity
from localcluster.apiserver.access.rbac import Decision
from localcluster.client import Object

logger = logging.getLogger(__name__)

_READING = ("get", "list", "watch", "head", "options")
_QUESTIONS = ("authentication.k8s.io", "authorization.k8s.io")
_ACTING = ("exec", "attach", "portforward")
"""Subresources of pods through which a GET (a WebSocket) acts."""

_PROXIED = "/proxy/"
_MOST_BYTES = 32 * 1024 * 1024


@dataclass(slots=True)
class Visit:
    """One request, as far as it is known who asks for what; filled in on the way."""

    attributes: Attributes
    received: datetime
    agent: str = ""
    source: str = ""
    asked_by: Identity | None = None
    who: Identity | None = None
    decision: Decision | None = None
    created: Object = field(default_factory=dict)
    """metadata of the object about to be created: its name is not in the URL."""

    annotations: dict[str, str] = field(default_factory=dict)
    """What admission has noted."""


class AuditLog(Protocol):
    """Where visits end up."""

    def record(self, visit: Visit, *, code: int) -> None: ...


class AuditFile:
    """Appends to a file that only its owner may read; a full one becomes `<name>.1`. `reads`: of those, too."""

    def __init__(
        self, path: Path, *, now: Callable[[], datetime], most_bytes: int = _MOST_BYTES, reads: bool = False
    ) -> None:
        self._path = path
        self._now = now
        self._most = most_bytes
        self._reads = reads

    def record(self, visit: Visit, *, code: int) -> None:
        """One line, in the file when this returns; nothing for a request that only reads, unless they are asked for."""
        if not self._reads and not changes(visit.attributes):
            return
        line = orjson.dumps(audit_event(visit, code=code, now=self._now())) + b"\n"
        try:
            self._append(line)
        except OSError as error:
            logger.error("the audit log cannot be written: %s: make room, or the directory writable", error)

    def _append(self, line: bytes) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line)
            full = os.fstat(descriptor).st_size >= self._most
        finally:
            os.close(descriptor)
        if full:
            self._path.replace(self._path.with_name(self._path.name + ".1"))


class AuditLogs:
    """Several at once."""

    def __init__(self, logs: Iterable[AuditLog]) -> None:
        self._logs = tuple(logs)

    def record(self, visit: Visit, *, code: int) -> None:
        """In each of them."""
        for each in self._logs:
            each.record(visit, code=code)


def changes(asked: Attributes) -> bool:
    """Whether such a request is to change or do something."""
    if asked.resource == "pods" and asked.subresource in _ACTING:
        return True
    return asked.verb not in _READING and asked.group not in _QUESTIONS


def audit_event(visit: Visit, *, code: int, now: datetime) -> Object:
    """The line as an object."""
    asked = visit.attributes
    path, proxied, _ = asked.path.partition(_PROXIED)  # what follows belongs to the program behind, not to the API
    event: Object = {
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": str(uuid.uuid4()),
        "stage": "ResponseComplete", "requestURI": path + proxied, "verb": asked.verb, "user": _user(visit.asked_by),
    }  # fmt: skip
    if visit.who is not None and visit.who != visit.asked_by:
        event["impersonatedUser"] = _user(visit.who)
    event |= {"sourceIPs": [visit.source], "userAgent": visit.agent}
    if asked.resource:
        event["objectRef"] = _reference(asked, visit.created)
    event |= {
        "responseStatus": {"code": code},
        "requestReceivedTimestamp": _precise(visit.received), "stageTimestamp": _precise(now),
    }  # fmt: skip
    annotations = dict(visit.annotations)
    if visit.decision is not None:
        annotations["authorization.k8s.io/decision"] = "allow" if visit.decision.allowed else "forbid"
        annotations["authorization.k8s.io/reason"] = visit.decision.reason
    return event | {"annotations": annotations} if annotations else event


def _user(who: Identity | None) -> Object:
    return {"username": who.user, "groups": list(who.groups)} if who else {}


def _reference(asked: Attributes, created: Object) -> Object:
    reference = {
        "resource": asked.resource, "namespace": asked.namespace or created.get("namespace", ""),
        "name": asked.name or created.get("name", ""), "uid": created.get("uid", ""), "apiGroup": asked.group,
        "apiVersion": asked.version, "subresource": asked.subresource,
    }  # fmt: skip
    return {key: value for key, value in reference.items() if value}


def _precise(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
