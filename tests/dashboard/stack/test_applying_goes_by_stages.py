"""Apply: order, waiting, resuming, refusals."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from dashboard.kube import errors
from dashboard.stack.applying.applier import DEADLINE_S, Applier
from dashboard.stack.applying.progress import Progress
from dashboard.stack.bundles.bundle import Bundle, GeneratedSecret

WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
SECRET = "/api/v1/namespaces/shop/secrets/db"


class Deploying:
    """One Applier with its published rows."""

    def __init__(self, cluster: Any, time: Any) -> None:
        self.rows: list[dict[str, Any]] = []
        self.cancelled = threading.Event()
        progress = Progress(lambda row: self.rows.append(dict(row)), time.now)
        self.applier = Applier(cluster, progress, self.cancelled, time.clock, time.sleep)

    @property
    def last(self) -> dict[str, Any]:
        return self.rows[-1]

    def results(self) -> dict[str, str]:
        return {f"{step['object']['kind']} {step['object']['name']}": step["result"] for step in self.last["steps"]}


@pytest.fixture
def deploying(cluster: Any, time: Any) -> Deploying:
    return Deploying(cluster, time)


def bundle(objects: Any, *secrets: GeneratedSecret) -> Bundle:
    return Bundle("shop", tuple(objects), tuple(secrets))


def test_namespaces_come_before_configuration_and_workloads_last(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.applier.apply([bundle(objects)])

    assert [path for _, path in cluster.writes] == [
        "/api/v1/namespaces/shop",
        "/api/v1/namespaces/shop/configmaps/web",
        WEB,
    ]
    assert deploying.last["state"] == "done"
    assert deploying.results() == {"Namespace shop": "created", "ConfigMap web": "created", "Deployment web": "ready"}


def test_a_second_apply_sends_nothing(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.applier.apply([bundle(objects)])
    cluster.writes.clear()

    deploying.applier.apply([bundle(objects)])

    assert cluster.writes == []
    assert deploying.results()["ConfigMap web"] == "unchanged"


def test_a_generated_secret_is_created_once_and_never_overwritten(deploying: Any, cluster: Any, objects: Any) -> None:
    secret = GeneratedSecret("shop", "db", generate={"password": 32})
    deploying.applier.apply([bundle(objects, secret)])
    first = cluster.objects[SECRET]["data"]["password"]

    deploying.applier.apply([bundle(objects, secret)])

    assert cluster.objects[SECRET]["data"]["password"] == first
    assert len(first) > 32
    assert "data" not in str(deploying.rows)
    assert first not in str(deploying.rows)


def test_nothing_is_written_when_the_dry_run_refuses_an_object(deploying: Any, cluster: Any, objects: Any) -> None:
    cluster.objects["/api/v1/namespaces/shop"] = objects[0]
    cluster.refuse(WEB, errors.Invalid(422, "Invalid", "spec.replicas: must not be negative"))

    deploying.applier.apply([bundle(objects)])

    assert cluster.writes == []
    assert deploying.last["state"] == "failed"
    assert "Deployment web: spec.replicas: must not be negative" in deploying.last["error"]


def test_a_conflict_names_the_other_manager_and_the_field(deploying: Any, cluster: Any, objects: Any) -> None:
    cluster.objects["/api/v1/namespaces/shop"] = objects[0]
    causes = {"causes": [{"field": ".spec.replicas", "message": 'conflict with "hpa"'}]}
    cluster.refuse(WEB, errors.Conflict(409, "Conflict", "Apply failed", details=causes))

    deploying.applier.apply([bundle(objects)])

    assert '.spec.replicas (conflict with "hpa")' in deploying.last["error"]


def test_it_says_what_is_not_ready_when_the_deadline_passes(
    deploying: Any, cluster: Any, objects: Any, time: Any
) -> None:
    cluster.becomes_healthy = False

    deploying.applier.apply([bundle(objects)])

    assert time.seconds > DEADLINE_S
    assert deploying.last["state"] == "failed"
    assert "Deployment web is not ready" in deploying.last["error"]


def test_cancelling_leaves_what_is_applied_and_stops(deploying: Any, cluster: Any, objects: Any, time: Any) -> None:
    cluster.becomes_healthy = False
    time.on_sleep = deploying.cancelled.set

    deploying.applier.apply([bundle(objects)])

    assert deploying.last["state"] == "cancelled"
    assert WEB in cluster.objects


def test_an_unknown_kind_is_refused_before_anything_is_written(deploying: Any, cluster: Any) -> None:
    strange = {"apiVersion": "nosuch.example/v1", "kind": "Strange", "metadata": {"name": "x"}}

    deploying.applier.apply([Bundle("shop", (strange,))])

    assert cluster.writes == []
    assert "serves no Strange in nosuch.example/v1" in deploying.last["error"]


def test_a_namespace_that_is_ending_is_told_in_one_sentence(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.applier.apply([bundle(objects)])
    cluster.objects["/api/v1/namespaces/shop"]["metadata"]["deletionTimestamp"] = "2026-11-23T00:00:00Z"
    cluster.writes.clear()

    deploying.applier.apply([bundle(objects)])

    assert deploying.last["error"] == (
        "Nothing was applied. Namespace shop is being deleted; deploy again when it is gone."
    )
    assert cluster.writes == []
