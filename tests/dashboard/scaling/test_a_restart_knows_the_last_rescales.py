"""A dashboard that begins in the middle: what was before stands in Events, so that policies still count it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CUT = Path(__file__).parent / "fixtures" / "hpa.jsonl"


@pytest.mark.parametrize(("t", "state", "replicas"), [(82.0, "scaling_up", 3), (98.0, "rate_limited", 5)])
def test_a_rescale_of_before_still_fills_its_period(
    explained_cluster: Any, t: float, state: str, replicas: int
) -> None:
    """At 79 s it went from 1 to 3; its policy of 2 pods per 30 s allows no more before the sync at 109 s."""
    late = explained_cluster()
    late.time = late.began + t
    lines = [json.loads(text) for text in CUT.read_text().splitlines()]
    told = [line for line in lines if line["t"] <= t]
    for label in ("events", "deployments", "pods", "horizontalpodautoscalers"):
        for line in told:
            if line.get("label") == label:
                found = late.decoded(label, line["event"]["object"])
                if label == "pods":
                    late._own(found)
                (late.events if label == "events" else late.sinks.by_resource[label]).apply(found)
    late.measure({"items": next(line for line in lines if line["type"] == "request")["response"]["items"]})
    late.reasons.tick()

    why = late.why("app")
    assert why["state"] == state
    assert why["next"]["replicas"] == replicas
    assert [each["ends_at"][11:19] for each in why["countdowns"] if each["kind"] == "policy"] == ["04:52:29"]
