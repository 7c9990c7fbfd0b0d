"""Which way of limiting this machine allows, best first: cgroups v2, cgroups v1, duty cycle."""

from __future__ import annotations

from localcluster.node.limits.cgroup_v1 import CgroupV1
from localcluster.node.limits.cgroup_v2 import CgroupV2
from localcluster.node.limits.duty_cycle import DutyCycle
from localcluster.node.limits.protocol import Limiter
from localcluster.node.settings import LimitsChoice


class LimitsUnavailable(Exception):
    """The way asked for cannot be had on this machine."""


def choose(choice: LimitsChoice, *, name: str) -> Limiter:
    """`name` names this cluster's cgroups; leftovers of the same name are removed."""
    if choice in {"auto", "cgroup-v2"}:
        version_2 = CgroupV2.probe(name)
        if version_2 is not None:
            return version_2
    if choice in {"auto", "cgroup-v1"}:
        version_1 = CgroupV1.probe(name)
        if version_1 is not None:
            return version_1
    if choice in {"cgroup-v2", "cgroup-v1"}:
        raise LimitsUnavailable(
            f"limits {choice} cannot be had: the cpu and memory controllers are not delegated to this user; "
            "choose limits auto, or run as root"
        )
    return DutyCycle(enforce=choice != "none")
