"""The cells of `kubectl get`, for states a quick look at a running cluster does not show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from localcluster import resources as r
from localcluster.apiserver.http.negotiation import Representation
from localcluster.apiserver.printing.tables import table
from localcluster.resources import Resource

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
EARLIER = "2026-11-23T11:59:00Z"
RUNNING = {"running": {"startedAt": EARLIER}}
ENDED = {"terminated": {"exitCode": 143, "reason": "Error", "finishedAt": EARLIER}}


def row(resource: Resource, body: dict[str, Any]) -> dict[str, Any]:
    """The Table's row, its cells by their columns' names."""
    metadata = {"name": "x", "namespace": "n", "creationTimestamp": EARLIER, **body.pop("metadata", {})}
    whole = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata, **body}
    made = table(resource, [whole], {}, how=Representation(form="Table"), now=NOW)
    names = [column["name"] for column in made["columnDefinitions"]]
    return {**made["rows"][0], **dict(zip(names, made["rows"][0]["cells"], strict=True))}


def pod(status: dict[str, Any], **others: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "main"}], **others.pop("spec", {})}
    return row(r.PODS, {"spec": spec, "status": status, **others})


def test_an_evicted_pod_shows_how_its_containers_ended() -> None:
    """Kubernetes has printed so since 1.22, where kubelet began to keep the containers' last states."""
    evicted = {"phase": "Failed", "reason": "Evicted"}
    statuses = [{"name": "main", "state": ENDED, "restartCount": 0}]
    assert pod(evicted)["Status"] == "Evicted"
    assert pod({**evicted, "containerStatuses": statuses})["Status"] == "Error"


def test_a_pod_with_scheduling_gates_says_so() -> None:
    condition = {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}
    assert pod({"phase": "Pending", "conditions": [condition]})["Status"] == "SchedulingGated"


def test_restarts_of_init_containers_count_only_while_they_hold_the_pod_back() -> None:
    inits = [{"name": "first", "restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]
    held = pod({"phase": "Pending", "initContainerStatuses": inits}, spec={"initContainers": [{"name": "first"}]})
    assert (held["Status"], held["Restarts"]) == ("Init:CrashLoopBackOff", "2")
    inits[0]["state"] = {"terminated": {"exitCode": 0}}
    mains = [{"name": "main", "restartCount": 1, "ready": True, "state": RUNNING, "lastState": ENDED}]
    going = pod(
        {"phase": "Running", "initContainerStatuses": inits, "containerStatuses": mains},
        spec={"initContainers": [{"name": "first"}]},
    )
    assert (going["Status"], going["Restarts"]) == ("Running", "1 (60s ago)")


def test_a_sidecar_that_fails_later_does_not_hide_the_containers() -> None:
    sidecar = {"name": "side", "restartPolicy": "Always"}
    status = {
        "phase": "Running", "conditions": [{"type": "Initialized", "status": "True"}],
        "initContainerStatuses": [{"name": "side", "started": False, "restartCount": 3, "state": ENDED}],
        "containerStatuses": [{"name": "main", "restartCount": 0, "state": {"waiting": {"reason": "Stuck"}}}],
    }  # fmt: skip
    seen = pod(status, spec={"initContainers": [sidecar]})
    assert (seen["Status"], seen["Restarts"], seen["Ready"]) == ("Stuck", "3", "0/2")


def test_readiness_gates_are_counted() -> None:
    gates = [{"conditionType": "a"}, {"conditionType": "b"}]
    seen = pod({"phase": "Running", "conditions": [{"type": "a", "status": "True"}]}, spec={"readinessGates": gates})
    assert seen["Readiness Gates"] == "1/2"
    assert pod({"phase": "Running"})["Readiness Gates"] == "<none>"


def test_the_row_of_a_finished_pod_is_marked_as_completed() -> None:
    (condition,) = pod({"phase": "Succeeded"})["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == ("Completed", "True", "Succeeded")
    assert "conditions" not in pod({"phase": "Running"})


def autoscaler(metrics: list[Any], current: list[Any]) -> str:
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 3, "metrics": metrics}
    return str(row(r.HORIZONTAL_POD_AUTOSCALERS, {"spec": spec, "status": {"currentMetrics": current}})["Targets"])


def test_targets_of_every_kind_of_metric_are_told() -> None:
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 50}}}
    memory = {"type": "ContainerResource", "containerResource": {"name": "memory", "target": {"averageValue": "1Mi"}}}
    now = [{"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 0}}}]
    assert autoscaler([cpu, memory], now) == "cpu: 0%/50%, memory: <unknown>/1Mi"
    assert autoscaler([cpu, memory, cpu, cpu], []) == "cpu: <unknown>/50%, memory: <unknown>/1Mi + 2 more..."
    assert autoscaler([{"type": "Pods"}], []) == "<unknown type>"
    assert autoscaler([], []) == "<none>"


@pytest.mark.parametrize(
    ("conditions", "deleted", "word"),
    [
        ([], False, "Running"),
        ([], True, "Terminating"),
        (["Suspended"], False, "Suspended"),
        (["Suspended"], True, "Terminating"),
        (["FailureTarget"], False, "FailureTarget"),
        (["SuccessCriteriaMet", "Complete"], True, "Complete"),
    ],
)
def test_a_job_s_status_is_what_weighs_most(conditions: list[str], deleted: bool, word: str) -> None:
    status = {"conditions": [{"type": each, "status": "True"} for each in conditions]}
    metadata = {"deletionTimestamp": EARLIER} if deleted else {}
    assert row(r.JOBS, {"metadata": metadata, "spec": {}, "status": status})["Status"] == word


def test_volumes_and_claims_say_that_they_are_going() -> None:
    metadata = {"deletionTimestamp": EARLIER}
    claim = row(r.PERSISTENT_VOLUME_CLAIMS, {"metadata": metadata, "spec": {}, "status": {"phase": "Bound"}})
    volume = row(r.PERSISTENT_VOLUMES, {"metadata": metadata, "spec": {}, "status": {"phase": "Bound"}})
    assert (claim["Status"], volume["Status"]) == ("Terminating", "Terminating")
    assert volume["VolumeAttributesClass"] == "<unset>"


def test_a_claim_without_a_volume_has_no_access_modes_yet() -> None:
    asked = {"accessModes": ["ReadWriteOnce"]}
    claim = row(r.PERSISTENT_VOLUME_CLAIMS, {"spec": asked, "status": {"phase": "Pending"}})
    volume = row(r.PERSISTENT_VOLUMES, {"spec": asked, "status": {"phase": "Available"}})
    assert (claim["Access Modes"], volume["Access Modes"]) == ("", "RWO")


def test_events_of_the_newer_kind_tell_their_series() -> None:
    body = {
        "involvedObject": {"kind": "Pod", "name": "a"}, "message": "said \n", "eventTime": "2026-11-23T11:58:20Z",
        "reportingComponent": "us", "reportingInstance": "us-1", "firstTimestamp": None, "lastTimestamp": None,
        "series": {"count": 4, "lastObservedTime": EARLIER},
    }  # fmt: skip
    seen = row(r.EVENTS, body)
    told = [seen[name] for name in ("Last Seen", "First Seen", "Count", "Source", "Object", "Message")]
    assert told == ["60s", "100s", 4, "us, us-1", "pod/a", "said"]


def test_ports_of_slices_without_a_number_are_told_too() -> None:
    ports = [{"name": "http", "port": 80}, {"name": "any"}, {}]
    assert row(r.ENDPOINT_SLICES, {"addressType": "IPv4", "ports": ports, "endpoints": []})["Ports"] == "80,any,*"
