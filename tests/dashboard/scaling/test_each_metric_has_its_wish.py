"""All kinds of metrics of autoscaling/v2: each is named, those of resources are worked out, the largest wish wins."""

from __future__ import annotations

from typing import Any

from dashboard.scaling.explanation import explain, row_of
from dashboard.scaling.moment import Moment

NOW = 1_795_409_500.0


def value(**known: Any) -> dict[str, Any]:
    return {"utilization": None, "average_value": None, "value": None, **known}


def metric(
    type_: str, name: str, target: dict[str, Any], current: dict[str, Any] | None, **more: Any
) -> dict[str, Any]:
    return {
        "type": type_,
        "name": name,
        "container": None,
        "object": None,
        "target": target,
        "current": current,
        **more,
    }


def hpa(*metrics: dict[str, Any], current: int = 3, desired: int = 3, **more: Any) -> dict[str, Any]:
    conditions = [
        {"type": "AbleToScale", "status": "True", "reason": "SucceededRescale"},
        {"type": "ScalingActive", "status": "True", "reason": "ValidMetricFound"},
    ]
    return {
        "uid": "h", "namespace": "shop", "name": "web", "target": {"kind": "Deployment", "name": "web"}, "min": 1,
        "max": 10, "current": current, "desired": desired, "cpu_percent": None, "cpu_target": None,
        "metrics": list(metrics), "behavior": None, "conditions": conditions, **more,
    }  # fmt: skip


CPU = metric("Resource", "cpu", value(utilization=50), value(utilization=60, average_value="60m"))
MEMORY = metric("Resource", "memory", value(average_value="100Mi"), value(average_value="200Mi"))
CONTAINER = metric(
    "ContainerResource", "cpu", value(utilization=40), value(utilization=60, average_value="60m"), container="app"
)
PODS = metric("Pods", "hits", value(average_value="100"), value(average_value="250"))
OBJECT = metric("Object", "rps", value(value="10k"), value(value="2k"), object={"kind": "Ingress", "name": "shop"})
EXTERNAL = metric("External", "queue", value(average_value="30"), None)


def told(row: dict[str, Any]) -> dict[str, Any]:
    return row_of(row, explain(Moment(row, NOW)))


def test_each_kind_is_named_with_its_figure() -> None:
    lines = told(hpa(CPU, MEMORY, CONTAINER, PODS, OBJECT, EXTERNAL, desired=6))["metrics"]

    assert [(line["text"], line["wants"], line["computed"]) for line in lines] == [
        ("CPU is 60 % of the request, target 50 %: asks for 4 replicas", 4, True),
        ("memory is 200 MiB a pod, target 100 MiB: asks for 6 replicas", 6, True),
        ("CPU of container app is 60 % of the request, target 40 %: asks for 5 replicas", 5, True),
        ("hits per pod is 250, target 100; what it asks for is not worked out here", None, False),
        ("rps of Ingress shop is 2k, target 10k; what it asks for is not worked out here", None, False),
        ("queue (external) is not known, target 30; what it asks for is not worked out here", None, False),
    ]
    assert [line["ratio"] for line in lines] == [1.2, 2.0, 1.5, 2.5, 0.2, None]


def test_the_largest_wish_is_the_one_that_is_summed_up() -> None:
    row = told(hpa(CPU, MEMORY, desired=6))

    assert row["sentence"] == "Scaling up to 6 replicas: memory is 200 MiB a pod, target 100 MiB."
    assert (row["sum"][1]["label"], row["sum"][1]["value"]) == ("memory ÷ target", "200 MiB ÷ 100 MiB = 2.00")
    assert row["gauge"] == {
        "current_percent": None, "target_percent": None, "name": "memory", "current": "200 MiB", "target": "100 MiB",
        "ratio": 2.0,
    }  # fmt: skip


def test_where_nothing_can_be_worked_out_the_word_of_the_hpa_counts() -> None:
    row = told(hpa(PODS, desired=8))

    assert (row["state"], row["confidence"], row["sum"]) == ("scaling_up", "seen", [])
    assert row["sentence"] == "Scaling up to 8 replicas: hits per pod is 250, target 100."
    assert (row["gauge"]["name"], row["gauge"]["current"], row["gauge"]["target"]) == ("hits per pod", "250", "100")


