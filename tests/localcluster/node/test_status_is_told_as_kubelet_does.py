"""Pod status from container states, against statuses a real kubelet wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcluster.node.status import ContainerState, Place, pod_phase, pod_resources, pod_status
from localcluster.node.statuspatch import patch_of

RECORDINGS = Path(__file__).parents[4] / "shared" / "golden"
SCENARIOS = ("pod-failures", "deployment", "statefulset", "jobs")


def recorded(scenario: str) -> Iterator[Any]:
    """Pods as kubelet last wrote them."""
    path = RECORDINGS / f"{scenario}.jsonl"
    if not path.exists():
        pytest.skip("no recordings")
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        pod = entry.get("event", {}).get("object", {})
        if pod.get("kind") == "Pod" and pod["status"].get("containerStatuses"):
            yield pod


def states(pod: Any) -> list[ContainerState]:
    specs = {spec["name"]: spec for spec in pod["spec"]["containers"]}
    return [
        ContainerState(
            specs[status["name"]], status["state"], status["lastState"], status["restartCount"], status["ready"],
            status["started"], status.get("containerID", ""), status["imageID"], lost=is_lost(status),
        )
        for status in pod["status"]["containerStatuses"]
    ]  # fmt: skip


def is_lost(status: Any) -> bool:
    return (status["state"].get("terminated") or {}).get("reason") == "ContainerStatusUnknown"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_phase_and_conditions_are_those_recorded(scenario: str) -> None:
    """For every recorded pod the same container states give the same phase, conditions and container statuses.

    Ends come in two steps: first the conditions, and, with the sandbox gone, the phase.
    """
    for pod in recorded(scenario):
        theirs = pod["status"]
        kinds = {c["type"]: c for c in theirs["conditions"]}
        if "PodReadyToStartContainers" not in kinds:
            continue
        place = Place(theirs.get("podIP", ""), theirs["hostIP"], theirs["startTime"])
        ours = pod_status(
            pod, theirs, place=place, init=[], containers=states(pod),
            sandbox_ready=kinds["PodReadyToStartContainers"]["status"] == "True",
            ending="deletionTimestamp" in pod["metadata"] and theirs["phase"] in {"Succeeded", "Failed"}, now="later",
        )  # fmt: skip
        assert ours["phase"] == theirs["phase"], pod["metadata"]["name"]
        assert [one["type"] for one in ours["conditions"]] == [one["type"] for one in theirs["conditions"]]
        for condition in ours["conditions"]:
            them = kinds[condition["type"]]
            assert them == {**condition, "observedGeneration": them["observedGeneration"]}, pod["metadata"]["name"]
        for mine, them in zip(ours["containerStatuses"], theirs["containerStatuses"], strict=True):
            assert {**mine, "image": them["image"]} == {k: them.get(k) for k in mine}  # containerd adds the host


def test_what_ended_keeps_running_under_policy_always() -> None:
    """A container that ended counts as about to run again, unless the pod is ending."""
    pod = {"spec": {"restartPolicy": "Always"}}
    ended = ContainerState({"name": "c"}, {"terminated": {"exitCode": 0}})
    assert pod_phase(pod, [], [ended], ending=False) == "Running"
    assert pod_phase(pod, [], [ended], ending=True) == "Succeeded"
    failed = ContainerState({"name": "c"}, {"terminated": {"exitCode": 137}})
    assert pod_phase(pod, [], [ended, failed], ending=True) == "Failed"


def test_a_pod_that_has_to_be_initialized_again_is_pending() -> None:
    """After its sandbox was lost its containers have run before, and still nothing of it runs."""
    pod = {"spec": {"restartPolicy": "Always"}}
    lost = ContainerState({"name": "c"}, last_state={"terminated": {"exitCode": 255}})
    preparing = ContainerState({"name": "i"}, {"running": {}}, last_state={"terminated": {"exitCode": 0}})
    assert pod_phase(pod, [preparing], [lost], ending=False) == "Pending"
    prepared = ContainerState({"name": "i"}, {"terminated": {"exitCode": 0}})
    assert pod_phase(pod, [prepared], [lost], ending=False) == "Running"


def test_transition_times_stay_while_nothing_changes() -> None:
    spec = {"name": "c", "image": "i"}
    pod = {"metadata": {"generation": 1}, "spec": {"containers": [spec]}}
    container = ContainerState(spec, {"running": {"startedAt": "t"}}, ready=True, started=True)
    place = Place("127.64.1.1", "127.64.0.1", "t")
    parts: dict[str, Any] = {
        "place": place,
        "init": [],
        "containers": [container],
        "sandbox_ready": True,
        "ending": False,
    }
    first = pod_status(pod, {}, **parts, now="first")
    container.ready = False
    second = pod_status(pod, first, **parts, now="second")
    times = {c["type"]: c["lastTransitionTime"] for c in second["conditions"]}
    assert times == {
        "PodReadyToStartContainers": "first", "Initialized": "first", "Ready": "second", "ContainersReady": "second",
        "PodScheduled": "first",
    }  # fmt: skip


def test_resources_of_containers_side_by_side_are_added_up() -> None:
    """A sidecar counts, an init container that ends does not."""
    pod = {
        "spec": {
            "initContainers": [
                {"name": "first", "resources": {"requests": {"cpu": "2"}}},
                {"name": "beside", "restartPolicy": "Always", "resources": {"requests": {"memory": "16Mi"}}},
            ],
            "containers": [{"name": "main", "resources": {"requests": {"memory": "48Mi"}, "limits": {"cpu": "200m"}}}],
        }
    }
    assert pod_resources(pod) == {
        "resources": {"limits": {"cpu": "200m"}, "requests": {"memory": "64Mi"}},
        "allocatedResources": {"memory": "64Mi"},
    }
    assert pod_resources({"spec": {"containers": [{"name": "main"}]}}) == {"resources": {}}


def test_what_a_condition_does_not_say_any_more_is_taken_away() -> None:
    """Conditions are merged by type: a reason that no longer holds has to be removed by name."""
    before = {"conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}]}
    patch = patch_of(before, {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]})
    assert patch["conditions"] == [{"type": "Ready", "status": "True", "reason": None}]
    assert patch["$setElementOrder/conditions"] == [{"type": "Ready"}]
