"""Namespaces, service accounts, priorities and storage classes at admission."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.apiserver.admission.defaulting import apply_defaults
from localcluster.apiserver.admission.plugins import admit
from localcluster.apiserver.admission.validation import validate_create
from localcluster.errors import ApiError
from localcluster.resources import (
    CONFIG_MAPS,
    JOBS,
    NAMESPACES,
    PERSISTENT_VOLUME_CLAIMS,
    PODS,
    SERVICE_ACCOUNTS,
    STORAGE_CLASSES,
)

MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


async def admitted(lister: Any, **spec: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "main", "image": "a"}], **spec}
    obj = {"metadata": {"name": "p", "namespace": "space"}, "spec": spec}
    apply_defaults(PODS, obj)
    await admit("CREATE", PODS, obj, None, lister)
    return obj


async def test_a_missing_namespace_is_not_found(lister: Any) -> None:
    with pytest.raises(ApiError) as refused:
        await admit("CREATE", CONFIG_MAPS, {"metadata": {"name": "x", "namespace": "nosuch"}}, None, lister)
    error = refused.value
    assert (error.code, error.reason, error.message) == (404, "NotFound", 'namespaces "nosuch" not found')
    assert error.details == {"name": "nosuch", "kind": "namespaces"}


async def test_nothing_new_comes_into_a_namespace_that_goes(lister: Any) -> None:
    lister.add(NAMESPACES, {"metadata": {"name": "golden-ns", "deletionTimestamp": "T"}})
    late = {"metadata": {"name": "late", "namespace": "golden-ns"}}
    with pytest.raises(ApiError) as refused:
        await admit("CREATE", CONFIG_MAPS, late, None, lister)
    assert refused.value.message == (
        'configmaps "late" is forbidden: unable to create new content in namespace golden-ns '
        "because it is being terminated"
    )
    assert refused.value.details == {
        "name": "late",
        "kind": "configmaps",
        "causes": [
            {
                "reason": "NamespaceTerminating",
                "message": "namespace golden-ns is being terminated",
                "field": "metadata.namespace",
            }
        ],
    }
    await admit("UPDATE", CONFIG_MAPS, late, late, lister)


async def test_some_namespaces_stay(lister: Any) -> None:
    with pytest.raises(ApiError, match=r'namespaces "default" is forbidden: this namespace may not be deleted'):
        await admit("DELETE", NAMESPACES, {"metadata": {"name": "default"}}, None, lister)


async def test_a_pod_runs_as_the_default_account_and_finds_its_token(lister: Any) -> None:
    spec = (await admitted(lister))["spec"]
    assert (spec["serviceAccountName"], spec["serviceAccount"]) == ("default", "default")
    name = spec["volumes"][0]["name"]
    assert name.startswith("kube-api-access-")
    assert spec["containers"][0]["volumeMounts"] == [{"name": name, "readOnly": True, "mountPath": MOUNT}]


async def test_a_pod_may_do_without_a_token(lister: Any) -> None:
    spec = (await admitted(lister, automountServiceAccountToken=False))["spec"]
    assert "volumes" not in spec
    account = {"metadata": {"name": "quiet", "namespace": "space"}, "automountServiceAccountToken": False}
    lister.add(SERVICE_ACCOUNTS, account)
    assert "volumes" not in (await admitted(lister, serviceAccountName="quiet"))["spec"]
    wished = await admitted(lister, serviceAccountName="quiet", automountServiceAccountToken=True)
    assert wished["spec"]["volumes"]


async def test_an_unknown_account_is_refused_as_recorded(lister: Any) -> None:
    with pytest.raises(ApiError) as refused:
        await admitted(lister, serviceAccountName="nosuch")
    assert refused.value.message == (
        'pods "p" is forbidden: error looking up service account space/nosuch: serviceaccount "nosuch" not found'
    )


async def test_priorities_come_from_the_class(lister: Any) -> None:
    assert (await admitted(lister))["spec"]["priority"] == 0
    critical = await admitted(lister, priorityClassName="system-cluster-critical")
    assert critical["spec"]["priority"] == 2_000_000_000
    with pytest.raises(ApiError, match="no PriorityClass with name nosuch was found"):
        await admitted(lister, priorityClassName="nosuch")


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"priority": 5},
         ("the integer value of priority (5) must not be provided in pod spec; priority admission controller computed "
          "0 from the given PriorityClass name")),
        ({"preemptionPolicy": "Never"},
         ("the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission "
          "controller computed PreemptLowerPriority from the given PriorityClass name")),
        ({"runtimeClassName": "kata"}, 'pod rejected: RuntimeClass "kata" not found'),
    ],
)  # fmt: skip
async def test_what_classes_decide_is_not_given_by_hand(lister: Any, spec: dict[str, Any], text: str) -> None:
    with pytest.raises(ApiError) as refused:
        await admitted(lister, **spec)
    assert (refused.value.code, refused.value.message) == (403, f'pods "p" is forbidden: {text}')


def job(**spec: Any) -> dict[str, Any]:
    labels = spec.pop("labels", {})
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "b"}]}}
    template["spec"]["restartPolicy"] = "Never"
    metadata = {"name": "j", "namespace": "space", "uid": "1-2-3"}
    obj = {"metadata": metadata, "spec": {"template": template, **spec}}
    apply_defaults(JOBS, obj)
    return obj


async def test_a_job_knows_its_pods_by_its_own_uid(lister: Any) -> None:
    obj = job()
    await admit("CREATE", JOBS, obj, None, lister)
    assert validate_create(JOBS, obj) == []
    assert obj["spec"]["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": "1-2-3"}}


async def test_a_job_written_after_another_is_refused(lister: Any) -> None:
    """As `kubectl get -o yaml` gives one, with only the name changed."""
    obj = job(
        labels={"controller-uid": "9", "batch.kubernetes.io/controller-uid": "9"},
        selector={"matchLabels": {"batch.kubernetes.io/controller-uid": "9"}},
    )
    await admit("CREATE", JOBS, obj, None, lister)
    found = {cause["field"]: cause["message"] for cause in validate_create(JOBS, obj)}
    assert set(found) == {
        "spec.template.metadata.labels[controller-uid]",
        "spec.template.metadata.labels[batch.kubernetes.io/controller-uid]",
        "spec.selector",
    }
    assert found["spec.template.metadata.labels[controller-uid]"].endswith(": must be '1-2-3'")
    assert found["spec.selector"].endswith(": `selector` not auto-generated")


async def test_a_pod_leaves_a_lost_node_after_five_minutes_unless_it_says_otherwise(lister: Any) -> None:
    mine = {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}
    tolerations = (await admitted(lister, tolerations=[mine]))["spec"]["tolerations"]
    assert [toleration["tolerationSeconds"] for toleration in tolerations] == [5, 300]


async def test_a_claim_gets_the_default_class(lister: Any) -> None:
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"}
    lister.add(STORAGE_CLASSES, {"metadata": {"name": "standard", "annotations": annotations}})
    claim: dict[str, Any] = {"metadata": {"name": "c", "namespace": "space"}, "spec": {}}
    await admit("CREATE", PERSISTENT_VOLUME_CLAIMS, claim, None, lister)
    assert claim["spec"]["storageClassName"] == "standard"
    wants_none: dict[str, Any] = {"metadata": {"name": "d", "namespace": "space"}, "spec": {"storageClassName": ""}}
    await admit("CREATE", PERSISTENT_VOLUME_CLAIMS, wants_none, None, lister)
    assert wants_none["spec"]["storageClassName"] == ""


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({}, "BestEffort"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}}, "Guaranteed"),
        ({"limits": {"cpu": "1"}}, "Burstable"),
        ({"requests": {"cpu": "1", "memory": "1"}, "limits": {"cpu": "2", "memory": "1"}}, "Burstable"),
    ],
)
async def test_quality_of_service_follows_from_resources(lister: Any, resources: Any, expected: str) -> None:
    obj = await admitted(lister, containers=[{"name": "a", "image": "b", "resources": resources}])
    assert obj["status"]["qosClass"] == expected
