"""Which right in the cluster stands for which capability, and what somebody may by the cluster's own word.

Each right is asked for by itself, but nothing is open to a person who may not view. It keeps nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from dashboard.access.capabilities import PERSONS, Capability, up_to
from dashboard.kube.credential import Credential
from dashboard.kube.reviews import Person
from dashboard.kube.rules import Rule

LOAD_NAMESPACE = "load"
READ_ONLY = "This dashboard is read-only: nothing can be changed through it."
NAMED_ONLY = (
    "The proxy passes on who you are but no token, so nothing can be done in your name. "
    "Have it send your ID token in the header Authorization."
)


class Asking(Protocol):
    """The cluster's reviews."""

    def may(self, person: Person, right: Rule) -> bool: ...
    def may_with(self, credential: Credential, right: Rule) -> bool: ...


class MayNotView(Exception):
    """The cluster knows the person and does not let them see the stack; `rule` would."""

    def __init__(self, person: Person, rule: Rule) -> None:
        super().__init__(f"{person.name} {rule.sentence}.")
        self.person = person
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Allowed:
    """What somebody may, and one sentence for each thing they may not."""

    capabilities: frozenset[Capability]
    lacking: Mapping[Capability, str]


@dataclass(frozen=True, slots=True)
class Rights:
    """`target`: the namespace of the app under load; `shown`: all that are shown, none named: the whole cluster.

    With `read_only`, nobody is allowed more than to view.
    """

    target: str
    shown: tuple[str, ...] = ()
    load: str = LOAD_NAMESPACE
    read_only: bool = False

    def view(self) -> tuple[Rule, ...]:
        """All that whoever views must be allowed: to list pods wherever they are shown, for they are read by us."""
        namespaces: tuple[str | None, ...] = self.shown or (None,)
        return tuple(Rule("", "pods", None, ("list",), each) for each in dict.fromkeys(namespaces))

    def rule(self, capability: Capability) -> Rule:
        """The one right that a capability beyond to view stands for."""
        return {
            Capability.LOADTEST: Rule("batch", "jobs", None, ("create",), self.load),
            Capability.APPLY: Rule("apps", "deployments", None, ("patch",), self.target),
        }[capability]

    def check_view(self, reviews: Asking, person: Person) -> None:
        """Asked by our own account about the person. Raises MayNotView of the first, or ApiError without an answer."""
        for rule in self.view():
            if not reviews.may(person, rule):
                raise MayNotView(person, replace(rule, user=person.name))

    def of_token(self, reviews: Asking, credential: Credential) -> Allowed:
        """Of somebody who may view and whose token we hold, by their own question. ApiError without an answer."""
        return self._sorted(lambda rule: reviews.may_with(credential, rule))

    def of_name(self) -> Allowed:
        """Of somebody who may view and whom a trusted proxy names without a token: to view is all."""
        return _told({Capability.LOADTEST: NAMED_ONLY, Capability.APPLY: NAMED_ONLY})

    def of_machine(self) -> Allowed:
        """Of whoever holds the link on this machine."""
        return self._sorted(lambda _rule: True)

    def _sorted(self, may: Callable[[Rule], bool]) -> Allowed:
        lacking = {}
        for capability in (Capability.LOADTEST, Capability.APPLY):
            if self.read_only:
                lacking[capability] = READ_ONLY
            elif not may(self.rule(capability)):
                lacking[capability] = _without(self.rule(capability))
        return _told(lacking)


def _without(rule: Rule) -> str:
    return f"It needs the right to {rule.sentence.removeprefix('needs ')}, which you do not have."


def _told(lacking: Mapping[Capability, str]) -> Allowed:
    assert up_to(Capability.VIEW).isdisjoint(lacking)  # noqa: S101 - who may not view is refused before
    return Allowed(frozenset(each for each in PERSONS if each not in lacking), lacking)
