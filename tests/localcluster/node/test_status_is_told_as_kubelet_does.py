"""Pod status from container states, against statuses a real kubelet wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcluster.node.status import ContainerState, Place, pod_phase, pod_status

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
            status["started"], status.get("containerID", ""), status["imageID"],
        )
        for status in pod["status"]["containerStatuses"]
    ]  # fmt: skip


def between_two_steps(pod: Any) -> bool:
    """kubelet writes a pod's end in two steps, a second apart; this node in one."""
    if any("ContainerStatusUnknown" in str(status["state"]) for status in pod["status"]["containerStatuses"]):
        return True
    ended = all("terminated" in status["state"] for status in pod["status"]["containerStatuses"])
    return ended and pod["status"]["phase"] == "Running" and pod["spec"]["restartPolicy"] != "Always"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_phase_and_conditions_are_those_recorded(scenario: str) -> None:
    """For every recorded pod the same container states give the same phase, conditions and container statuses."""
    for pod in recorded(scenario):
        theirs = pod["status"]
        kinds = {c["type"]: c for c in theirs["conditions"]}
        if "PodReadyToStartContainers" not in kinds or between_two_steps(pod):
            continue
        place = Place(theirs.get("podIP", ""), theirs["hostIP"], theirs["startTime"])
        ours = pod_status(
            pod, theirs, place=place, init=[], containers=states(pod),
            sandbox_ready=kinds["PodReadyToStartContainers"]["status"] == "True",
            ending="deletionTimestamp" in pod["metadata"] and theirs["phase"] in {"Succeeded", "Failed"}, now="later",
        )  # fmt: skip
        assert ours["phase"] == theirs["phase"], pod["metadata"]["name"]
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


def test_transition_times_stay_while_nothing_changes() -> None:
    pod = {"metadata": {"generation": 1}, "spec": {}}
    container = ContainerState({"name": "c", "image": "i"}, {"running": {"startedAt": "t"}}, ready=True, started=True)
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
    }  # fmt: skip
