"""What the node's endpoint answers to tokens, by the same tokens and roles as the API's."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.apiserver.access.attributes import Attributes
from localcluster.apiserver.access.delegation import checked
from localcluster.errors import ApiError

METRICS = Attributes("get", "", "v1", "nodes", "metrics", name="local")


def test_the_right_to_read_nodes_metrics_opens_it(policy: Any, rbac: Any, issuing: Any) -> None:
    token = issuing.tokens.issue("test", "robot").token
    with pytest.raises(ApiError) as unknown:
        checked(issuing.tokens, rbac, token="nonsense", asked=METRICS)
    assert (unknown.value.code, unknown.value.message) == (401, "Unauthorized")
    with pytest.raises(ApiError) as refused:
        checked(issuing.tokens, rbac, token=token, asked=METRICS)
    assert (refused.value.code, refused.value.message) == (
        403,
        "Forbidden (user=system:serviceaccount:test:robot, verb=get, resource=nodes, subresource(s)=[metrics])",
    )
    policy.role("measuring", {"verbs": ["get"], "apiGroups": [""], "resources": ["nodes/metrics"]})
    policy.bind("ClusterRole/measuring", {"kind": "ServiceAccount", "name": "robot", "namespace": "test"})
    assert checked(issuing.tokens, rbac, token=token, asked=METRICS).user == "system:serviceaccount:test:robot"
