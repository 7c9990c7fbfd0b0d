"""What the dashboard tells Prometheus about itself: how its watching, its browsers and its actions fare.

Nothing of the cluster's content is in it: resources by their plural name, actions and outcomes as the audit record
names them, counts and ages. The figures are read off the parts when somebody asks; nothing is kept here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

STATES = ("syncing", "live", "stale", "forbidden", "down")


class Reflecting(Protocol):
    """The part of a reflector that is told."""

    @property
    def resource(self) -> str: ...
    @property
    def counts(self) -> Mapping[str, int]: ...
    @property
    def phase(self) -> str: ...
    @property
    def heard_at(self) -> float: ...


@dataclass(frozen=True, slots=True, eq=False)
class Telemetry(Collector):
    """`sent`: messages to browsers and overfull mailboxes; `done`: (action, outcome) → how often, of the audit.

    `answers`: HTTP status → how often.
    """

    reflectors: Callable[[], Sequence[Reflecting]]
    mismatches: Callable[[], int]
    browsers: Callable[[], int]
    sent: Mapping[str, int]
    done: Mapping[tuple[str, str], int]
    answers: Callable[[], Mapping[str, int]] = dict
    now: Callable[[], float] = time.time

    def collect(self) -> Iterator[Metric]:
        """Every figure as it is now."""
        yield from self._watching()
        yield from self._browsers()
        actions = CounterMetricFamily(
            "surgeboard_actions", "Actions and ends of actions, as in the audit record.", labels=["action", "outcome"]
        )
        for (action, outcome), count in sorted(dict(self.done).items()):
            actions.add_metric([action, outcome], count)
        yield actions

    def _watching(self) -> Iterator[Metric]:
        state = GaugeMetricFamily(
            "surgeboard_reflector_state", "1 for the state a watched resource is in.", labels=["resource", "state"]
        )
        age = GaugeMetricFamily(
            "surgeboard_reflector_silence_seconds", "Since the API server was last heard.", labels=["resource"]
        )
        counted = CounterMetricFamily(
            "surgeboard_reflector_events",
            "Lists and watches begun, failures, lines and objects that could not be read.",
            labels=["resource", "event"],
        )
        for each in self.reflectors():
            for name in STATES:
                state.add_metric([each.resource, name], float(each.phase == name))
            age.add_metric([each.resource], max(0.0, self.now() - each.heard_at))
            for event, count in each.counts.items():
                counted.add_metric([each.resource, event], count)
        yield from (state, age, counted)
        yield CounterMetricFamily(
            "surgeboard_reflector_mismatches",
            "Objects that differed from the API server when compared, and were read anew.",
            value=self.mismatches(),
        )

    def _browsers(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("surgeboard_browsers", "Browsers with an open socket.", value=self.browsers())
        sent = CounterMetricFamily(
            "surgeboard_messages",
            "To browsers: changes and snapshots sent, and mailboxes that overflowed into a snapshot.",
            labels=["kind"],
        )
        for kind, count in sorted(dict(self.sent).items()):
            sent.add_metric([kind], count)
        yield sent
        answers = CounterMetricFamily("surgeboard_answers", "HTTP answers, refusals included.", labels=["status"])
        for status, count in sorted(dict(self.answers()).items()):
            answers.add_metric([status], count)
        yield answers
