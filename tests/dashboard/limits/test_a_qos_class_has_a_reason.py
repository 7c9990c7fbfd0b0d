from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.limits import qos

Make = Callable[..., Any]
WHOLE = {"limits": {"cpu": "1", "memory": "64Mi"}}


def test_nothing_asked_for_is_best_effort(made_pod: Make) -> None:
    assert qos.of_pod(made_pod(main={})) == ("BestEffort", "no container requests or limits CPU or memory")


def test_limits_that_are_requests_too_are_guaranteed(made_pod: Make) -> None:
    same = {"limits": {"cpu": "1", "memory": "64Mi"}, "requests": {"cpu": "1000m", "memory": "64Mi"}}
    assert qos.of_pod(made_pod(a=WHOLE, b=same))[0] == "Guaranteed"


def test_the_first_shortfall_is_the_reason_for_burstable(made_pod: Make) -> None:
    asks_less = {"limits": {"cpu": "1", "memory": "64Mi"}, "requests": {"cpu": "100m", "memory": "64Mi"}}
    assert qos.of_pod(made_pod(a=WHOLE, b=asks_less)) == ("Burstable", "container b requests 100m of CPU and may use 1")
    assert qos.of_pod(made_pod(a=WHOLE, b={"limits": {"cpu": "1"}}))[1] == "container b has no memory limit"


def test_the_recorded_class_is_taken_and_explained(recorded: dict[str, Any], pod_of: Make) -> None:
    kind, reason = qos.of_pod(pod_of(recorded["pod_alone"]))
    assert (kind, reason) == ("Burstable", "container main requests 50m of CPU and may use 200m")


def test_a_class_that_the_containers_do_not_explain_is_the_servers(made_pod: Make) -> None:
    pod = made_pod(main={})
    pod.status.qos_class = "Guaranteed"
    assert qos.of_pod(pod) == ("Guaranteed", "as the API server says; its containers alone do not show why")
