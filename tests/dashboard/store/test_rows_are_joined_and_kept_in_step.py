"""Pods know their workload, workloads their HPA and their trouble, and what is gone leaves."""

from __future__ import annotations

from typing import Any

from dashboard.store.projections import PodUse
from dashboard.store.times import iso


def owned_by(kind: str, name: str) -> dict[str, Any]:
    return {"ownerReferences": [{"kind": kind, "name": name, "uid": f"uid-{name}", "controller": True}]}


def test_a_recorded_roll_out_ends_healthy_with_its_pods_in_place(store: Any, recording: Any) -> None:
    store.play(recording("deployment-rollout", upto=1.8))
    workload = store.row("workloads", "web")
    assert (workload["replicas"], workload["ready"], workload["state"]) == (2, 2, "ok")
    pods = [row for row in store.views.rows("pods").values() if row["ready"]]
    assert len(pods) == 2
    assert {pod["workload"]["name"] for pod in pods} == {"web"}
    assert {pod["workload"]["kind"] for pod in pods} == {"Deployment"}
    assert len(store.told("ready")) == 0, "nothing is told before the first list"


def test_while_it_rolls_out_it_says_what_is_missing(store: Any, recording: Any) -> None:
    store.play(recording("deployment-rollout", upto=2.95))
    workload = store.row("workloads", "web")
    assert workload["state"] == "progressing"
    assert workload["reason"] == "3 of 5 pods are ready"
    assert not workload["healthy"]


def test_pods_read_before_their_replicaset_find_their_deployment_later(store: Any, make: Any) -> None:
    sinks = store.sinks.by_resource
    sinks["pods"].replace([make("pods", "web-abc-x", metadata=owned_by("ReplicaSet", "web-abc"))])
    assert store.row("pods", "web-abc-x")["workload"]["kind"] == "ReplicaSet"
    sinks["replicasets"].replace([make("replicasets", "web-abc", metadata=owned_by("Deployment", "web"))])
    assert store.row("pods", "web-abc-x")["workload"] == {"kind": "Deployment", "name": "web", "uid": "uid-web"}
    assert store.views.get("pod_spans", "uid-web-abc-x")["workload"] == "uid-web"
    sinks["replicasets"].replace([])
    sinks["pods"].apply(make("pods", "web-abc-x", metadata={**owned_by("ReplicaSet", "web-abc"), "labels": {}}))
    assert store.row("pods", "web-abc-x")["workload"]["kind"] == "Deployment", "also when its ReplicaSet has gone"


def test_a_workload_knows_its_hpa_whichever_comes_first(store: Any, make: Any) -> None:
    sinks = store.sinks.by_resource
    target = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}
    sinks["deployments"].apply(make("deployments", "web", spec={"replicas": 1}))
    assert store.row("workloads", "web")["hpa"] is None
    sinks["horizontalpodautoscalers"].apply(make("horizontalpodautoscalers", "scaler", spec=target))
    assert store.row("workloads", "web")["hpa"] == "scaler"
    sinks["horizontalpodautoscalers"].delete(make("horizontalpodautoscalers", "scaler", spec=target))
    assert store.row("workloads", "web")["hpa"] is None


def test_before_a_controller_wrote_anything_counts_are_unknown(store: Any, make: Any) -> None:
    store.sinks.by_resource["statefulsets"].apply(make("statefulsets", "mongo", spec={"replicas": 3}))
    row = store.row("workloads", "mongo")
    assert (row["replicas"], row["ready"], row["updated"]) == (3, None, None)
    assert row["state"] == "progressing"


def test_a_pod_that_cannot_start_makes_its_workload_failed_until_it_is_gone(store: Any, make: Any) -> None:
    sinks = store.sinks.by_resource
    status = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1}
    sinks["statefulsets"].apply(make("statefulsets", "db", spec={"replicas": 1}, status=status))
    broken = {"containerStatuses": [{"name": "m", "state": {"waiting": {"reason": "ImagePullBackOff"}}}]}
    pod = make("pods", "db-0", metadata=owned_by("StatefulSet", "db"), status=broken)
    sinks["pods"].apply(pod)
    row = store.row("workloads", "db")
    assert (row["state"], row["reason"]) == ("failed", "pod db-0: ImagePullBackOff")
    sinks["pods"].delete(pod)
    assert store.row("workloads", "db")["state"] == "progressing"


