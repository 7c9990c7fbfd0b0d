"""Defaults of namespaces, nodes, secrets, limit ranges and role bindings."""

from __future__ import annotations

import base64

from localcluster.client import Object

_RBAC = "rbac.authorization.k8s.io"


def default_namespace(obj: Object) -> None:
    """The label by which selectors find a namespace by name."""
    obj["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = obj["metadata"].get("name", "")


def default_node(obj: Object) -> None:
    status = obj["status"]
    if "capacity" in status:
        status.setdefault("allocatable", dict(status["capacity"]))


def default_secret(obj: Object) -> None:
    """`stringData` is for writing only: it becomes part of `data`."""
    obj.setdefault("type", "Opaque")
    plain = obj.pop("stringData", None)
    if plain:
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in plain.items()}
        obj["data"] = {**(obj.get("data") or {}), **encoded}


def default_limit_range(obj: Object) -> None:
    """A container's default limit is its maximum, its default request its default limit, else its minimum."""
    for item in obj["spec"].get("limits") or []:
        if item.get("type") != "Container":
            continue
        limits = {**(item.get("max") or {}), **(item.get("default") or {})}
        requests = {**(item.get("min") or {}), **limits, **(item.get("defaultRequest") or {})}
        if limits:
            item["default"] = limits
        if requests:
            item["defaultRequest"] = requests


def default_role_binding(obj: Object) -> None:
    if obj["roleRef"]:
        obj["roleRef"].setdefault("apiGroup", _RBAC)
    for subject in obj.get("subjects") or []:
        if subject.get("kind") in ("User", "Group"):
            subject.setdefault("apiGroup", _RBAC)
