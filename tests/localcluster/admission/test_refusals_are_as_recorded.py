"""Invalid objects are refused with the causes and the message a real API server gave."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from localcluster import resources
from localcluster.apiserver.admission.defaulting import apply_defaults
from localcluster.apiserver.admission.validation import validate_create, validate_update
from localcluster.errors import invalid
from localcluster.resources import Resource

BY_KIND = {(resource.api_version, resource.kind): resource for resource in resources.STORED}


def causes_of(resource: Resource, **fields: Any) -> list[str]:
    obj = {"metadata": {"name": "x"}, **copy.deepcopy(fields)}
    apply_defaults(resource, obj)
    return [f"{cause['field']}: {cause['message']}" for cause in validate_create(resource, obj)]


def change(resource: Resource, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    objects = [{"metadata": {"name": "x"}, **copy.deepcopy(fields)} for fields in (old, new)]
    for obj in objects:
        apply_defaults(resource, obj)
    return [f"{cause['field']}: {cause['message']}" for cause in validate_update(resource, *objects)]


def pod_spec(**fields: Any) -> dict[str, Any]:
    return {"containers": [{"name": "a", "image": "b"}], **fields}


def template(**labels: str) -> dict[str, Any]:
    return {"metadata": {"labels": labels}, "spec": pod_spec()}


def test_every_recorded_refusal_is_repeated(refusing: list[dict[str, Any]]) -> None:
    assert refusing
    for step in refusing:
        obj = copy.deepcopy(step["body"])
        resource = BY_KIND[obj["apiVersion"], obj["kind"]]
        apply_defaults(resource, obj)
        causes = validate_create(resource, obj)
        assert causes == step["causes"]
        error = invalid(kind=resource.kind, group=resource.group, name=obj["metadata"]["name"], causes=causes)
        assert error.message == step["message"]


def test_valid_objects_are_not_refused(creating: list[dict[str, Any]]) -> None:
    for step in creating:
        obj = copy.deepcopy(step["stored"])
        template = obj.get("spec", {}).get("template", {}).get("metadata", {})  # recordings are kept without uids
        obj["metadata"]["uid"] = template.get("labels", {}).get("controller-uid", "some-uid")
        assert validate_create(BY_KIND[obj["apiVersion"], obj["kind"]], obj) == [], step["kind"]


@pytest.mark.parametrize(
    ("container", "cause"),
    [
        ({"name": "a"}, "spec.containers[0].image: Required value"),
        ({"image": "b"}, "spec.containers[0].name: Required value"),
        (
            {"name": "a", "image": "b", "volumeMounts": [{"name": "v", "mountPath": "/v"}]},
            'spec.containers[0].volumeMounts[0].name: Not found: "v"',
        ),
        (
            {"name": "a", "image": "b", "ports": [{"containerPort": 70000}]},
            "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
        ),
        (
            {"name": "a", "image": "b", "livenessProbe": {}},
            "spec.containers[0].livenessProbe: Required value: must specify a handler type",
        ),
        (
            {"name": "a", "image": "b", "imagePullPolicy": "Sometimes"},
            (
                'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": '
                'supported values: "Always", "IfNotPresent", "Never"'
            ),
        ),
    ],
)
def test_a_faulty_container_is_named(container: dict[str, Any], cause: str) -> None:
    assert causes_of(resources.PODS, spec={"containers": [container]}) == [cause]


def test_containers_have_different_names() -> None:
    containers = [{"name": "a", "image": "b"}, {"name": "a", "image": "c"}]
    assert causes_of(resources.PODS, spec={"containers": containers}) == [
        'spec.containers[1].name: Duplicate value: "a"'
    ]


def test_labels_must_be_valid() -> None:
    causes = causes_of(resources.CONFIG_MAPS, metadata={"name": "x", "labels": {"a b": "c", "d": "e f"}})
    assert causes[0].startswith('metadata.labels: Invalid value: "a b": name part must consist of')
    assert causes[1].startswith('metadata.labels: Invalid value: "e f": a valid label must be an empty string')


def test_a_workload_always_restarts_its_pods_and_a_job_never() -> None:
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template(a="b")}
    spec["template"]["spec"]["restartPolicy"] = "Never"
    expected = 'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'
    assert causes_of(resources.DEPLOYMENTS, spec=spec) == [expected]
    expected = 'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'
    assert causes_of(resources.JOBS, spec={"template": template()}) == [expected]


def test_a_roll_out_must_be_able_to_move() -> None:
    strategy = {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "0%"}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template(a="b"), "strategy": strategy}
    expected = 'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'
    assert causes_of(resources.DEPLOYMENTS, spec=spec) == [expected]


def test_a_deployment_keeps_its_selector() -> None:
    old = {"spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template(a="b", c="d")}}
    new = {"spec": {"selector": {"matchLabels": {"c": "d"}}, "template": template(a="b", c="d")}}
    expected = 'spec.selector: Invalid value: {"matchLabels":{"c":"d"}}: field is immutable'
    assert change(resources.DEPLOYMENTS, old, new) == [expected]


def test_a_stateful_set_keeps_most_of_its_specification() -> None:
    old = {"spec": {"serviceName": "a", "selector": {"matchLabels": {"a": "b"}}, "template": template(a="b")}}
    assert change(resources.STATEFUL_SETS, old, {"spec": {**old["spec"], "replicas": 3}}) == []
    causes = change(resources.STATEFUL_SETS, old, {"spec": {**old["spec"], "serviceName": "b"}})
    assert [cause.split(" for ")[0] for cause in causes] == ["spec: Forbidden: updates to statefulset spec"]


def test_a_stateful_set_mounts_what_its_claims_provide() -> None:
    pod = template(a="b")
    pod["spec"]["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": pod, "volumeClaimTemplates": [claim]}
    assert causes_of(resources.STATEFUL_SETS, spec=spec) == []
    expected = 'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'
    assert causes_of(resources.STATEFUL_SETS, spec={**spec, "volumeClaimTemplates": []}) == [expected]


def test_a_pod_may_change_its_image_and_be_bound_once() -> None:
    old = {"spec": pod_spec()}
    assert change(resources.PODS, old, {"spec": pod_spec(nodeName="local")}) == []
    newer = {"spec": {"containers": [{"name": "a", "image": "c"}]}}
    newer["spec"]["containers"][0]["imagePullPolicy"] = "Always"
    assert change(resources.PODS, old, newer) == []
    causes = change(resources.PODS, {"spec": pod_spec(nodeName="local")}, {"spec": pod_spec(nodeName="other")})
    assert causes[0].startswith("spec: Forbidden: pod updates may not change fields other than")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"activeDeadlineSeconds": 300}, []),
        ({"activeDeadlineSeconds": 300}, {"activeDeadlineSeconds": 200}, []),
        ({"activeDeadlineSeconds": 300}, {"activeDeadlineSeconds": 400},
         ["spec.activeDeadlineSeconds: Invalid value: 400: must be less than or equal to previous value"]),
        ({"activeDeadlineSeconds": 300}, {},
         ["spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value"]),
        ({"tolerations": [{"key": "a", "operator": "Exists"}]}, {"tolerations": [{"key": "b", "operator": "Exists"}]},
         ["spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"]),
        ({"containers": [{"name": "a", "image": "b"}]},
         {"containers": [{"name": "a", "image": "b"}, {"name": "c", "image": "b"}]},
         ["spec.containers: Forbidden: pod updates may not add or remove containers"]),
    ],
)  # fmt: skip
def test_what_a_pod_may_not_change_is_named(before: dict[str, Any], after: dict[str, Any], expected: list[str]) -> None:
    assert change(resources.PODS, {"spec": pod_spec(**before)}, {"spec": pod_spec(**after)}) == expected


def test_a_running_pod_keeps_its_resources() -> None:
    sized = {"name": "a", "image": "b", "resources": {"requests": {"cpu": "1"}}}
    causes = change(resources.PODS, {"spec": pod_spec()}, {"spec": pod_spec(containers=[sized])})
    assert causes[0].startswith("spec: Forbidden: pod updates may not change fields other than")


def test_what_is_being_deleted_gets_no_more_finalizers() -> None:
    old = {"metadata": {"name": "x", "deletionTimestamp": "2026-11-23T00:00:00Z", "finalizers": ["a.b/c"]}}
    fewer = {"metadata": {**old["metadata"], "finalizers": []}}
    more = {"metadata": {**old["metadata"], "finalizers": ["a.b/c", "a.b/d"]}}
    assert change(resources.CONFIG_MAPS, old, fewer) == []
    assert change(resources.CONFIG_MAPS, old, more) == [
        (
            "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new "
            'finalizers []string{"a.b/d"}'
        )
    ]


def test_a_service_keeps_its_address() -> None:
    old = {"spec": {"clusterIP": "127.64.200.1", "ports": [{"port": 80}]}}
    new = {"spec": {"clusterIP": "127.64.200.2", "ports": [{"port": 80}]}}
    expected = 'spec.clusterIPs[0]: Invalid value: ["127.64.200.2"]: may not change once set'
    assert change(resources.SERVICES, old, new) == [expected]


def test_a_service_needs_ports_with_names_of_their_own() -> None:
    assert causes_of(resources.SERVICES, spec={}) == ["spec.ports: Required value"]
    ports = [{"port": 80}, {"port": 81, "name": "b"}]
    assert causes_of(resources.SERVICES, spec={"ports": ports}) == ["spec.ports[0].name: Required value"]


def test_an_immutable_config_map_stays() -> None:
    old = {"data": {"a": "1"}, "immutable": True}
    causes = change(resources.CONFIG_MAPS, old, {"data": {"a": "2"}, "immutable": True})
    assert causes == ["data: Forbidden: field is immutable when `immutable` is set"]


def test_bounds_of_a_limit_range_do_not_cross() -> None:
    item = {"type": "Container", "max": {"cpu": "1"}, "min": {"cpu": "2"}}
    causes = causes_of(resources.LIMIT_RANGES, spec={"limits": [item]})
    assert causes[0] == 'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'


def test_a_claim_needs_a_size_and_a_mode() -> None:
    assert causes_of(resources.PERSISTENT_VOLUME_CLAIMS, spec={}) == [
        "spec.accessModes: Required value: at least 1 access mode is required",
        "spec.resources[storage]: Required value",
    ]


def test_a_budget_has_one_bound() -> None:
    causes = causes_of(resources.POD_DISRUPTION_BUDGETS, spec={"minAvailable": 1, "maxUnavailable": "x"})
    assert causes[0].endswith("minAvailable and maxUnavailable cannot be both set")
    assert causes[1].startswith('spec.maxUnavailable: Invalid value: "x": a valid percent string')


def test_an_unchanged_specification_is_not_judged_again() -> None:
    old = {"spec": {"containers": []}}
    assert change(resources.PODS, old, {**old, "status": {"phase": "Failed"}}) == []
