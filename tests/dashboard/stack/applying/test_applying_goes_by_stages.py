"""Apply: order, waiting, resuming, refusals."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.kube import errors
from dashboard.stack.applying.waiting import DEADLINE_S
from dashboard.stack.bundles.bundle import GeneratedSecret, SecretKeySource

SHOP = "/api/v1/namespaces/shop"
WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
CONFIG = "/api/v1/namespaces/shop/configmaps/web"
SECRET = "/api/v1/namespaces/shop/secrets/db"
DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/lamps.example.org"


def test_namespaces_come_before_configuration_and_workloads_last(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.put(objects)
    deploying.deploy()

    assert [path for _, path in cluster.writes] == [SHOP, CONFIG, WEB]
    assert deploying.last["state"] == "done"
    assert deploying.results() == {"Namespace shop": "created", "ConfigMap web": "created", "Deployment web": "ready"}


def test_the_row_says_who_does_what_to_which_objects(deploying: Any, objects: Any) -> None:
    deploying.put(objects)
    deploying.deploy()

    row = deploying.last
    assert (row["action"], row["bundles"], row["by"]) == ("deploy", ["shop"], "operator")
    assert row["steps"][-1]["object"] == {
        "id": "Deployment.apps/shop/web", "kind": "Deployment", "namespace": "shop", "name": "web",
    }  # fmt: skip
    states = [each["state"] for each in deploying.rows]
    assert [state for at, state in enumerate(states) if state not in states[:at]] == [
        "planning", "applying", "waiting", "done",
    ]  # fmt: skip


def test_a_second_apply_sends_nothing(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.put(objects)
    deploying.deploy()
    cluster.requests.clear()

    deploying.deploy()

    assert cluster.requests == []
    assert deploying.results()["ConfigMap web"] == "unchanged"


def test_a_generated_secret_is_created_once_and_never_overwritten(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.put(objects, GeneratedSecret("shop", "db", generate={"password": 32}))
    deploying.deploy()
    first = cluster.objects[SECRET]["data"]["password"]

    deploying.put([*objects, {**objects[2], "metadata": {"name": "more", "namespace": "shop"}}],
                  GeneratedSecret("shop", "db", generate={"password": 40}))  # fmt: skip
    deploying.deploy()

    assert deploying.last["state"] == "done"
    assert cluster.objects[SECRET]["data"]["password"] == first
    assert len(first) > 32
    assert first not in str(deploying.rows)
    assert first not in str([live for path, live in cluster.objects.items() if "/namespaces/surgeboard" in path])


def test_a_copied_password_whose_source_is_not_there_says_what_to_deploy_first(
    deploying: Any, cluster: Any, objects: Any
) -> None:
    cluster.apply(SHOP, objects[0])
    copied = GeneratedSecret("shop", "db", copy={"password": SecretKeySource("data", "mongo", "app")})
    deploying.put(objects, copied)

    deploying.deploy()

    assert deploying.last["state"] == "failed"
    assert "data/mongo" in deploying.last["error"]


@pytest.mark.parametrize("kind", [errors.Invalid, errors.ApiError], ids=["refused", "failed"])
def test_a_value_that_the_api_echoes_is_neither_shown_nor_recorded(
    deploying: Any, cluster: Any, objects: Any, kind: Any
) -> None:
    metadata = {"name": "db", "namespace": "shop"}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": "hunter22"}}
    cluster.refuse(SECRET, kind(422 if kind is errors.Invalid else 500, "", 'password: Invalid value: "hunter22"'))
    deploying.put([*objects, secret])  # its namespace comes with it, so it cannot be tried before

    deploying.deploy()

    assert deploying.last["state"] == "failed"
    assert "password: Invalid value" in deploying.last["error"]
    records = [live for path, live in cluster.objects.items() if "/namespaces/surgeboard" in path]
    assert "hunter22" not in str((deploying.rows, deploying.notes, records))


def test_nothing_is_written_when_the_dry_run_refuses_an_object(deploying: Any, cluster: Any, objects: Any) -> None:
    cluster.apply(SHOP, objects[0])
    cluster.requests.clear()
    cluster.refuse(WEB, errors.Invalid(422, "Invalid", "spec.replicas: must not be negative"))
    deploying.put(objects)

    deploying.deploy()

    assert cluster.requests == []
    assert deploying.last["state"] == "failed"
    assert deploying.last["error"].startswith("Nothing was applied. ")
    assert "spec.replicas: must not be negative" in deploying.last["error"]
    assert deploying.results()["Deployment web"] == "failed"


def test_what_stands_in_the_way_of_a_whole_bundle_is_told_once(deploying: Any, cluster: Any, objects: Any) -> None:
    names = ("one", "two", "three")
    for name in names:
        said = f'namespaces "{name}" is forbidden: User "pia" cannot patch resource "namespaces" in API group ""'
        cluster.refuse(f"/api/v1/namespaces/{name}", errors.Forbidden(403, "Forbidden", said))
    theirs = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in names]
    deploying.put(objects)
    deploying.put(theirs, name="metrics-server")

    deploying.deploy("metrics-server", "shop")

    sentence = (
        "metrics-server holds objects of the whole cluster (Namespace), which your account may not write. An "
        "administrator applies it: kubectl apply -k manifests/metrics-server. Untick it to deploy the rest."
    )
    assert deploying.last["error"] == f"Nothing was applied. {sentence}"
    failed = [step for step in deploying.last["steps"] if step["result"] == "failed"]
    assert [step["detail"] for step in failed] == [sentence, None, None]


def test_a_conflict_is_refused_until_the_very_object_is_taken_over(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.put(objects)
    deploying.deploy()
    cluster.apply(CONFIG, {**objects[2], "data": {"a": "2"}}, field_manager="kubectl", force=True)

    deploying.deploy()
    assert deploying.last["state"] == "failed"
    assert "kubectl" in deploying.last["error"]
    assert cluster.objects[CONFIG]["data"] == {"a": "2"}

    deploying.deploy(take_over=["ConfigMap/shop/web"])
    assert deploying.last["state"] == "done"
    assert deploying.results()["ConfigMap web"] == "changed"
    assert cluster.objects[CONFIG]["data"] == {"a": "1"}


def test_it_says_what_is_not_ready_when_the_deadline_passes(
    deploying: Any, cluster: Any, objects: Any, time: Any
) -> None:
    cluster.becomes_healthy = False
    deploying.put(objects)

    deploying.deploy()

    assert time.seconds > DEADLINE_S
    assert deploying.last["state"] == "failed"
    assert "Deployment shop/web is not ready" in deploying.last["error"]


def test_cancelling_leaves_what_is_applied_and_stops(deploying: Any, cluster: Any, objects: Any, time: Any) -> None:
    cluster.becomes_healthy = False
    time.on_sleep = deploying.stack.cancel
    deploying.put(objects)

    deploying.deploy()

    assert deploying.last["state"] == "cancelled"
    assert WEB in cluster.objects


def test_an_unknown_kind_is_refused_before_anything_is_written(deploying: Any, cluster: Any) -> None:
    deploying.put([{"apiVersion": "nosuch.example/v1", "kind": "Strange", "metadata": {"name": "x"}}])

    deploying.deploy()

    assert cluster.requests == []
    assert "serves no Strange in nosuch.example/v1" in deploying.last["error"]


def test_a_namespace_that_is_ending_is_told_in_one_sentence(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.put(objects)
    deploying.deploy()
    cluster.objects[SHOP]["metadata"]["deletionTimestamp"] = "2026-11-23T00:00:00Z"
    cluster.requests.clear()

    deploying.deploy()

    assert deploying.last["error"] == (
        "Nothing was applied. Namespace shop is being deleted; deploy again when it is gone."
    )
    assert cluster.requests == []


def test_a_new_kind_is_served_before_its_first_object_is_sent(
    deploying: Any, cluster: Any, objects: Any, time: Any
) -> None:
    names = {"kind": "Lamp", "plural": "lamps"}
    spec = {"group": "example.org", "scope": "Namespaced", "names": names, "versions": [{"name": "v1", "served": True}]}
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                  "metadata": {"name": "lamps.example.org"}, "spec": spec}  # fmt: skip
    lamp = {"apiVersion": "example.org/v1", "kind": "Lamp", "metadata": {"name": "red", "namespace": "shop"}}
    deploying.put([lamp, objects[0], definition])

    def serve() -> None:
        """The API server takes a while after the object is there."""
        if time.seconds >= 2:
            cluster.objects[DEFINITION]["status"] = {"conditions": [{"type": "Established", "status": "True"}]}
        if time.seconds >= 4:
            cluster.kinds["/apis/example.org/v1"] = {"Lamp": ("lamps", True)}

    time.on_sleep = serve
    deploying.deploy()

    assert deploying.last["error"] is None
    assert [path for _, path in cluster.writes] == [
        DEFINITION, SHOP, "/apis/example.org/v1/namespaces/shop/lamps/red",
    ]  # fmt: skip
    assert time.seconds >= 4


@pytest.mark.parametrize("seconds", [5.0, 25.0])
def test_a_server_that_restarts_while_it_is_waited_for_is_waited_for_too(
    deploying: Any, cluster: Any, objects: Any, time: Any, seconds: float
) -> None:
    cluster.becomes_healthy = False
    deploying.put(objects)

    def restart() -> None:
        is_away = 1 < time.seconds < 1 + seconds
        cluster.die_after(0 if is_away else None)
        if not is_away and time.seconds > 1:
            cluster.becomes_healthy = True
            cluster._keep(WEB, cluster.objects[WEB])

    time.on_sleep = restart
    deploying.deploy()

    assert deploying.last["state"] == "done"


def failing(live: dict[str, Any]) -> None:
    condition = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: small"}
    live["status"] = {"observedGeneration": 1, "conditions": [condition]}


def test_a_failure_that_lasts_ends_the_apply_long_before_the_deadline(
    deploying: Any, cluster: Any, objects: Any, time: Any
) -> None:
    cluster.becomes_healthy = False
    cluster.on_write = lambda _, path: setattr(time, "on_sleep", lambda: failing(cluster.objects[WEB]))
    deploying.put(objects)

    deploying.deploy()

    assert deploying.last["state"] == "failed"
    assert "quota" in deploying.last["error"]
    assert time.seconds < 10, "as long as FRESH_S and a few polls"


def test_a_failure_of_before_may_last_until_its_controller_tries_again(
    deploying: Any, cluster: Any, objects: Any, time: Any
) -> None:
    deploying.put(objects)
    deploying.deploy()
    failing(cluster.objects[WEB])
    time.on_sleep = lambda: cluster._with_status(cluster.objects[WEB]) if time.seconds > 30 else None

    deploying.deploy()

    assert deploying.last["state"] == "done"
    assert time.seconds > 30
