"""Fields that the API server lets nobody change: the plan is refused, with what making the object anew would cost."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from dashboard.stack.planning.dry_run import plan_of

LABELS = {"app": "x"}
POD = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "a", "image": "busybox:1"}]}}
CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
SET = {
    "serviceName": "x", "selector": {"matchLabels": LABELS}, "template": POD,
    "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": CLAIM}],
}  # fmt: skip
JOB = {"template": {"spec": {**POD["spec"], "restartPolicy": "Never"}}}
ROLE = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
NAMES = {
    "StatefulSet": ("apps/v1", "statefulsets"), "Service": ("v1", "services"), "Job": ("batch/v1", "jobs"),
    "ConfigMap": ("v1", "configmaps"), "Secret": ("v1", "secrets"),
    "PersistentVolumeClaim": ("v1", "persistentvolumeclaims"),
    "RoleBinding": ("rbac.authorization.k8s.io/v1", "rolebindings"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "fields", "path", "value", "cost"),
    [
        ("StatefulSet", {"spec": SET}, "spec.volumeClaimTemplates.0.spec.resources.requests.storage", "2Gi", "orphan"),
        ("StatefulSet", {"spec": SET}, "spec.serviceName", "other", "the data in them stay"),
        ("Service", {"spec": {"ports": [{"port": 80}]}}, "spec.clusterIP", "None", "with new addresses"),
        ("Job", {"spec": JOB}, "spec.template.spec.containers.0.image", "busybox:2", "runs again from the start"),
        ("ConfigMap", {"immutable": True, "data": {"a": "1"}}, "data.a", "2", "restart the pods"),
        ("Secret", {"immutable": True, "data": {"a": "c2VjcmV0"}}, "data.a", "aGlkZGVu", "may not open with new ones"),
        ("PersistentVolumeClaim", {"spec": CLAIM}, "spec.accessModes.0", "ReadOnlyMany", "deletes the data"),
        ("RoleBinding", {"roleRef": ROLE}, "roleRef.name", "edit", "without these rights"),
    ],
)
def test_it_says_what_making_it_anew_costs(cluster, namespace, manifest, bundle, kind, fields, path, value, cost):
    api_version, plural = NAMES[kind]
    before = manifest(api_version, kind, "x", namespace, **copy.deepcopy(fields))
    root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    cluster.client.apply(f"{root}/namespaces/{namespace}/{plural}/x", before)
    after = copy.deepcopy(before)
    _set(after, path.split("."), value)
    (found,) = plan_of(cluster, [bundle(after)]).objects
    assert found.verdict == "invalid"
    assert found.sentence.startswith(f"{kind} {namespace}/x cannot be changed in this way while it exists: ")
    assert cost in found.sentence
    assert "c2VjcmV0" not in found.sentence
    assert "aGlkZGVu" not in found.sentence


def _set(manifest: Any, steps: list[str], value: Any) -> None:
    *way, last = [int(step) if step.isdigit() else step for step in steps]
    for step in way:
        manifest = manifest[step]
    manifest[last] = value
