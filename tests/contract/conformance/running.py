"""One scenario from its recording to its result."""

from __future__ import annotations

import time

from tests.contract.conformance import comparing, kubernetes_events, sequences
from tests.contract.conformance.player import Player
from tests.contract.conformance.recording import Scenario
from tests.contract.conformance.report import Result
from tests.contract.conformance.target import Target


async def run(scenario: Scenario, *, target: Target) -> Result:
    begun = time.monotonic()
    played = await Player(scenario, target=target).play()
    seconds = time.monotonic() - begun
    sides = comparing.Sides()
    told = [event for seen in scenario.events.values() for event in seen]
    heard = [event for seen in played.events.values() for event in seen]
    for event in told:
        sides.recorded.observe(event.get("object"))
    for event in heard:
        sides.received.observe(event.get("object"))
    watched, exact = sequences.compare(scenario.events, played.events, sides=sides)
    requests, bodies = comparing.requests(played.answers, sides=sides)
    events = kubernetes_events.compare(told, heard, sides=sides)
    return Result(scenario.name, seconds, requests, bodies, watched, exact, events)
