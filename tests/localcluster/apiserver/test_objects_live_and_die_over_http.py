"""Create, change, delete: the parts of an object's life that the recordings do not play."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.apiserver.assembly import Api
from localcluster.resources import PODS

CONFIG_MAPS = "/api/v1/namespaces/test/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/test/deployments"
POD: dict[str, Any] = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "busybox"}]}}
DEPLOYMENT: dict[str, Any] = {
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": POD["spec"]},
    },
}


async def test_a_dry_run_changes_nothing(http: Any) -> None:
    status, body = await http.call("POST", CONFIG_MAPS + "?dryRun=All", {"metadata": {"name": "a"}})
    assert status == 201
    assert "resourceVersion" not in body["metadata"]
    assert (await http.call("GET", CONFIG_MAPS + "/a"))[0] == 404


async def test_generation_rises_with_the_spec_and_not_with_the_status(http: Any) -> None:
    await http.call("POST", DEPLOYMENTS, DEPLOYMENT)
    merge = "application/merge-patch+json"
    _, body = await http.call("PATCH", DEPLOYMENTS + "/web", {"spec": {"paused": True}}, content_type=merge)
    assert body["metadata"]["generation"] == 2
    status = {"status": {"replicas": 2}, "spec": {"paused": False}}
    _, body = await http.call("PATCH", DEPLOYMENTS + "/web/status", status, content_type=merge)
    assert (body["metadata"]["generation"], body["spec"]["paused"], body["status"]["replicas"]) == (2, True, 2)
    _, body = await http.call("PATCH", DEPLOYMENTS + "/web", {"status": {"replicas": 9}}, content_type=merge)
    assert body["status"]["replicas"] == 2


async def test_a_scale_changes_replicas_and_nothing_else(http: Any) -> None:
    await http.call("POST", DEPLOYMENTS, DEPLOYMENT)
    scale = await http.get(DEPLOYMENTS + "/web/scale")
    assert (scale["kind"], scale["spec"], scale["status"]) == (
        "Scale", {"replicas": 2}, {"replicas": 0, "selector": "app=web"},
    )  # fmt: skip
    scale["spec"]["replicas"] = 5
    status, scale = await http.call("PUT", DEPLOYMENTS + "/web/scale", scale)
    assert (status, scale["spec"]["replicas"]) == (200, 5)
    assert (await http.get(DEPLOYMENTS + "/web"))["spec"]["replicas"] == 5
    scale["spec"]["replicas"] = -1
    status, refusal = await http.call("PUT", DEPLOYMENTS + "/web/scale", scale)
    assert (status, refusal["reason"]) == (422, "Invalid")


async def test_a_finalizer_keeps_a_deleted_object_until_it_is_taken_away(http: Any) -> None:
    await http.call("POST", CONFIG_MAPS, {"metadata": {"name": "a", "finalizers": ["example.com/hold"]}})
    status, body = await http.call("DELETE", CONFIG_MAPS + "/a")
    assert status == 200
    assert body["metadata"]["deletionTimestamp"]
    merge = "application/merge-patch+json"
    await http.call("PATCH", CONFIG_MAPS + "/a", {"metadata": {"finalizers": None}}, content_type=merge)
    assert (await http.call("GET", CONFIG_MAPS + "/a"))[0] == 404


async def test_a_foreground_deletion_waits_for_the_garbage_collector(http: Any) -> None:
    await http.call("POST", DEPLOYMENTS, DEPLOYMENT)
    _, body = await http.call("DELETE", DEPLOYMENTS + "/web?propagationPolicy=Foreground")
    assert body["metadata"]["finalizers"] == ["foregroundDeletion"]
    assert body["metadata"]["deletionGracePeriodSeconds"] == 0


async def test_a_scheduled_pod_is_marked_and_goes_when_its_node_says_so(http: Any, api: Api) -> None:
    client = api.registry.client("system:node:local")
    await client.create(PODS, POD, namespace="test")
    await http.call("POST", "/api/v1/namespaces/test/pods/p/binding", {"target": {"kind": "Node", "name": "local"}})
    status, body = await http.call("DELETE", "/api/v1/namespaces/test/pods/p?gracePeriodSeconds=7")
    assert (status, body["metadata"]["deletionGracePeriodSeconds"]) == (200, 7)
    again = await http.get("/api/v1/namespaces/test/pods/p")
    assert again["metadata"]["deletionTimestamp"] == body["metadata"]["deletionTimestamp"]
    await client.delete(PODS, "p", namespace="test", uid=body["metadata"]["uid"], grace_period_seconds=0)
    assert (await http.call("GET", "/api/v1/namespaces/test/pods/p"))[0] == 404


async def test_a_pod_is_bound_once(http: Any) -> None:
    await http.call("POST", "/api/v1/namespaces/test/pods", POD)
    binding = {"apiVersion": "v1", "kind": "Binding", "target": {"kind": "Node", "name": "local"}}
    path = "/api/v1/namespaces/test/pods/p/binding"
    assert (await http.call("POST", path, binding))[0] == 201
    status, refusal = await http.call("POST", path, binding)
    assert status == 409
    assert 'already assigned to node "local"' in refusal["message"]


READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
SICK = {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}
BUDGETS = "/apis/policy/v1/namespaces/test/poddisruptionbudgets"


async def _guarded(http: Any, *, pod: dict[str, Any], counts: dict[str, int], **spec: Any) -> None:
    """A pod `p` in that state under a budget `b` that the controller has counted so."""
    await http.call(
        "POST", "/api/v1/namespaces/test/pods", {**POD, "metadata": {"name": "p", "labels": {"app": "web"}}}
    )
    merge = "application/merge-patch+json"
    await http.call("PATCH", "/api/v1/namespaces/test/pods/p/status", {"status": pod}, content_type=merge)
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}, **spec}
    await http.call("POST", BUDGETS, {"metadata": {"name": "b"}, "spec": spec})
    await http.call("PATCH", BUDGETS + "/b/status", {"status": counts}, content_type=merge)


async def _evict(http: Any) -> tuple[int, Any]:
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p"}}
    result: tuple[int, Any] = await http.call("POST", "/api/v1/namespaces/test/pods/p/eviction", eviction)
    return result


def _counts(*, allowed: int, healthy: int, desired: int = 1, generation: int = 1) -> dict[str, int]:
    return {
        "disruptionsAllowed": allowed, "currentHealthy": healthy, "desiredHealthy": desired, "expectedPods": 1,
        "observedGeneration": generation,
    }  # fmt: skip


async def test_a_budget_without_disruptions_left_stops_an_eviction(http: Any) -> None:
    await _guarded(http, pod=READY, counts=_counts(allowed=0, healthy=1))
    status, refusal = await _evict(http)
    assert (status, refusal["reason"]) == (429, "TooManyRequests")
    cause = refusal["details"]["causes"][0]["message"]
    assert cause == "The disruption budget b needs 1 healthy pods and has 1 currently"
    merge = "application/merge-patch+json"
    await http.call("PATCH", BUDGETS + "/b/status", {"status": {"disruptionsAllowed": 1}}, content_type=merge)
    assert (await _evict(http))[0] == 201
    after = (await http.get(BUDGETS + "/b"))["status"]
    assert after["disruptionsAllowed"] == 0
    assert [(it["type"], it["status"], it["reason"]) for it in after["conditions"]] == [
        ("DisruptionAllowed", "False", "InsufficientPods")
    ]


async def test_a_budget_nobody_has_counted_yet_asks_to_come_again(http: Any) -> None:
    await _guarded(http, pod=READY, counts=_counts(allowed=1, healthy=2, generation=0))
    status, refusal = await _evict(http)
    assert (status, refusal["details"]["retryAfterSeconds"]) == (429, 10)


@pytest.mark.parametrize(
    ("policy", "healthy", "expected"),
    [("IfHealthyBudget", 1, 201), ("IfHealthyBudget", 0, 429), ("AlwaysAllow", 0, 201), (None, 1, 201), (None, 0, 429)],
)
async def test_a_sick_pod_goes_without_spending_the_budget_if_its_policy_lets_it(
    http: Any, policy: str | None, healthy: int, expected: int
) -> None:
    spec = {"unhealthyPodEvictionPolicy": policy} if policy else {}
    await _guarded(http, pod=SICK, counts=_counts(allowed=0, healthy=healthy), **spec)
    assert (await _evict(http))[0] == expected
    assert "disruptedPods" not in (await http.get(BUDGETS + "/b"))["status"]


async def test_a_namespace_goes_when_its_finalizer_is_taken_away(http: Any) -> None:
    _, body = await http.call("DELETE", "/api/v1/namespaces/test")
    assert body["status"]["phase"] == "Terminating"
    status, refusal = await http.call("POST", CONFIG_MAPS, {"metadata": {"name": "late"}})
    assert (status, refusal["details"]["causes"][0]["reason"]) == (403, "NamespaceTerminating")
    body["spec"]["finalizers"] = []
    assert (await http.call("PUT", "/api/v1/namespaces/test/finalize", body))[0] == 200
    assert (await http.call("GET", "/api/v1/namespaces/test"))[0] == 404


async def test_the_default_namespace_stays(http: Any) -> None:
    status, refusal = await http.call("DELETE", "/api/v1/namespaces/default")
    assert (status, refusal["message"]) == (
        403, 'namespaces "default" is forbidden: this namespace may not be deleted',
    )  # fmt: skip


async def test_a_service_may_change_its_type_by_naming_it(http: Any) -> None:
    path, merge = "/api/v1/namespaces/test/services", "application/merge-patch+json"
    await http.call("POST", path, {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}], "type": "NodePort"}})

    async def become(**spec: Any) -> Any:
        status, body = await http.call("PATCH", path + "/s", {"spec": spec}, content_type=merge)
        assert status == 200, body
        return body["spec"]

    inner = await become(type="ClusterIP")
    assert "nodePort" not in inner["ports"][0]
    assert "externalTrafficPolicy" not in inner
    outer = await become(type="ExternalName", externalName="example.com")
    assert not {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"} & set(outer)
    again = await become(type="ClusterIP", externalName=None)
    assert again["clusterIPs"] == [again["clusterIP"]]


async def test_a_service_cannot_be_given_another_address(http: Any) -> None:
    path, merge = "/api/v1/namespaces/test/services", "application/merge-patch+json"
    await http.call("POST", path, {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}})
    change = {"spec": {"clusterIP": "127.64.200.99"}}
    status, refusal = await http.call("PATCH", path + "/s", change, content_type=merge)
    rule = 'spec.clusterIPs[0]: Invalid value: ["127.64.200.99"]: may not change once set'
    assert (status, refusal["message"]) == (422, f'Service "s" is invalid: {rule}')


async def test_a_service_cannot_have_an_address_of_another_network(http: Any) -> None:
    service = {"metadata": {"name": "far"}, "spec": {"ports": [{"port": 80}], "clusterIP": "10.96.0.50"}}
    status, refusal = await http.call("POST", "/api/v1/namespaces/test/services", service)
    problem = "failed to allocate IP 10.96.0.50: the provided network does not match the current range"
    expected = f'Service "far" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.50"]: {problem}'
    assert (status, refusal["message"]) == (422, expected)


async def test_services_get_addresses_and_ports_of_their_own(http: Any) -> None:
    path = "/api/v1/namespaces/test/services"

    def service(name: str, **spec: Any) -> dict[str, Any]:
        return {"metadata": {"name": name}, "spec": {"ports": [{"port": 80, **spec}], "type": "NodePort"}}

    _, one = await http.call("POST", path, service("one", nodePort=30080))
    _, two = await http.call("POST", path, service("two"))
    addresses = {one["spec"]["clusterIP"], two["spec"]["clusterIP"]}
    assert len(addresses) == 2
    assert all(address.startswith("127.64.200.") for address in addresses)
    assert one["spec"]["ports"][0]["nodePort"] == 30080
    assert two["spec"]["ports"][0]["nodePort"] not in (None, 30080)
    status, refusal = await http.call("POST", path, service("three", nodePort=30080))
    assert (status, refusal["message"]) == (
        422,
        'Service "three" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    )
    merge = "application/merge-patch+json"
    _, one = await http.call("PATCH", path + "/one", {"metadata": {"labels": {"a": "b"}}}, content_type=merge)
    assert one["spec"]["ports"][0]["nodePort"] == 30080


async def test_a_repeated_apply_leaves_the_object_alone(http: Any) -> None:
    apply, path = "application/apply-patch+yaml", DEPLOYMENTS + "/web?fieldManager=test"
    body = {"apiVersion": "apps/v1", "kind": "Deployment", **DEPLOYMENT}
    status, first = await http.call("PATCH", path, body, content_type=apply)
    assert status == 201
    status, second = await http.call("PATCH", path, body, content_type=apply)
    assert (status, second["metadata"]["resourceVersion"]) == (200, first["metadata"]["resourceVersion"])


async def test_an_apply_with_a_wrong_type_is_refused_however_strict(http: Any) -> None:
    """Strict validation looks at names of fields; their types are looked at always."""
    wrong = {"apiVersion": "apps/v1", "kind": "Deployment", **DEPLOYMENT}
    wrong = {**wrong, "spec": {**wrong["spec"], "replicas": "two"}}
    for validation in ("Strict", "Warn", "Ignore"):
        path = f"{DEPLOYMENTS}/web?fieldManager=test&fieldValidation={validation}"
        status, body = await http.call("PATCH", path, wrong, content_type="application/apply-patch+yaml")
        assert (status, body["reason"]) == (400, "BadRequest")
        assert "replicas" in body["message"]
    assert (await http.call("GET", DEPLOYMENTS + "/web"))[0] == 404
