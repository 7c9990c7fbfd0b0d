"""Pods that a quota, another rule or the nodes keep out are joined to the HPA that wants them, from recordings."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

Recording = Callable[[str], list[dict[str, Any]]]
QUOTA_BEGAN = 1_795_409_311.0
LABEL = "horizontalpodautoscalers"


@pytest.fixture
def hpa_over(recording: Recording) -> Callable[..., None]:
    """The recorded HPA, as if it scaled another Deployment."""

    def put(cluster: Any, namespace: str, name: str, *, t: float, current: int, desired: int) -> None:
        found = copy.deepcopy(
            next(
                line
                for line in recording("hpa")
                if line.get("label") == LABEL
                and line["event"]["object"]["metadata"]["name"] == "app"
                and line["t"] > 100
            )["event"]["object"]
        )
        found["metadata"].update(namespace=namespace, uid="over")
        found["spec"]["scaleTargetRef"]["name"] = name
        found["spec"]["maxReplicas"] = 8
        found["status"].update(currentReplicas=current, desiredReplicas=desired)
        event = {"type": "ADDED", "object": found}
        cluster.see({"t": t, "type": "watch", "label": "horizontalpodautoscalers", "event": event})

    return put


@pytest.mark.parametrize("with_events", [True, False])
def test_a_quota_that_refuses_pods_is_joined_to_the_hpa(
    explained_cluster: Any, recording: Recording, hpa_over: Callable[..., None], with_events: bool
) -> None:
    cluster = explained_cluster(began=QUOTA_BEGAN)
    for line in recording("quota"):
        if with_events or line["label"] != "events":
            cluster.see(line)
    hpa_over(cluster, "golden-quota", "web", t=4, current=4, desired=6)

    why = cluster.why("app")
    assert why["state"] == "quota_blocked"
    assert "Blocked by the quota rq of namespace golden-quota: 6 replicas wanted, 3 there." in why["sentence"]
    assert "the next pod needs 50m of requests.cpu, 200m of 200m are used." in why["sentence"]
    assert "Raise the quota rq" in why["advice"]
    events = [each["text"] for each in why["evidence"] if each["kind"] == "Event"]
    assert any("exceeded quota: rq" in text for text in events) == with_events


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            "maximum memory usage per Container is 512Mi, but limit is 1Gi",
            (
                "A LimitRange of namespace golden-quota refuses the next pod: maximum memory usage per Container is "
                "512Mi, but limit is 1Gi; 6 replicas wanted, 3 there."
            ),
        ),
        (
            'violates PodSecurity "restricted:latest": runAsNonRoot != true',
            (
                'The API server refuses the next pod: violates PodSecurity "restricted:latest": runAsNonRoot != true; '
                "6 replicas wanted, 3 there."
            ),
        ),
    ],
)
def test_pods_that_another_rule_refuses_are_told_in_its_words(
    explained_cluster: Any, recording: Recording, hpa_over: Callable[..., None], told: str, sentence: str
) -> None:
    cluster = explained_cluster(began=QUOTA_BEGAN)
    for line in recording("quota"):
        found = copy.deepcopy(line)
        about = found["event"]["object"]
        if line["label"] == "events" and about["reason"] == "FailedCreate":
            about["message"] = f'Error creating: pods "web-5f4d-x2kqp" is forbidden: {told}'
        cluster.see(found)
    hpa_over(cluster, "golden-quota", "web", t=4, current=4, desired=6)

    why = cluster.why("app")
    assert (why["state"], why["sentence"]) == ("pods_refused", sentence)


def test_what_may_not_be_read_is_not_said_to_be_missing(
    explained_cluster: Any, recording: Recording, hpa_over: Callable[..., None]
) -> None:
    cluster = explained_cluster(began=QUOTA_BEGAN)
    hpa_over(cluster, "golden-quota", "web", t=4, current=5, desired=5)
    why = cluster.why("app")
    assert why["state"] == "at_max"
    assert "not seen here" in why["evidence"][-1]["text"]
    assert why["next"]["text"] == "At its next sync the HPA looks again."

    for line in recording("quota"):
        if line["label"] == "deployments":
            cluster.see(line | {"t": 5})
    assert "6 replicas wanted, fewer there." in cluster.why("app")["sentence"]


def test_pods_that_no_node_takes_are_joined_to_the_hpa(
    explained_cluster: Any, recording: Recording, hpa_over: Callable[..., None]
) -> None:
    cluster = explained_cluster(began=QUOTA_BEGAN)
    for line in recording("quota"):
        if line["label"] in ("deployments", "replicasets"):
            cluster.see(line)
    (owner,) = cluster.sinks.by_resource["replicasets"].held.values()
    reference = {"kind": "ReplicaSet", "name": owner.metadata.name, "uid": owner.metadata.uid, "controller": True}
    for line in recording("noroom"):
        found = line["event"]["object"]
        if line["label"] == "pods":
            found["metadata"].update(namespace="golden-quota", ownerReferences=[reference])
        else:
            found["involvedObject"]["namespace"] = "golden-quota"
        cluster.see(line | {"t": 4})
    hpa_over(cluster, "golden-quota", "web", t=5, current=1, desired=1)
    deployment = next(iter(cluster.sinks.by_resource["deployments"].held.values()))
    deployment.status.conditions = [each for each in deployment.status.conditions if each.type != "ReplicaFailure"]
    cluster.sinks.by_resource["deployments"].apply(deployment)
    cluster.reasons.tick()

    why = cluster.why("app")
    assert why["state"] == "unschedulable"
    assert why["sentence"].startswith("No node takes one pod of the 6 replicas wanted: 0/1 nodes are available")
    assert why["sentence"].endswith("Insufficient cpu.")  # and not all else that the scheduler tried
    assert why["advice"] == "Add a node, or lower what a pod requests."
    assert any("Insufficient cpu" in each["text"] for each in why["evidence"])
    words = "0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 No."
    for uid, row in cluster.views.rows("pods").items():
        cluster.views.put("pods", uid, {**row, "unschedulable": words if row["unschedulable"] else None})
    cluster.reasons.tick()
    why = cluster.why("app")
    assert why["sentence"].endswith(": 0/1 nodes are available: 1 node(s) were unschedulable.")
    assert "kubectl uncordon" in why["advice"]
