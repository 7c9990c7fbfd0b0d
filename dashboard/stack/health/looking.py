"""Looks at a live object and, when it is not well, below it: health, cause, and one sentence for both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from dashboard.stack.cluster import Reader
from dashboard.stack.health.below import Below, Finder
from dashboard.stack.health.cause import Cause, ended
from dashboard.stack.health.causes import cause_of
from dashboard.stack.health.fields import Object
from dashboard.stack.health.rules import health_of
from dashboard.stack.health.verdict import Health

PASSING = frozenset({"readiness", "warning", "no_metrics_yet"})
"""Causes that everything shows for a moment while it starts; told once the object has failed."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was found. `below` is empty where nothing was read because the object is well."""

    health: Health
    cause: Cause | None = None
    below: Below = field(default_factory=Below)

    @property
    def sentence(self) -> str:
        """What is wrong rather than what is missing, where that is known."""
        if self.cause is None or self.health.may_go_on:
            return self.health.sentence
        if self.health.state == "failed":
            return self.cause.sentence
        if self.cause.kind in PASSING:
            return self.health.sentence
        if self.health.sentence in self.cause.what:  # the cause says it over again, and more
            return self.cause.sentence
        return f"{ended(self.health.sentence)} {self.cause.sentence}"


def look(cluster: Reader, live: Object, *, now: datetime) -> Look:
    """One object's health, and its cause when it is not well.

    A healthy one costs no request, another one up to three. Raises Unreachable; `below` tells what may not be read.
    """
    health = health_of(live, now=now)
    if health.may_go_on:
        return Look(health)
    return look_below(cluster, live, now=now)


def look_below(cluster: Reader, live: Object, *, now: datetime) -> Look:
    """The same, with what is below it in any case."""
    below = Finder(cluster, live).find()
    health = health_of(live, now=now, of_pods=below.pods)
    cause = None if health.may_go_on else cause_of(live, below.pods, below.events)
    return Look(health, cause, below)
