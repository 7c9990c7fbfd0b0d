"""A cluster that knows tokens, people and rights, each of which a test can change."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from dashboard.access.attempts import Pacing
from dashboard.access.door import Door
from dashboard.access.people import People
from dashboard.access.rechecks import Rechecks
from dashboard.access.rights import Rights
from dashboard.access.sessions import Session, Sessions
from dashboard.kube.credential import Credential
from dashboard.kube.errors import ApiError, Unauthorized, Unreachable
from dashboard.kube.reviews import Person
from dashboard.kube.rules import Rule

ALL = frozenset({"list pods flask", "create jobs load", "patch deployments flask"})


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Cluster:
    """Levers: `people` (token → name), `rights` (name → what they may), `down`; it counts what it was asked."""

    people: dict[str, str] = field(default_factory=dict)
    rights: dict[str, frozenset[str]] = field(default_factory=dict)
    down: ApiError | None = None
    asked: list[str] = field(default_factory=list)

    def whose(self, token: str) -> Person | None:
        self._answer("whose")
        name = self.people.get(token)
        return Person(name, groups=("g",)) if name else None

    def may(self, person: Person, right: Rule) -> bool:
        self._answer(f"may {person.name}")
        return self._has(person.name, right)

    def may_with(self, credential: Credential, right: Rule) -> bool:
        self._answer(f"may_with {credential.by}")
        name = self.people.get(credential.header().removeprefix("Bearer "))
        if name is None:
            raise Unauthorized(401, "Unauthorized", "Unauthorized")
        return self._has(name, right)

    def break_down(self) -> None:
        self.down = Unreachable("nobody answers")

    def _has(self, name: str, right: Rule) -> bool:
        return f"{right.verbs[0]} {right.resource} {right.namespace}" in self.rights.get(name, frozenset())

    def _answer(self, question: str) -> None:
        self.asked.append(question)
        if self.down is not None:
            raise self.down


class House:
    """Everything of sign-in around that cluster."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.cluster = Cluster({"t-ada": "ada", "t-bo": "bo"}, {"ada": ALL, "bo": frozenset({"list pods flask"})})
        self.record: list[dict[str, Any]] = []
        self.ended: list[tuple[str, str]] = []
        self.sessions = Sessions(self.clock)
        self.people = People(self.cluster, Rights("flask", ("flask",)), self.clock)
        self.attempts = Pacing(self.clock)
        self.rechecks = Rechecks(self.sessions, self.people, self.clock, self._ended)
        self.door = Door(self.sessions, self.people, self.attempts, self.rechecks, self._write)

    def _ended(self, session: Session, why: str) -> None:
        self.ended.append((session.by, why))

    def _write(self, action: str, **more: Any) -> None:
        self.record.append({"action": action, **more})


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def jwt() -> Callable[..., str]:
    """A token that looks as the cluster's do; nobody checks its signature here."""

    def made(**claims: Any) -> str:
        parts = [json.dumps(each).encode() for each in ({"alg": "ES256"}, claims)]
        return ".".join([*(base64.urlsafe_b64encode(each).decode().rstrip("=") for each in parts), "c2ln"])

    return made
