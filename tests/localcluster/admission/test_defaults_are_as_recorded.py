"""An object as sent becomes the object a real API server stored."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from localcluster.apiserver.admission.defaulting import apply_defaults
from localcluster.apiserver.admission.plugins import admit
from localcluster.resources import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    HORIZONTAL_POD_AUTOSCALERS,
    LIMIT_RANGES,
    NETWORK_POLICIES,
    PODS,
    SECRETS,
    SERVICES,
    STORED,
    Resource,
)

BY_KIND = {(resource.api_version, resource.kind): resource for resource in STORED}
ASSIGNED = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")  # by the allocator of Service addresses
RANDOM = "kube-api-access-"


def defaulted(resource: Resource, **fields: Any) -> dict[str, Any]:
    obj = {"metadata": {"name": "x"}, **fields}
    apply_defaults(resource, obj)
    return obj


def without_assigned(obj: dict[str, Any]) -> dict[str, Any]:
    """Leaves out what is random or assigned elsewhere."""
    obj = copy.deepcopy(obj)
    if obj["kind"] == "Service":
        for name in ASSIGNED:
            obj["spec"].pop(name, None)
        for port in obj["spec"]["ports"]:
            port.pop("nodePort", None)
    if obj["kind"] == "Pod":
        for named in (*obj["spec"]["volumes"], *obj["spec"]["containers"][0]["volumeMounts"]):
            named["name"] = named["name"].removesuffix(named["name"][-5:]) if RANDOM in named["name"] else named["name"]
    return obj


async def test_every_recorded_object_is_completed_as_recorded(creating: list[dict[str, Any]], lister: Any) -> None:
    for step in creating:
        obj = copy.deepcopy(step["body"])
        resource = BY_KIND[obj["apiVersion"], obj["kind"]]
        if obj["kind"] == "Job":
            obj["metadata"]["uid"] = step["stored"]["metadata"]["labels"]["controller-uid"]
        if resource.namespaced:
            obj["metadata"]["namespace"] = "space"
        apply_defaults(resource, obj)
        await admit("CREATE", resource, obj, None, lister)
        for name in ("uid", "namespace"):
            obj["metadata"].pop(name, None)
        assert without_assigned(obj) == without_assigned(step["stored"]), step["kind"]


def test_defaults_change_nothing_the_second_time(creating: list[dict[str, Any]]) -> None:
    for step in creating:
        obj = copy.deepcopy(step["body"])
        resource = BY_KIND[obj["apiVersion"], obj["kind"]]
        apply_defaults(resource, obj)
        again = copy.deepcopy(obj)
        apply_defaults(resource, again)
        assert again == obj


def test_parts_shared_with_others_stay_as_they_are() -> None:
    status: dict[str, Any] = {"conditions": [{"type": "Ready", "status": "True"}]}
    obj = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "image": "b"}]}, "status": status}
    apply_defaults(PODS, obj)
    assert status == {"conditions": [{"type": "Ready", "status": "True"}]}
    assert obj["status"]["conditions"][0]["lastProbeTime"] is None


@pytest.mark.parametrize(
    ("image", "policy"),
    [("a", "Always"), ("a:latest", "Always"), ("a:1", "IfNotPresent"), ("h:5000/a", "Always"),
     ("h:5000/a:2", "IfNotPresent"), ("a@sha256:0", "IfNotPresent")],
)  # fmt: skip
def test_an_image_without_a_fixed_tag_is_pulled_always(image: str, policy: str) -> None:
    pod = defaulted(PODS, spec={"containers": [{"name": "a", "image": image}]})
    assert pod["spec"]["containers"][0]["imagePullPolicy"] == policy


def test_only_a_pod_requests_its_limits() -> None:
    container = {"name": "a", "image": "b", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}
    pod = defaulted(PODS, spec={"containers": [copy.deepcopy(container)]})
    assert pod["spec"]["containers"][0]["resources"]["requests"] == {"cpu": "1", "memory": "1Gi"}
    deployment = defaulted(DEPLOYMENTS, spec={"template": {"spec": {"containers": [copy.deepcopy(container)]}}})
    assert "requests" not in deployment["spec"]["template"]["spec"]["containers"][0]["resources"]


def test_volumes_get_a_mode_and_an_empty_one_is_an_empty_dir() -> None:
    volumes = [{"name": "a"}, {"name": "b", "configMap": {"name": "c"}}, {"name": "d", "hostPath": {"path": "/"}}]
    pod = defaulted(PODS, spec={"containers": [{"name": "a", "image": "b"}], "volumes": volumes})
    assert pod["spec"]["volumes"] == [
        {"name": "a", "emptyDir": {}},
        {"name": "b", "configMap": {"name": "c", "defaultMode": 420}},
        {"name": "d", "hostPath": {"path": "/", "type": ""}},
    ]


def test_plain_secret_data_is_encoded() -> None:
    secret = defaulted(SECRETS, stringData={"a": "b"}, data={"c": "ZA=="})
    assert (secret["type"], secret["data"]) == ("Opaque", {"a": "Yg==", "c": "ZA=="})
    assert "stringData" not in secret


def test_an_autoscaler_without_metrics_aims_at_eighty_percent_cpu() -> None:
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "x"}, "maxReplicas": 3, "behavior": {}}
    autoscaler = defaulted(HORIZONTAL_POD_AUTOSCALERS, spec=spec)["spec"]
    assert autoscaler["metrics"][0]["resource"]["target"]["averageUtilization"] == 80
    assert autoscaler["minReplicas"] == 1
    assert [policy["type"] for policy in autoscaler["behavior"]["scaleUp"]["policies"]] == ["Pods", "Percent"]
    assert "stabilizationWindowSeconds" not in autoscaler["behavior"]["scaleDown"]


def test_a_port_of_a_service_leads_to_itself() -> None:
    service = defaulted(SERVICES, spec={"ports": [{"port": 80}]})
    assert service["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]
    assert "externalTrafficPolicy" not in service["spec"]


def test_a_policy_with_egress_rules_governs_both_ways() -> None:
    policy = defaulted(NETWORK_POLICIES, spec={"podSelector": {}, "egress": [{"ports": [{"port": 53}]}]})
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert policy["spec"]["egress"][0]["ports"] == [{"port": 53, "protocol": "TCP"}]


def test_a_container_limit_defaults_to_its_maximum() -> None:
    item = {"type": "Container", "max": {"cpu": "2"}, "min": {"memory": "1Mi"}}
    found = defaulted(LIMIT_RANGES, spec={"limits": [item]})["spec"]["limits"][0]
    assert found["default"] == {"cpu": "2"}
    assert found["defaultRequest"] == {"cpu": "2", "memory": "1Mi"}


def test_nulls_go_and_lists_always_written_appear() -> None:
    assert defaulted(CONFIG_MAPS, data=None) == {"metadata": {"name": "x"}}
    found = defaulted(ENDPOINT_SLICES, addressType="IPv4")
    assert found["endpoints"] is None


def test_a_reference_to_a_resource_always_tells_its_divisor() -> None:
    reference = {"resourceFieldRef": {"resource": "limits.cpu"}}
    container = {"name": "c", "image": "i:1", "env": [{"name": "A", "valueFrom": reference}]}
    obj = {"metadata": {"name": "x"}, "spec": {"containers": [container]}}
    apply_defaults(PODS, obj)
    found = obj["spec"]["containers"][0]["env"][0]["valueFrom"]["resourceFieldRef"]
    assert found == {"resource": "limits.cpu", "divisor": "0"}
