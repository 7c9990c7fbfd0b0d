"""L3: there is a NetworkPolicy that denies all, and whether it holds is said only as far as the cluster says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard.kube import errors
from dashboard.load.fence import ABSENT, NOT_ENFORCED, NOT_HERE, UNKNOWN, fence

FILE = Path(__file__).resolve().parents[3] / "manifests" / "load" / "networkpolicy.yaml"


class Cluster:
    """The bundle's policies, and one node."""

    def __init__(self) -> None:
        self.policies = list(yaml.safe_load_all(FILE.read_text()))
        self.node: dict[str, Any] = {"metadata": {"name": "one"}}
        self.refuses = False

    def list(self, path: str, /) -> list[dict[str, Any]]:
        if self.refuses:
            raise errors.Forbidden(403, "Forbidden", "no")
        return self.policies if path.endswith("networkpolicies") else [self.node]


def test_a_cluster_that_says_nothing_is_unknown() -> None:
    assert fence(Cluster()) == UNKNOWN


def test_a_cluster_that_says_it_does_not_enforce_is_believed() -> None:
    cluster = Cluster()
    cluster.node["metadata"]["annotations"] = {NOT_ENFORCED: "seccomp, NetworkPolicy"}
    assert fence(cluster) == NOT_HERE


def test_what_may_not_be_read_is_unknown() -> None:
    cluster = Cluster()
    cluster.refuses = True
    assert fence(cluster) == UNKNOWN


def test_a_policy_that_is_gone_or_lets_all_out_is_told() -> None:
    cluster = Cluster()
    cluster.policies = [each for each in cluster.policies if each["metadata"]["name"] != "default-deny"]
    assert fence(cluster) == ABSENT
    cluster.policies.append({"spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{}]}})
    assert fence(cluster) == ABSENT


@pytest.mark.parametrize("forbidden", [{}, None])
def test_no_policy_of_the_bundle_lets_anything_out_to_everywhere(forbidden: Any) -> None:
    for policy in Cluster().policies:
        for rule in policy["spec"].get("egress") or ():
            assert rule.get("to") not in (forbidden, []), policy["metadata"]["name"]
            for peer in rule["to"]:
                assert "ipBlock" not in peer
            assert rule["ports"]
