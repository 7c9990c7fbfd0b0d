"""Evidence of one object: what is wrong, its Events, its pods, and the log of the container that fails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.kube import errors
from dashboard.stack.bundles.bundle import ObjectRef
from dashboard.stack.health.evidence import MOST_EVENTS, Evidence, gather

NAMESPACE = "/apis/apps/v1/namespaces/golden-deploy"
PODS = "/api/v1/namespaces/golden-deploy/pods"
EVENTS = "/api/v1/namespaces/golden-deploy/events"
WEB = ObjectRef("apps/v1", "Deployment", "golden-deploy", "web")


@pytest.fixture
def crashing(cluster: Any, fixture: Any) -> Any:
    """A Deployment in the middle of a roll-out whose new pod crashes, with a neighbour that has trouble of its own."""
    live = fixture("deployment-rolling-out")
    cluster.add(f"{NAMESPACE}/deployments/web", live)
    labels = live["spec"]["selector"]["matchLabels"]
    owned = {"ownerReferences": [{"kind": "Deployment", "uid": live["metadata"]["uid"]}]}
    cluster.add(
        f"{NAMESPACE}/replicasets/web-1", {"metadata": {"name": "web-1", "uid": "rs", "labels": labels, **owned}}
    )
    pod = fixture("pod-crash-loop")
    pod["metadata"].update(
        name="web-1-x", namespace="golden-deploy", labels=labels, ownerReferences=[{"kind": "ReplicaSet", "uid": "rs"}]
    )
    cluster.add(f"{PODS}/web-1-x", pod)
    stranger = json.loads(json.dumps(pod))
    stranger["metadata"].update(name="other", uid="other", ownerReferences=[{"kind": "ReplicaSet", "uid": "another"}])
    cluster.add(f"{PODS}/other", stranger)
    for number, each in enumerate(fixture("pod-crash-loop", "events")):
        cluster.add(f"{EVENTS}/{number}", each)
    cluster.add(
        f"{EVENTS}/new", told("rs", "SuccessfulCreate", "Created pod: web-1-x", kind="ReplicaSet", name="web-1")
    )
    cluster.add(f"{EVENTS}/other", told("other", "BackOff", "not of this one"))
    cluster.logs["web-1-x", "main", True] = "one\ntwo \x1b[31mred\x1b[0m \x00\n" + "x" * 2000
    return cluster


def told(uid: str, reason: str, note: str, *, kind: str = "Pod", name: str = "p", at: str = "04:49:50") -> Any:
    """An Event in the form of events.k8s.io."""
    return {
        "kind": "Event", "apiVersion": "events.k8s.io/v1", "metadata": {"name": "e"}, "type": "Warning",
        "eventTime": f"2026-11-23T{at}.000000Z", "reason": reason, "note": note,
        "regarding": {"kind": kind, "name": name, "uid": uid},
    }  # fmt: skip


def gathered(cluster: Any, clock: Any, ref: ObjectRef = WEB, **more: Any) -> Evidence:
    return gather(cluster, ref, now=clock.now, **more)


def test_the_cause_is_that_of_its_own_pod(crashing: Any, clock: Any) -> None:
    found = gathered(crashing, clock)

    assert found.health.state == "progressing"
    assert found.cause is not None
    assert "Container main of pod web-1-x crashes again and again" in found.cause.sentence
    assert [(pod.name, pod.status, pod.restarts) for pod in found.pods] == [("web-1-x", "CrashLoopBackOff", 2)]
    assert found.pods[0].containers[0].exit_code == 3
    assert found.unreadable == ()


def test_events_of_the_whole_family_come_newest_first_in_one_form(crashing: Any, clock: Any) -> None:
    found = gathered(crashing, clock)

    assert found.events[0].message == "Created pod: web-1-x"
    assert {each.kind for each in found.events} == {"ReplicaSet", "Pod"}
    assert all(each.last and each.message for each in found.events)
    assert "not of this one" not in str(found.events)


def test_only_the_newest_events_are_shown(crashing: Any, clock: Any) -> None:
    for number in range(30):
        crashing.add(f"{EVENTS}/many-{number}", told("rs", "Again", f"number {number}", at=f"04:50:{number:02}"))

    found = gathered(crashing, clock)

    assert len(found.events) == MOST_EVENTS
    assert found.events[0].message == "number 29"


def test_the_log_is_that_of_the_instance_that_crashed_as_plain_text(crashing: Any, clock: Any) -> None:
    log = gathered(crashing, clock, tail_lines=2).log

    assert log is not None
    assert (log.pod, log.container, log.previous) == ("web-1-x", "main", True)
    assert log.lines[0] == "two red �"
    assert len(log.lines[1]) == 501


@pytest.mark.parametrize("answer", [None, "unable to retrieve container logs for containerd://5f4a"])
def test_without_the_log_of_the_instance_before_it_is_the_present_one(
    crashing: Any, clock: Any, answer: str | None
) -> None:
    del crashing.logs["web-1-x", "main", True]
    if answer:
        crashing.logs["web-1-x", "main", True] = answer
    crashing.logs["web-1-x", "main", False] = "hello"

    log = gathered(crashing, clock).log

    assert log is not None
    assert (log.previous, log.lines) == (False, ("hello",))


def test_a_container_that_never_started_has_no_log(cluster: Any, clock: Any, fixture: Any) -> None:
    cluster.add("/api/v1/namespaces/golden-fail/pods/pull", fixture("pod-image-back-off"))

    found = gathered(cluster, clock, ObjectRef("v1", "Pod", "golden-fail", "pull"))

    assert found.log is None
    assert found.cause is not None
    assert found.cause.kind == "image"


def test_what_may_not_be_read_is_said_with_the_right_that_is_missing(crashing: Any, clock: Any) -> None:
    crashing.forbid(EVENTS)
    crashing.forbid(f"{PODS}/web-1-x/log")

    found = gathered(crashing, clock)

    assert found.cause is not None
    assert found.unreadable == (
        "You may not list events in namespace golden-deploy; ask for that right.",
        "You may not get pods/log in namespace golden-deploy; ask for that right.",
    )


def test_without_its_pods_the_object_alone_is_judged(crashing: Any, clock: Any) -> None:
    crashing.forbid(PODS)

    found = gathered(crashing, clock)

    assert found.health.sentence == "2 of 3 replicas updated"
    assert found.unreadable == ("You may not list pods in namespace golden-deploy; ask for that right.",)


def test_without_replica_sets_the_selector_finds_the_pods(crashing: Any, clock: Any) -> None:
    crashing.forbid(f"{NAMESPACE}/replicasets")

    assert {pod.name for pod in gathered(crashing, clock).pods} == {"web-1-x", "other"}


def test_an_object_that_may_not_be_read_is_unknown(crashing: Any, clock: Any) -> None:
    crashing.forbid(f"{NAMESPACE}/deployments/web")

    found = gathered(crashing, clock)

    assert (found.exists, found.health.state) == (None, "unknown")
    assert "You may not get deployments in namespace golden-deploy" in found.unreadable[0]


def test_of_an_object_that_is_not_there_the_events_are_left(cluster: Any, clock: Any) -> None:
    event = told("", "FailedCreate", "quota", kind="Deployment", name="web")
    cluster.add(f"{EVENTS}/1", event)

    found = gathered(cluster, clock)

    assert found.exists is False
    assert [each.message for each in found.events] == ["quota"]


def test_a_healthy_workload_needs_no_log(cluster: Any, clock: Any, fixture: Any) -> None:
    cluster.add(f"{NAMESPACE}/deployments/web", fixture("deployment-rolled-out"))

    found = gathered(cluster, clock)

    assert (found.health.state, found.cause, found.log) == ("ok", None, None)


def test_nobody_answering_is_no_evidence(crashing: Any, clock: Any) -> None:
    crashing.break_down()

    with pytest.raises(errors.Unreachable):
        gathered(crashing, clock)


def test_the_document_is_plain_json(crashing: Any, clock: Any) -> None:
    document = json.loads(json.dumps(gathered(crashing, clock).document()))

    assert document["id"] == "Deployment.apps/golden-deploy/web"
    assert document["cause"]["pod"] == "web-1-x"
    assert document["log"]["lines"]
