"""What Pod Security says reaches clients in `Warning` headers, once a write."""

from __future__ import annotations

from typing import Any

PODS = "/api/v1/namespaces/strict/pods"
POD = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "main", "image": "busybox"}]}}
WOULD = 'would violate PodSecurity \\"restricted:latest\\": allowPrivilegeEscalation != false (container \\"main\\"'


async def test_a_pod_is_refused_and_its_template_warned_of(http: Any) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    namespace = {"metadata": {"name": "strict", "labels": labels}}
    assert (await http.call("POST", "/api/v1/namespaces", namespace))[0] == 201
    status, body = await http.call("POST", PODS, POD)
    assert (status, body["reason"]) == (403, "Forbidden")
    assert body["message"].startswith('pods "p" is forbidden: violates PodSecurity "restricted:latest": allowPriv')
    template = {"metadata": {"labels": {"a": "b"}}, "spec": POD["spec"]}
    deployment = {"metadata": {"name": "d"}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template}}
    path = "/apis/apps/v1/namespaces/strict/deployments"
    async with http.session.post(http.url + path, json=deployment) as answer:
        assert answer.status == 201
        (warning,) = answer.headers.getall("Warning")
    assert warning.startswith(f'299 - "{WOULD}')
