"""The explanation: each state from what the HPA reports, with its sum."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.scaling.explanation import Explanation
from dashboard.scaling.explanation import explain as explain_moment
from dashboard.scaling.moment import Moment

CPU = {"utilization": 50, "average_value": None, "value": None}
NOW = 1_795_409_500.0


def explain(row: dict[str, Any], **more: Any) -> Explanation:
    return explain_moment(Moment(row, NOW, **more))


def hpa(current: int, cpu: int | None, desired: int | None = None, **reasons: str) -> dict[str, Any]:
    """An HPA of target 50 %, 1 to 8 replicas; `reasons`: condition type → reason."""
    seen = {"AbleToScale": "ReadyForNewScale", "ScalingActive": "ValidMetricFound", **reasons}
    limited = {"TooManyReplicas", "TooFewReplicas", "ScaleUpLimit", "ScaleDownLimit"}
    conditions = [
        {"type": kind, "reason": reason, "status": "True" if kind != "ScalingLimited" or reason in limited else "False"}
        for kind, reason in seen.items()
    ]
    return {
        "namespace": "flask", "name": "guestbook", "target": {"kind": "Deployment", "name": "guestbook"}, "min": 1,
        "max": 8, "current": current, "desired": desired if desired is not None else current, "cpu_percent": cpu,
        "cpu_target": 50, "conditions": conditions, "uid": "h", "behavior": None,
        "metrics": [{"type": "Resource", "name": "cpu", "target": CPU,
                     "current": None if cpu is None else {**CPU, "utilization": cpu}}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "state", "words"),
    [
        (hpa(5, 54), "within_tolerance", "a little over it but inside the tolerance of 10 %"),
        (hpa(1, 200, 4, AbleToScale="SucceededRescale"), "scaling_up", "Scaling up to 4 replicas"),
        (hpa(4, 5, 1, AbleToScale="SucceededRescale"), "scaling_down", "Scaling down to 1 replica:"),
        (hpa(4, 0, AbleToScale="ScaleDownStabilized"), "stabilizing", "Holding 4 replicas"),
        (hpa(4, 200, ScalingLimited="ScaleUpLimit"), "rate_limited", "it would want 16, but that is as fast"),
        (hpa(8, 200, ScalingLimited="TooManyReplicas"), "at_max", "it would want 32"),
        (hpa(1, 2, ScalingLimited="TooFewReplicas"), "at_min", "At its minimum of 1"),
        (hpa(3, 93), "held_back", "only just started"),
        (hpa(1, None), "unknown", "nothing to compute"),
    ],
)
def test_states(row: dict[str, Any], state: str, words: str) -> None:
    explanation = explain(row)

    assert explanation.state == state
    assert words in explanation.sentence


def test_the_sum_shows_each_number_and_marks_one_line() -> None:
    terms = explain(hpa(5, 54)).sum

    assert ("CPU ÷ target", "54 ÷ 50 = 1.08") in [(term.label, term.value) for term in terms]
    assert [term.label for term in terms if term.deciding] == ["inside 0.90 to 1.10?"]
    assert terms[-1].value == "5 replicas"


@pytest.mark.parametrize(
    ("message", "state"),
    [
        ("the server could not find the requested resource (get pods.metrics.k8s.io)", "no_metrics_api"),
        ("the server is currently unable to handle the request (get pods.metrics.k8s.io)", "no_metrics_api"),
        ("missing request for cpu in container main of Pod noreq", "missing_request"),
        ("no metrics returned from resource metrics API", "no_metrics_yet"),
    ],
)
def test_a_missing_figure_is_named_with_what_to_do(message: str, state: str) -> None:
    row = hpa(1, None)
    row["conditions"] = [
        {"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": message}
    ]

    explanation = explain(row)

    assert explanation.state == state
    assert explanation.finding.advice
    assert explanation.sum == ()


def test_a_missing_target_is_named() -> None:
    row = hpa(1, None, AbleToScale="FailedGetScale")

    assert "Deployment guestbook is not there" in explain(row).sentence
