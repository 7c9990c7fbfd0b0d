"""Questions a client may ask about itself and others: who am I, may I. Every authenticated user may do everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcluster.apiserver.identity import ANONYMOUS, Identity
from localcluster.client import Object
from localcluster.resources import Resource

_ALLOWED_RULES = {
    "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
    "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
    "incomplete": False,
}


def answer(
    resource: Resource, body: Object, *, identity: Identity, identify: Callable[[str], Identity | None], now: str
) -> Object:
    """The review with its status filled in."""
    spec = body.get("spec") or {}
    status: Object
    if resource.plural == "selfsubjectreviews":
        status = {"userInfo": _user_info(identity)}
    elif resource.plural == "tokenreviews":
        found = identify(str(spec.get("token", "")))
        status = {"authenticated": True, "user": _user_info(found)} if found else {"user": {}}
    elif resource.plural == "selfsubjectrulesreviews":
        status = dict(_ALLOWED_RULES)
    elif resource.plural == "selfsubjectaccessreviews":
        status = _access(not identity.anonymous)
    else:
        status = _access(spec.get("user") != ANONYMOUS.user)
    metadata: dict[str, Any] = {**(body.get("metadata") or {}), "creationTimestamp": now}
    return {
        "kind": resource.kind,
        "apiVersion": resource.api_version,
        "metadata": metadata,
        "spec": spec,
        "status": status,
    }


def _access(allowed: bool) -> Object:
    if allowed:
        return {"allowed": True, "reason": "this cluster does not enforce RBAC: who is authenticated may do everything"}
    return {"allowed": False}


def _user_info(identity: Identity) -> Object:
    return {"username": identity.user, "groups": list(identity.groups)}
