from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.kube.quota_refusals import refusal_of
from dashboard.limits import blocked

Make = Callable[..., Any]
HPA = {"namespace": "golden-quota", "name": "web", "target": {"kind": "Deployment", "name": "web"}}


def test_the_recorded_refusal_is_joined_to_its_hpa(recorded: dict[str, Any], workload_of: Make) -> None:
    row = blocked.rows([workload_of(recorded["replica_set"])], [HPA], recorded["events"])[0]
    assert row["sentence"] == (
        "HPA web wants Deployment web to have 6 pods; there are 3. "
        "Quota rq refuses the rest: it lacks pods 3 and requests.cpu 150m."
    )
    assert row["advice"] == (
        "Raise quota rq: pods from 4 to 7, requests.cpu from 200m to 350m; "
        "or lower the requests of a pod, or the HPA's maxReplicas."
    )
    assert (row["state"], row["hpa"], row["wanted"], row["has"]) == ("now", "web", 6, 3)
    assert "exceeded quota: rq" in row["message"]


def test_without_an_hpa_the_deployment_itself_wants(recorded: dict[str, Any], workload_of: Make) -> None:
    row = blocked.rows([workload_of(recorded["replica_set"])], [], [])[0]
    assert row["sentence"].startswith("Deployment web wants 6 pods; there are 3.")


def test_what_the_condition_tells_is_not_told_again_by_its_events(recorded: dict[str, Any], workload_of: Make) -> None:
    assert len(blocked.rows([workload_of(recorded["replica_set"])], [], recorded["events"])) == 1


def test_an_event_alone_is_told_as_earlier(recorded: dict[str, Any]) -> None:
    rows = blocked.rows([], [], recorded["events"])
    assert [row["state"] for row in rows] == ["earlier"]
    assert rows[0]["who"].startswith("ReplicaSet web-")
    assert "pods 1" in rows[0]["sentence"]
    assert rows[0]["advice"].startswith("As it stood then, one pod more needed quota rq to be raised: pods from 4 to 5")


def test_a_replica_set_that_has_all_its_pods_is_not_refused(recorded: dict[str, Any], workload_of: Make) -> None:
    found = workload_of(recorded["replica_set"])
    found.spec.replicas = 3
    assert blocked.rows([found], [HPA], []) == []


def test_another_failure_is_no_refusal_of_a_quota(recorded: dict[str, Any], workload_of: Make) -> None:
    found = workload_of(recorded["replica_set"])
    found.status.conditions[0].message = 'pods "web" is forbidden: error looking up service account'
    assert blocked.rows([found], [HPA], []) == []


def test_the_message_is_taken_apart_with_what_is_missing() -> None:
    found = refusal_of(
        '(combined from similar events): Error creating: pods "a" is forbidden: exceeded quota: q, requested: '
        "limits.memory=256Mi,requests.cpu=100m, used: limits.memory=2Gi,requests.cpu=1150m, "
        "limited: limits.memory=2304Mi,requests.cpu=1200m"
    )
    assert found is not None
    assert (found.quota, [each.resource for each in found.lacks]) == ("q", ["limits.memory", "requests.cpu"])
    assert [str(each.missing) for each in found.lacks] == ["0", "0.050"]


def test_a_quota_that_wants_more_said_is_told_apart() -> None:
    found = refusal_of('pods "a" is forbidden: failed quota: q: must specify limits.memory,requests.cpu')
    assert found is not None
    assert found.needs == ("limits.memory", "requests.cpu")
    assert found.lacks == ()


def test_other_words_are_no_refusal() -> None:
    assert refusal_of(None) is None
    assert refusal_of("pods is forbidden: maximum memory usage per Container is 256Mi") is None
    assert refusal_of("exceeded quota: q") is not None
