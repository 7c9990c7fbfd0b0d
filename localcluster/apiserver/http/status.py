"""`metav1.Status` bodies: of an error, and of a success that returns no object."""

from __future__ import annotations

from typing import Any

from localcluster.client import Object
from localcluster.errors import ApiError
from localcluster.resources import Resource


def status_of(error: ApiError) -> Object:
    """The Status that tells `error`; fields without a value are left out."""
    status: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    status["message"] = error.message
    if error.reason:
        status["reason"] = error.reason
    if error.details is not None:
        status["details"] = error.details
    status["code"] = error.code
    return status


def deleted(resource: Resource, body: Object) -> Object:
    """The answer to a DELETE of a kind whose object is not returned."""
    metadata = body["metadata"]
    details = {"name": metadata["name"], "group": resource.group, "kind": resource.plural, "uid": metadata["uid"]}
    if not resource.group:
        del details["group"]
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


def success(code: int) -> Object:
    """A Status that only says yes."""
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": code}
