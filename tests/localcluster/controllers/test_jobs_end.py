"""Jobs succeed, fail, pass their deadline and are removed after their time."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.client import Object
from localcluster.resources import JOBS, PODS


@pytest.fixture
def job() -> Object:
    container = {
        "name": "main",
        "image": "docker.io/library/python:3.12-slim",
        "command": ["python3", "-c", "print(1)"],
    }
    template = {"spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "containers": [container]}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "work"}, "spec": {"template": template}}


def conditions(cluster: Any) -> list[tuple[str, str, str]]:
    found = cluster.one(JOBS, "work")["status"].get("conditions") or []
    return [(one["type"], one["reason"], one["message"]) for one in found]


async def finish(cluster: Any, phase: str) -> None:
    for pod in cluster.all(PODS):
        if pod["status"]["phase"] == "Running":
            await cluster.kubelet.report(pod, phase)


def running(cluster: Any, count: int) -> bool:
    return sum(pod["status"]["phase"] == "Running" for pod in cluster.all(PODS)) == count


async def test_a_job_whose_pod_succeeds_is_complete(cluster: Any, job: Object) -> None:
    await cluster.api.create(JOBS, job, namespace="demo")
    await cluster.until(lambda: running(cluster, 1))
    await finish(cluster, "Succeeded")
    await cluster.until(lambda: len(conditions(cluster)) == 2)
    text = ("CompletionsReached", "Reached expected number of succeeded pods")
    assert conditions(cluster) == [("SuccessCriteriaMet", *text), ("Complete", *text)]
    status = cluster.one(JOBS, "work")["status"]
    assert {part: status.get(part) for part in ("succeeded", "active", "ready", "terminating")} == {
        "succeeded": 1, "active": None, "ready": 0, "terminating": 0,
    }  # fmt: skip
    assert status["uncountedTerminatedPods"] == {}
    assert status["completionTime"]
    assert not cluster.all(PODS)[0]["metadata"].get("finalizers")
    await cluster.until(lambda: ("Normal", "Completed", "Job completed") in cluster.told("Job"))


async def test_completions_are_run_in_parallel(cluster: Any, job: Object) -> None:
    job["spec"].update(completions=3, parallelism=2)
    await cluster.api.create(JOBS, job, namespace="demo")
    await cluster.until(lambda: running(cluster, 2))
    await finish(cluster, "Succeeded")
    await cluster.until(lambda: running(cluster, 1))
    await finish(cluster, "Succeeded")
    await cluster.until(lambda: cluster.one(JOBS, "work")["status"].get("completionTime"))
    assert cluster.one(JOBS, "work")["status"]["succeeded"] == 3


async def test_a_failed_pod_is_tried_again_after_a_while_until_the_limit(cluster: Any, job: Object) -> None:
    job["spec"]["backoffLimit"] = 1
    await cluster.api.create(JOBS, job, namespace="demo")
    await cluster.until(lambda: running(cluster, 1))
    await finish(cluster, "Failed")
    await cluster.until(lambda: cluster.one(JOBS, "work")["status"].get("failed") == 1)
    await cluster.clock.advance(9)
    assert len(cluster.all(PODS)) == 1
    await cluster.clock.advance(2)
    await cluster.until(lambda: running(cluster, 1))
    await finish(cluster, "Failed")
    await cluster.until(lambda: len(conditions(cluster)) == 2)
    text = ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
    assert conditions(cluster) == [("FailureTarget", *text), ("Failed", *text)]
    assert cluster.one(JOBS, "work")["status"]["failed"] == 2
    await cluster.until(lambda: ("Warning", *text) in cluster.told("Job"))


async def test_a_job_past_its_deadline_stops_its_pods_and_fails(cluster: Any, job: Object) -> None:
    job["spec"]["activeDeadlineSeconds"] = 5
    cluster.kubelet.keep_terminating = True
    await cluster.api.create(JOBS, job, namespace="demo")
    await cluster.until(lambda: running(cluster, 1))
    await cluster.clock.advance(6)
    await cluster.until(lambda: conditions(cluster))
    text = ("DeadlineExceeded", "Job was active longer than specified deadline")
    await cluster.settle()
    assert conditions(cluster) == [("FailureTarget", *text)]
    assert cluster.one(JOBS, "work")["status"]["terminating"] == 1
    await cluster.kubelet.end(cluster.all(PODS)[0])
    await cluster.until(lambda: len(conditions(cluster)) == 2)
    assert conditions(cluster)[1] == ("Failed", *text)
    assert cluster.one(JOBS, "work")["status"]["failed"] == 1


async def test_a_finished_job_and_its_pods_go_after_their_time(cluster: Any, job: Object) -> None:
    job["spec"]["ttlSecondsAfterFinished"] = 5
    await cluster.api.create(JOBS, job, namespace="demo")
    await cluster.until(lambda: running(cluster, 1))
    await finish(cluster, "Succeeded")
    await cluster.until(lambda: cluster.one(JOBS, "work")["status"].get("completionTime"))
    await cluster.clock.advance(4)
    assert cluster.one(JOBS, "work") is not None
    await cluster.clock.advance(2)
    await cluster.until(lambda: cluster.one(JOBS, "work") is None and not cluster.all(PODS))


async def test_pods_of_a_deleted_job_do_not_wait_for_it(cluster: Any, job: Object) -> None:
    await cluster.api.create(JOBS, job, namespace="demo")
    await cluster.until(lambda: running(cluster, 1))
    await cluster.api.delete(JOBS, "work", namespace="demo", propagation_policy="Background")
    await cluster.until(lambda: not cluster.all(PODS))


async def test_a_suspended_job_has_no_pods_until_it_is_resumed(cluster: Any, job: Object) -> None:
    job["spec"]["suspend"] = True
    await cluster.api.create(JOBS, job, namespace="demo")
    await cluster.until(lambda: conditions(cluster) == [("Suspended", "JobSuspended", "Job suspended")])
    assert not cluster.all(PODS)
    await cluster.api.patch(
        JOBS, "work", {"spec": {"suspend": False}}, patch_type="application/merge-patch+json", namespace="demo"
    )
    await cluster.until(lambda: running(cluster, 1))
