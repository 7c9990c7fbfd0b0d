"""The STATUS word, readiness, restarts and use of pods, on recorded and on rare states."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.store import projections
from dashboard.store.pod_status import status_word
from dashboard.store.projections import PodUse

RUNNING = {"running": {"startedAt": "2026-11-23T05:00:00Z"}}
READY = [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-23T05:00:07Z"}]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("crash", ["Pending", "ContainerCreating", "Running", "Error", "Running", "Error", "CrashLoopBackOff"]),
        ("oom", ["Pending", "ContainerCreating", "Running", "OOMKilled", "Running", "OOMKilled", "CrashLoopBackOff"]),
        ("pull", ["Pending", "ContainerCreating", "ErrImagePull", "ImagePullBackOff"]),
        ("done", ["Pending", "ContainerCreating", "Running", "Completed"]),
        ("nocm", ["Pending", "ContainerCreating"]),
        ("noroom", ["Pending"]),
    ],
)
def test_words_of_failing_pods_follow_the_recording(recording: Any, name: str, words: list[str]) -> None:
    seen: list[str] = []
    for _, _, pod in recording("pods-failing", only=name, upto=20):
        word = status_word(pod)
        if not seen or seen[-1] != word:
            seen.append(word)
    assert seen[: len(words)] == words


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"status": {"phase": "Running"}, "metadata": {"deletionTimestamp": "2026-11-23T05:00:00Z"}}, "Terminating"),
        ({"status": {"phase": "Succeeded"}, "metadata": {"deletionTimestamp": "2026-11-23T05:00:00Z"}}, "Succeeded"),
        (
            {
                "status": {"phase": "Running", "reason": "NodeLost"},
                "metadata": {"deletionTimestamp": "2026-11-23T05:00:00Z"},
            },
            "Unknown",
        ),
        ({"status": {"phase": "Failed", "reason": "Evicted"}}, "Evicted"),
        ({}, "Unknown"),
        (
            {
                "spec": {"initContainers": [{"name": "a"}, {"name": "b"}]},
                "status": {
                    "phase": "Pending",
                    "initContainerStatuses": [
                        {"name": "a", "state": {"terminated": {"exitCode": 0}}},
                        {"name": "b", "state": {"running": {}}},
                    ],
                },
            },
            "Init:1/2",
        ),
        (
            {
                "spec": {"initContainers": [{"name": "a"}]},
                "status": {
                    "phase": "Pending",
                    "initContainerStatuses": [{"name": "a", "state": {"terminated": {"exitCode": 3}}}],
                },
            },
            "Init:ExitCode:3",
        ),
        (
            {
                "spec": {"initContainers": [{"name": "a", "restartPolicy": "Always"}]},
                "status": {
                    "phase": "Running",
                    "initContainerStatuses": [{"name": "a", "started": True, "state": RUNNING}],
                    "containerStatuses": [{"name": "m", "ready": True, "state": RUNNING}],
                },
            },
            "Running",
        ),
        (
            {
                "status": {
                    "phase": "Running",
                    "containerStatuses": [
                        {"name": "m", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}},
                        {"name": "n", "ready": True, "state": RUNNING},
                    ],
                }
            },
            "NotReady",
        ),
        (
            {"status": {"containerStatuses": [{"name": "m", "state": {"terminated": {"exitCode": 137, "signal": 9}}}]}},
            "Signal:9",
        ),
        (
            {"status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "reason": "SchedulingGated"}]}},
            "SchedulingGated",
        ),
    ],
)
def test_rare_states_have_kubectl_s_word(make: Any, fields: dict[str, Any], word: str) -> None:
    assert status_word(make("pods", "p", **fields)) == word


def test_use_is_shown_against_request_and_limit_and_may_pass_them(make: Any) -> None:
    resources = {"requests": {"cpu": "100m"}, "limits": {"memory": "192Mi"}}
    pod = make(
        "pods",
        "guestbook-75966dd9c7-nx6gf",
        metadata={"ownerReferences": [{"kind": "ReplicaSet", "name": "r", "uid": "r", "controller": True}]},
        spec={"containers": [{"name": "app", "resources": resources}]},
        status={"phase": "Running", "conditions": READY},
    )
    row = projections.pod(pod, workload=None, use=PodUse(201.0, 1024, "2026-11-23T05:00:15Z"), role="primary")
    assert row["short"] == "nx6gf"
    assert row["cpu_percent"] == 201.0
    assert row["memory_limit_bytes"] == 192 * 1024**2
    assert row["ready"]
    assert row["ready_at"] == "2026-11-23T05:00:07Z"
    assert row["role"] == "primary"


def test_without_metrics_or_requests_use_is_unknown_and_not_zero(make: Any) -> None:
    row = projections.pod(make("pods", "mongo-0", spec={"containers": [{"name": "m"}]}), workload=None)
    assert [row[key] for key in ("cpu_millicores", "cpu_percent", "memory_bytes", "memory_limit_bytes")] == [None] * 4
    other = projections.pod(
        make("pods", "p", spec={"containers": [{"name": "m"}]}), workload=None, use=PodUse(5.0, 1, None)
    )
    assert other["cpu_percent"] is None


def test_members_of_a_statefulset_keep_their_name(make: Any) -> None:
    owner = [{"kind": "StatefulSet", "name": "mongo", "uid": "s", "controller": True}]
    pod = make("pods", "mongo-0", metadata={"ownerReferences": owner})
    assert projections.short_name(pod) == "mongo-0"


def test_a_container_that_runs_again_still_says_how_it_ended(recording: Any) -> None:
    pods = [pod for _, _, pod in recording("pods-failing", only="oom", upto=2.7)]
    (container,) = projections.pod(pods[-1], workload=None)["containers"]
    assert container == {"name": "main", "state": "running", "reason": "OOMKilled", "exit_code": 137, "restarts": 1}
