"""What an adapter for metrics answers may hold an address with a password; an HPA repeats it in its conditions."""

from __future__ import annotations

from typing import Any

import msgspec

from dashboard.kube import structs
from dashboard.kube.autoscaling_structs import HorizontalPodAutoscaler
from dashboard.scaling.recent_events import RecentEvents
from dashboard.store import hpa_rows

MESSAGE = "unable to fetch metrics: Get https://reader:hunter2@prometheus/api: Bearer abcdef0123456789 was refused"


class Sink:
    """Takes everything."""

    def replace(self, objects: Any, /) -> None:
        del objects

    apply = delete = replace


def test_neither_a_condition_nor_an_event_shows_it() -> None:
    told = {"type": "ScalingActive", "status": "False", "reason": "FailedGetExternalMetric", "message": MESSAGE}
    hpa = {"metadata": {"name": "app", "namespace": "flask", "uid": "u"},
           "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "app"}, "maxReplicas": 3},
           "status": {"conditions": [told]}}  # fmt: skip
    row = hpa_rows.hpa(msgspec.convert(hpa, HorizontalPodAutoscaler))
    event = {"metadata": {"name": "e", "namespace": "flask", "uid": "e"}, "reason": "FailedGetExternalMetric",
             "involvedObject": {"kind": "HorizontalPodAutoscaler", "namespace": "flask", "name": "app"},
             "message": MESSAGE, "type": "Warning"}  # fmt: skip
    recent = RecentEvents(Sink())
    recent.apply(msgspec.convert(event, structs.Event))
    shown = [row["conditions"][0]["message"], recent.about("flask", ("HorizontalPodAutoscaler", "app"))[0]["message"]]
    assert all("hunter2" not in each and "abcdef0123456789" not in each for each in shown)
    assert all(each.startswith("unable to fetch metrics") for each in shown)
