"""One autoscaler, in autoscaling/v1 and in autoscaling/v2: nothing is lost by reading and writing the older one."""

from __future__ import annotations

from typing import Any

from localcluster.apiserver import autoscalingv1

V1 = "/apis/autoscaling/v1/namespaces/test/horizontalpodautoscalers"
V2 = "/apis/autoscaling/v2/namespaces/test/horizontalpodautoscalers"
TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
OLD = {
    "apiVersion": "autoscaling/v1",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "web"},
    "spec": {"scaleTargetRef": TARGET, "minReplicas": 1, "maxReplicas": 3, "targetCPUUtilizationPercentage": 70},
}
CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}
MEMORY = {
    "type": "Resource",
    "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "20Mi"}},
}


async def test_the_older_one_is_stored_as_the_newer_one(http: Any) -> None:
    status, created = await http.call("POST", V1, OLD)
    assert status == 201, created
    assert (created["apiVersion"], created["spec"]) == ("autoscaling/v1", OLD["spec"])
    stored = await http.get(f"{V2}/web")
    assert (stored["apiVersion"], stored["spec"]["metrics"]) == ("autoscaling/v2", [CPU])
    status, refused = await http.call("POST", V1, OLD)
    assert (status, refused["reason"]) == (409, "AlreadyExists")


async def test_the_newer_one_is_preferred(http: Any) -> None:
    group = await http.get("/apis/autoscaling")
    assert [version["version"] for version in group["versions"]] == ["v2", "v1"]
    assert group["preferredVersion"]["version"] == "v2"


async def test_a_change_by_the_older_one_keeps_the_rest(http: Any) -> None:
    behavior = {"scaleDown": {"stabilizationWindowSeconds": 60}}
    spec = {"scaleTargetRef": TARGET, "maxReplicas": 3, "metrics": [MEMORY, CPU], "behavior": behavior}
    await http.call("POST", V2, {**OLD, "apiVersion": "autoscaling/v2", "spec": spec})
    before = (await http.get(f"{V2}/web"))["spec"]
    change = {"spec": {"maxReplicas": 5}}
    status, patched = await http.call("PATCH", f"{V1}/web", change, content_type="application/merge-patch+json")
    assert (status, patched["spec"]["targetCPUUtilizationPercentage"]) == (200, 70)
    assert "averageValue" not in patched["spec"]
    after = await http.get(f"{V2}/web")
    assert after["spec"] == {**before, "maxReplicas": 5}
    assert "annotations" not in after["metadata"]


async def test_it_is_listed_with_its_columns(http: Any) -> None:
    await http.call("POST", V1, OLD)
    table = await http.get(V1, accept="application/json;as=Table;v=v1;g=meta.k8s.io")
    assert table["rows"][0]["cells"][:5] == ["web", "Deployment/web", "cpu: <unknown>/70%", 1, 3]


async def test_an_annotation_that_is_none_is_refused(http: Any) -> None:
    noted = {"name": "web", "annotations": {"autoscaling.alpha.kubernetes.io/metrics": "{"}}
    status, refused = await http.call("POST", V1, {**OLD, "metadata": noted})
    assert (status, refused["reason"]) == (400, "BadRequest")


def test_what_is_seen_is_told_in_the_older_words() -> None:
    current = [{"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 5}}}]
    conditions = [{"type": "AbleToScale", "status": "True"}]
    stored = {"metadata": {}, "spec": {}, "status": {"currentMetrics": current, "conditions": conditions}}
    shown = autoscalingv1.shown(stored)
    assert shown["status"] == {"currentCPUUtilizationPercentage": 5}
    assert "AbleToScale" in shown["metadata"]["annotations"]["autoscaling.alpha.kubernetes.io/conditions"]
    assert autoscalingv1.read(shown) == {**stored, "apiVersion": "autoscaling/v2"}