def test_a_tolerance_of_its_own_is_kept_to_in_its_direction() -> None:
    rules = {"stabilization_s": None, "select": None, "policies": [], "tolerance": "250m"}
    row = told(hpa(CPU, behavior={"up": rules, "down": None}))

    assert row["state"] == "within_tolerance"
    assert "inside the tolerance of 25 %" in row["sentence"]
    assert [line["label"] for line in row["sum"] if line["deciding"]] == ["inside 0.90 to 1.25?"]


def test_memory_as_the_api_reports_it_is_told_as_people_count_it() -> None:
    raw = metric("Resource", "memory", value(average_value="20Mi"), value(average_value="34553856"))
    row = told(hpa(raw, current=1, desired=2))

    assert row["metrics"][0]["text"] == "memory is 33 MiB a pod, target 20 MiB: asks for 2 replicas"
    assert row["sum"][1]["value"] == "33 MiB ÷ 20 MiB = 1.65"
    share = metric("Resource", "memory", value(utilization=50), value(utilization=80, average_value="34553856"))
    assert told(hpa(share))["metrics"][0]["text"].startswith("memory is 80 % of the request, target 50 %")


def test_thousandths_of_a_custom_metric_are_told_as_a_number() -> None:
    row = told(hpa(metric("Pods", "hits", value(average_value="100"), value(average_value="66666m"))))

    assert row["metrics"][0]["text"].startswith("hits per pod is 66.7, target 100")


def test_a_metric_that_cannot_be_read_beside_others_is_named_in_the_sentence() -> None:
    row = told(hpa(CPU, EXTERNAL, desired=4))

    assert row["sentence"] == (
        "Scaling up to 4 replicas: CPU is 60 % of the request, target 50 %. It goes without queue (external), which "
        "cannot be read: until it is, it only grows."
    )
    assert row["advice"] == "Install what serves it, or take it out of the HPA."


def test_a_metric_that_cannot_be_read_is_named_where_it_keeps_the_hpa_from_shrinking() -> None:
    idle = metric("Resource", "cpu", value(utilization=50), value(utilization=10, average_value="10m"))
    message = "the HPA was unable to compute the replica count: unable to get external metric queue: no such API"
    conditions = [
        {"type": "AbleToScale", "status": "True", "reason": "ReadyForNewScale"},
        {"type": "ScalingActive", "status": "False", "reason": "FailedGetExternalMetric", "message": message},
    ]
    row = told(hpa(idle, EXTERNAL, conditions=conditions))

    assert row["state"] == "invalid_metric"
    assert row["sentence"] == (
        "Holding 3 replicas: queue (external) cannot be read, and an HPA shrinks only by all of its metrics. "
        "CPU is 10 % of the request, target 50 %."
    )


def test_the_pods_of_an_hpa_by_memory_are_told_with_their_memory() -> None:
    pod = {"name": "web-1", "memory_bytes": 34553856, "memory_limit_bytes": 2**27, "cpu_millicores": 5.0,
           "cpu_request_millicores": 50.0, "phase": "Running", "ready": True, "metrics_at": None,
           "started_at": "2026-11-20T00:00:00Z", "readiness_changed_at": "2026-11-20T00:00:09Z"}  # fmt: skip

    def figures(*metrics: dict[str, Any], **more: Any) -> list[str]:
        found = explain(Moment(hpa(*metrics), NOW, pods=({**pod, **more},))).evidence
        return [each.text for each in found if each.kind == "metric"]

    assert figures(MEMORY) == ["33 MiB memory of 128 MiB at most"]
    assert figures(MEMORY, memory_bytes=None) == ["no memory figure yet"]
    assert figures(CPU) == ["5m CPU of 50m requested, 10 %"]
    assert figures(CPU, MEMORY) == ["5m CPU of 50m requested, 10 %; 33 MiB memory of 128 MiB at most"]
