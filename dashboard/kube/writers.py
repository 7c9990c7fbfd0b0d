"""Who writes to objects, by the names that managedFields hold. Data and words only."""

from __future__ import annotations

from typing import Literal

from dashboard.kube.requests import FIELD_MANAGER

By = Literal["hpa", "person", "other"]

SCALE = "scale"
"""The subresource by which replicas are set and nothing else."""

CONTROLLERS = frozenset({
    "kube-controller-manager", "cloud-controller-manager", "kube-scheduler", "kubelet", "kube-apiserver", "kube-proxy",
    "before-first-apply",
})  # fmt: skip
"""Kubernetes' own writers; what they set is the cluster at work and nobody's doing."""

PEOPLES = ("kubectl", "oc", "k9s", "helm", "lens", "openlens", "headlamp", "mozilla", "dashboard")
"""Programs that do what a person tells them at that moment, by how their names begin."""


def is_ours(manager: str) -> bool:
    """Written by this product, whoever was signed in; it hands `replicas` over under a name of its own."""
    return manager == FIELD_MANAGER or manager.startswith(f"{FIELD_MANAGER}-")


def by(manager: str, *, subresource: str = "") -> By:
    """Who set an object's replicas: the HPA controller, a person through some program, or another program."""
    if manager in CONTROLLERS:
        return "hpa" if subresource == SCALE else "other"
    name = manager.lower()
    is_a_persons = is_ours(manager) or any(name == each or name.startswith(f"{each}-") for each in PEOPLES)
    return "person" if is_a_persons else "other"


def told(manager: str, *, subresource: str = "") -> str:
    """As a person would say it: `kubectl scale`, `kubectl edit`, `a deploy of Surgeboard`."""
    if is_ours(manager):
        return "a deploy of Surgeboard"
    if manager == "kubectl" and subresource == SCALE:
        return "kubectl scale"
    if manager == "kubectl-client-side-apply":
        return "kubectl apply"
    if manager.startswith("kubectl-"):
        return manager.replace("-", " ", 1)
    return manager
