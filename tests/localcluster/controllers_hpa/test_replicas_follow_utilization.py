"""The documented arithmetic: ratio, tolerance, pods that are young, unready, missing or ignored."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.controllers.hpa.metrics import MetricsError, pod_samples
from localcluster.controllers.hpa.replica_calculator import (
    Answer,
    Measurement,
    Tolerances,
    average_value_replicas,
    utilization_replicas,
)


def measure(clock: Any, pods: list[Any], metrics: Any, **options: Any) -> Measurement:
    samples = pod_samples(metrics, resource="cpu", container=options.get("container", ""))
    return Measurement("cpu", samples, pods, options.pop("current", len(pods)), clock.now(), **options)


def names(count: int) -> list[str]:
    return [f"web-{number}" for number in range(count)]


def test_twice_the_target_doubles_the_replicas(clock: Any, pods: Any) -> None:
    metrics = pods.metrics(dict.fromkeys(names(3), "100m"))
    answer = utilization_replicas(measure(clock, [pods.pod(name) for name in names(3)], metrics), target=50)
    assert answer == Answer(replicas=6, average=100, utilization=100)


def test_a_fraction_is_rounded_up(clock: Any, pods: Any) -> None:
    metrics = pods.metrics(dict.fromkeys(names(3), "60m"))
    assert utilization_replicas(measure(clock, [pods.pod(n) for n in names(3)], metrics), target=50).replicas == 4


@pytest.mark.parametrize(("usage", "replicas"), [("55m", 3), ("45m", 3), ("56m", 4), ("20m", 2)])
def test_a_tenth_around_the_target_changes_nothing(clock: Any, pods: Any, usage: str, replicas: int) -> None:
    metrics = pods.metrics(dict.fromkeys(names(3), usage))
    measurement = measure(clock, [pods.pod(name) for name in names(3)], metrics)
    assert utilization_replicas(measurement, target=50).replicas == replicas


def test_tolerances_differ_by_direction(clock: Any, pods: Any) -> None:
    tolerances = Tolerances(scale_down=0.5, scale_up=0.0)
    three = [pods.pod(name) for name in names(3)]
    down = measure(clock, three, pods.metrics(dict.fromkeys(names(3), "30m")), tolerances=tolerances)
    up = measure(clock, three, pods.metrics(dict.fromkeys(names(3), "51m")), tolerances=tolerances)
    assert utilization_replicas(down, target=50).replicas == 3
    assert utilization_replicas(up, target=50).replicas == 4


def test_a_missing_pod_counts_as_idle_on_the_way_up(clock: Any, pods: Any) -> None:
    """200 % over three pods is 66 % at a target of 50: four, not twelve."""
    metrics = pods.metrics({"web-0": "200m"})
    answer = utilization_replicas(measure(clock, [pods.pod(name) for name in names(3)], metrics), target=50)
    assert (answer.replicas, answer.utilization) == (4, 200)


def test_a_missing_pod_counts_as_full_on_the_way_down(clock: Any, pods: Any) -> None:
    metrics = pods.metrics({"web-0": "10m", "web-1": "10m"})
    answer = utilization_replicas(measure(clock, [pods.pod(name) for name in names(3)], metrics), target=50)
    assert answer.replicas == 3


def test_doubt_never_turns_the_direction(clock: Any, pods: Any) -> None:
    """60 % of two is above; filled up to four idle it would be below: stay."""
    metrics = pods.metrics({"web-0": "60m", "web-1": "60m"})
    answer = utilization_replicas(measure(clock, [pods.pod(name) for name in names(4)], metrics), target=50)
    assert answer.replicas == 4


def test_a_young_unready_pod_is_ignored_and_idle_on_the_way_up(clock: Any, pods: Any) -> None:
    ready, young = pods.pod("web-0"), pods.pod("web-1", ready=False, age=60)
    measurement = measure(clock, [ready, young], pods.metrics({"web-0": "150m", "web-1": "900m"}))
    answer = utilization_replicas(measurement, target=50)
    assert (answer.replicas, answer.utilization) == (3, 150)


def test_a_young_ready_pod_counts_once_measured_for_a_window(clock: Any, pods: Any) -> None:
    """Ready 12 s ago, measured 5 s ago over 15 s: the start is still in the measure."""
    metrics = pods.metrics({"web-0": "50m", "web-1": "500m"}, age=5)
    fresh = [pods.pod("web-0"), pods.pod("web-1", age=60, ready_since=12)]
    settled = [pods.pod("web-0"), pods.pod("web-1", age=60, ready_since=25)]
    assert utilization_replicas(measure(clock, fresh, metrics), target=50).utilization == 50
    assert utilization_replicas(measure(clock, settled, metrics), target=50).utilization == 275


def test_an_old_unready_pod_counts_if_it_has_ever_been_ready(clock: Any, pods: Any) -> None:
    metrics = pods.metrics({"web-0": "100m"})
    once_ready = pods.pod("web-0", ready=False, age=3600, ready_since=60)
    never_ready = pods.pod("web-0", ready=False, age=3600, ready_since=3590)
    assert utilization_replicas(measure(clock, [once_ready], metrics), target=50).replicas == 2
    with pytest.raises(MetricsError, match="did not receive metrics for any ready pods"):
        utilization_replicas(measure(clock, [never_ready], metrics), target=50)


def test_pending_pods_are_ignored_and_failed_ones_do_not_exist(clock: Any, pods: Any) -> None:
    found = [pods.pod("web-0"), pods.pod("web-1", phase="Pending"), pods.pod("web-2", phase="Failed")]
    assert utilization_replicas(measure(clock, found, pods.metrics({"web-0": "200m"})), target=50).replicas == 4


def test_a_container_without_a_request_is_named(clock: Any, pods: Any) -> None:
    measurement = measure(clock, [pods.pod("web-0", request=None)], pods.metrics({"web-0": "10m"}))
    with pytest.raises(MetricsError, match=r"^missing request for cpu in container main of Pod web-0$"):
        utilization_replicas(measurement, target=50)


def test_one_container_can_be_measured_alone(clock: Any, pods: Any) -> None:
    pod = pods.pod("web-0", request="100m", sidecar="300m")
    answer = utilization_replicas(measure(clock, [pod], pods.metrics({"web-0": "100m"}), container="main"), target=50)
    assert (answer.replicas, answer.utilization) == (2, 100)


def test_a_container_that_is_not_measured_is_named(pods: Any) -> None:
    with pytest.raises(MetricsError, match="container other not present in metrics for pod shop/web-0"):
        pod_samples(pods.metrics({"web-0": "10m"}), resource="cpu", container="other")


def test_an_average_value_needs_no_requests(clock: Any, pods: Any) -> None:
    found = [pods.pod(name, request=None) for name in names(2)]
    metrics = pods.metrics(dict.fromkeys(names(2), "120m"))
    assert average_value_replicas(measure(clock, found, metrics), target=60) == Answer(replicas=4, average=120)


def test_no_metrics_and_no_pods_are_told_apart(clock: Any, pods: Any) -> None:
    with pytest.raises(MetricsError, match="no metrics returned from resource metrics API"):
        pod_samples({"items": []}, resource="cpu")
    with pytest.raises(MetricsError, match="no pods returned by selector"):
        utilization_replicas(measure(clock, [], pods.metrics({"web-0": "1m"})), target=50)