def test_a_list_removes_what_it_does_not_hold(store: Any, make: Any) -> None:
    sinks = store.sinks.by_resource
    for plural, view in (("deployments", "workloads"), ("pods", "pods"), ("namespaces", "namespaces")):
        sinks[plural].replace([make(plural, "a"), make(plural, "b")])
        sinks[plural].replace([make(plural, "b")])
        assert [row["name"] for row in store.views.rows(view).values()] == ["b"]
        store.views.replace(view, {})


def test_a_list_with_nothing_new_says_nothing(store: Any, make: Any) -> None:
    pods = [make("pods", "a"), make("pods", "b")]
    store.sinks.by_resource["pods"].replace(pods)
    before = len(store.deltas)
    store.sinks.by_resource["pods"].replace(list(reversed(pods)))
    assert len(store.deltas) == before


def test_metrics_and_roles_reach_the_rows_and_leave_them(store: Any, make: Any) -> None:
    resources = {"requests": {"cpu": "100m"}}
    store.sinks.by_resource["pods"].apply(make("pods", "a", spec={"containers": [{"resources": resources}]}))
    store.sinks.set_metrics({"demo/a": PodUse(50.0, 7, "2026-11-23T05:00:00Z")})
    store.sinks.set_role("uid-a", "primary")
    row = store.row("pods", "a")
    assert (row["cpu_percent"], row["memory_bytes"], row["role"]) == (50.0, 7, "primary")
    store.sinks.set_metrics({})
    store.sinks.set_role("uid-a", None)
    row = store.row("pods", "a")
    assert (row["cpu_percent"], row["memory_bytes"], row["metrics_at"], row["role"]) == (None, None, None, None)


def test_an_hpa_without_metrics_is_unknown_and_not_zero(store: Any, recording: Any) -> None:
    store.play(recording("hpa-moments", upto=20))
    row = store.row("hpas", "app")
    assert (row["cpu_percent"], row["desired"], row["current"]) == (None, None, 1)
    assert row["cpu_target"] == 50
    store.play(recording("hpa-moments", upto=80))
    row = store.row("hpas", "app")
    assert (row["cpu_percent"], row["desired"], row["current"]) == (201, 3, 1)
    assert row["last_scale_at"] == "2026-11-23T04:51:59Z"
    assert {each["type"] for each in row["conditions"]} == {"AbleToScale", "ScalingActive", "ScalingLimited"}


def test_a_bar_has_a_beginning_a_first_readiness_and_an_end(store: Any, make: Any) -> None:
    sink = store.sinks.by_resource["pods"]
    born = {"creationTimestamp": "2026-11-23T05:00:00Z"}
    ready = {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-23T05:00:07Z"}]}
    sink.apply(make("pods", "a", metadata=born))
    sink.apply(make("pods", "a", metadata=born, status=ready))
    sink.apply(make("pods", "a", metadata=born))
    span = store.row("pod_spans", "a")
    times = (span["created_at"], span["ready_at"], span["ended_at"])
    assert times == ("2026-11-23T05:00:00Z", "2026-11-23T05:00:07Z", None)
    sink.delete(make("pods", "a"))
    assert store.row("pod_spans", "a")["ended_at"] == iso(store.time)
    store.time += 34 * 60
    store.sinks.tick()
    assert store.views.rows("pod_spans")
    store.time += 2 * 60
    store.sinks.tick()
    assert not store.views.rows("pod_spans")


def test_another_cluster_begins_with_nothing(store: Any, make: Any) -> None:
    store.sinks.by_resource["pods"].apply(make("pods", "a"))
    store.story.note("apply", "deploying")
    store.sinks.forget()
    assert not any(store.views.snapshot().views.values())
    store.sinks.by_resource["pods"].replace([make("pods", "b")])
    assert [row["name"] for row in store.views.rows("pods").values()] == ["b"]
