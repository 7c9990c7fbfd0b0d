"""LimitRange and ResourceQuota: what they fill in, what they count, how they refuse."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from localcluster.apiserver.admission import quotas
from localcluster.apiserver.admission.defaulting import apply_defaults
from localcluster.apiserver.admission.plugins import admit
from localcluster.apiserver.admission.scopes import requirements_of, validate_scopes
from localcluster.errors import ApiError, invalid
from localcluster.resources import (
    CONFIG_MAPS,
    LIMIT_RANGES,
    PERSISTENT_VOLUME_CLAIMS,
    PODS,
    RESOURCE_QUOTAS,
    SERVICES,
    STORAGE_CLASSES,
)

SPACE = "golden-quota"


def pod(name: str, resources: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    container = {"name": "main", "image": "local/pause:1", "resources": resources or {}}
    obj = {"metadata": {"name": name, "namespace": SPACE}, "spec": {"containers": [container], **spec}}
    apply_defaults(PODS, obj)
    return obj


def quota(name: str = "rq", **hard: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": SPACE}, "spec": {"hard": hard}}


async def create(obj: dict[str, Any], *, lister: Any) -> dict[str, Any]:
    await admit("CREATE", PODS, obj, None, lister)
    lister.add(PODS, obj)
    return obj


async def test_a_pod_gets_the_recorded_limits(limiting: dict[str, Any], lister: Any) -> None:
    lister.add(LIMIT_RANGES, limiting["LimitRange"])
    obj = copy.deepcopy(limiting["plain"]["body"])
    obj["metadata"]["namespace"] = SPACE
    apply_defaults(PODS, obj)
    await create(obj, lister=lister)
    assert obj["spec"]["containers"][0]["resources"] == limiting["plain"]["resources"]
    assert obj["metadata"]["annotations"] == limiting["plain"]["annotations"]
    assert obj["status"]["qosClass"] == "Burstable"


async def test_pods_outside_the_limits_are_refused_as_recorded(limiting: dict[str, Any], lister: Any) -> None:
    lister.add(LIMIT_RANGES, limiting["LimitRange"])
    for step in limiting["refused"]:
        obj = copy.deepcopy(step["body"])
        obj["metadata"]["namespace"] = SPACE
        apply_defaults(PODS, obj)
        with pytest.raises(ApiError) as refused:
            await create(obj, lister=lister)
        assert (refused.value.message, refused.value.details) == (step["message"], step["details"])


async def test_a_limit_too_far_above_its_request_is_told_as_a_fraction(lister: Any) -> None:
    item = {"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}
    lister.add(LIMIT_RANGES, {"metadata": {"name": "lr", "namespace": SPACE}, "spec": {"limits": [item]}})
    with pytest.raises(ApiError) as refused:
        await create(pod("wide", {"requests": {"cpu": "1"}, "limits": {"cpu": "4"}}), lister=lister)
    rule = "cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000"
    assert refused.value.message == f'pods "wide" is forbidden: {rule}'


def claim(size: str) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": "c", "resources": {"requests": {"storage": size}}}
    status = {"phase": "Bound", "capacity": {"storage": "1Gi"}}
    obj = {"metadata": {"name": "data", "namespace": SPACE}, "spec": spec, "status": status}
    apply_defaults(PERSISTENT_VOLUME_CLAIMS, obj)
    return obj


@pytest.mark.parametrize("grows", [True, False])
async def test_a_claim_grows_where_its_class_lets_it(lister: Any, *, grows: bool) -> None:
    lister.add(STORAGE_CLASSES, {"metadata": {"name": "c"}, "provisioner": "p", "allowVolumeExpansion": grows})
    bigger = admit("UPDATE", PERSISTENT_VOLUME_CLAIMS, claim("2Gi"), claim("1Gi"), lister)
    if grows:
        await bigger
        return
    with pytest.raises(ApiError) as refused:
        await bigger
    assert refused.value.message == (
        'persistentvolumeclaims "data" is forbidden: only dynamically provisioned pvc can be resized and the '
        "storageclass that provisions the pvc must support resize"
    )


async def test_a_growing_claim_stays_within_its_bounds(lister: Any) -> None:
    item = {"type": "PersistentVolumeClaim", "max": {"storage": "1Gi"}}
    lister.add(LIMIT_RANGES, {"metadata": {"name": "lr", "namespace": SPACE}, "spec": {"limits": [item]}})
    with pytest.raises(ApiError) as refused:
        await admit("UPDATE", PERSISTENT_VOLUME_CLAIMS, claim("2Gi"), claim("1Gi"), lister)
    rule = "maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi"
    assert refused.value.message == f'persistentvolumeclaims "data" is forbidden: {rule}'


async def test_a_full_quota_refuses_in_the_recorded_words(limiting: dict[str, Any], lister: Any) -> None:
    lister.add(LIMIT_RANGES, limiting["LimitRange"])
    lister.add(RESOURCE_QUOTAS, limiting["ResourceQuota"])
    for number in range(4):
        await create(pod(f"web-{number}"), lister=lister)
    with pytest.raises(ApiError) as refused:
        await create(pod("web-4"), lister=lister)
    assert refused.value.message == (
        'pods "web-4" is forbidden: exceeded quota: rq, requested: pods=1,requests.cpu=50m, '
        "used: pods=4,requests.cpu=200m, limited: pods=4,requests.cpu=200m"
    )


async def test_an_invalid_pod_is_refused_for_that_before_any_quota_is(lister: Any) -> None:
    lister.add(RESOURCE_QUOTAS, quota(pods="0"))

    def refuse() -> None:
        raise invalid(kind="Pod", group="", name="p", causes=[{"reason": "", "message": "bad", "field": "spec"}])

    with pytest.raises(ApiError) as refused:
        await admit("CREATE", PODS, pod("p"), None, lister, validate=refuse)
    assert refused.value.code == 422


async def test_a_quota_on_memory_makes_every_container_say_how_much(lister: Any) -> None:
    lister.add(RESOURCE_QUOTAS, quota(**{"limits.memory": "1Gi", "requests.cpu": "1"}))
    with pytest.raises(ApiError) as refused:
        await create(pod("p"), lister=lister)
    expected = 'pods "p" is forbidden: failed quota: rq: must specify limits.memory for: main; requests.cpu for: main'
    assert refused.value.message == expected


async def test_a_pod_that_has_ended_gives_its_share_back(lister: Any) -> None:
    lister.add(RESOURCE_QUOTAS, quota(pods="1"))
    first = await create(pod("a"), lister=lister)
    lister.add(PODS, {**first, "status": {"phase": "Succeeded"}})
    await create(pod("b"), lister=lister)


async def test_a_growing_service_is_judged_by_what_it_asks_more(lister: Any) -> None:
    lister.add(RESOURCE_QUOTAS, quota(**{"services.nodeports": "1", "services": "1"}))
    old = {"metadata": {"name": "s", "namespace": SPACE}, "spec": {"type": "NodePort", "ports": [{"port": 1}]}}
    lister.add(SERVICES, old)
    await admit("UPDATE", SERVICES, copy.deepcopy(old), old, lister)
    grown = {**old, "spec": {**old["spec"], "ports": [{"port": 1}, {"port": 2}]}}
    with pytest.raises(ApiError, match=r"requested: services\.nodeports=1, used: services\.nodeports=1"):
        await admit("UPDATE", SERVICES, grown, old, lister)


async def test_objects_of_any_kind_can_be_counted(lister: Any) -> None:
    lister.add(RESOURCE_QUOTAS, quota(**{"count/configmaps": "0"}))
    obj = {"metadata": {"name": "c", "namespace": SPACE}}
    with pytest.raises(
        ApiError, match=r'configmaps "c" is forbidden: exceeded quota: rq, requested: count/configmaps=1'
    ):
        await admit("CREATE", CONFIG_MAPS, obj, None, lister)


def test_usage_sums_in_canonical_text() -> None:
    resources = {"requests": {"cpu": "100m", "memory": "32Mi"}, "limits": {"cpu": "1", "memory": "64Mi"}}
    pods = [pod("a", resources), pod("b", resources)]
    hard = ["pods", "requests.cpu", "requests.memory", "limits.memory", "services"]
    assert set(quotas.counted_resources(hard)) == {PODS, SERVICES}
    assert quotas.usage({PODS: pods, SERVICES: []}, hard=hard) == {
        "limits.memory": "128Mi", "pods": "2", "requests.cpu": "200m", "requests.memory": "64Mi", "services": "0",
    }  # fmt: skip


def test_scopes_choose_which_pods_count() -> None:
    pods = [pod("a"), pod("b", {"requests": {"cpu": "1"}}), pod("c", activeDeadlineSeconds=5)]
    counts = {
        scope: quotas.usage({PODS: pods}, hard=["pods"], scopes=requirements_of({"scopes": [scope]}))["pods"]
        for scope in ("BestEffort", "NotBestEffort", "Terminating", "NotTerminating")
    }
    assert counts == {"BestEffort": "2", "NotBestEffort": "1", "Terminating": "1", "NotTerminating": "2"}


def test_an_init_step_counts_only_where_it_needs_more() -> None:
    obj = pod("a", {"requests": {"cpu": "100m", "memory": "64Mi"}})
    init = {"name": "i", "image": "x", "resources": {"requests": {"cpu": "500m", "memory": "1Mi"}}}
    obj["spec"]["initContainers"] = [init]
    used = quotas.usage({PODS: [obj]}, hard=["requests.cpu", "requests.memory"])
    assert used == {"requests.cpu": "500m", "requests.memory": "64Mi"}


def test_a_scope_selector_chooses_by_priority_class() -> None:
    pods = [pod("plain"), pod("urgent")]
    pods[1]["spec"]["priorityClassName"] = "high"

    def used(operator: str, *values: str) -> str:
        expression = {"scopeName": "PriorityClass", "operator": operator, "values": list(values)}
        scopes = requirements_of({"scopeSelector": {"matchExpressions": [expression]}})
        return str(quotas.usage({PODS: pods}, hard=["pods"], scopes=scopes)["pods"])

    assert (used("In", "high", "low"), used("NotIn", "low"), used("Exists"), used("DoesNotExist")) == (
        "1",
        "2",
        "1",
        "1",
    )


def test_scopes_that_make_no_sense_are_refused() -> None:
    def told(**spec: Any) -> list[str]:
        return [f"{cause['field']}: {cause['message']}" for cause in validate_scopes(spec)]

    assert told(hard={"pods": "1"}, scopes=["BestEffort"]) == []
    assert told(hard={"pods": "1"}, scopes=["BestEffort", "NotBestEffort"]) == [
        'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'
    ]
    assert told(hard={"services": "1"}, scopes=["Terminating"]) == [
        'spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource'
    ]
    assert told(scopes=["Sometimes"]) == ['spec.scopes: Invalid value: ["Sometimes"]: unsupported scope']
    selector = {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "In"}]}
    assert told(scopeSelector=selector) == [
        (
            "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is "
            "'In' or 'NotIn' for scope selector"
        )
    ]
