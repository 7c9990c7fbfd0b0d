"""JSON patch (RFC 6902) with the API's refusals."""

from __future__ import annotations

import copy
from typing import Any

import jsonpatch
import orjson
from jsonpointer import JsonPointer, JsonPointerException

from localcluster.client import Object
from localcluster.errors import ApiError, bad_request

_MOST_OPERATIONS = 10_000  # as the API server's own guard
_MOST_COPIED = 3 * 1024 * 1024
"""What all copies of one patch may add together, in bytes, likewise: sixty that double what is there have no end."""


def json_patch(target: Object, operations: Any) -> Object:
    """A new object. Raises 400 for a patch that is none, 413 for too much of one, 422 for one that does not fit."""
    if not isinstance(operations, list):
        raise bad_request("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    if len(operations) > _MOST_OPERATIONS:
        message = f"The allowed maximum operations in a JSON patch is {_MOST_OPERATIONS}, got {len(operations)}"
        raise ApiError(413, "RequestEntityTooLarge", message)
    try:
        result = _applied(target, operations)
    except (jsonpatch.JsonPatchException, JsonPointerException, KeyError, TypeError) as error:
        raise ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {}) from error
    if not isinstance(result, dict):
        raise bad_request("the patch does not leave an object")
    return result


def _applied(target: Object, operations: list[Any]) -> Any:
    if not any(isinstance(operation, dict) and operation.get("op") == "copy" for operation in operations):
        return jsonpatch.JsonPatch(operations).apply(target)
    found, copied = copy.deepcopy(target), 0
    for operation in operations:
        step = jsonpatch.JsonPatch([operation])
        if operation["op"] == "copy":
            copied += len(orjson.dumps(JsonPointer(operation["from"]).resolve(found)))
            if copied > _MOST_COPIED:
                message = (
                    f"Unable to complete the copy, the accumulated size increase of copy is {copied}, "
                    f"exceeding the limit {_MOST_COPIED}"
                )
                raise ApiError(413, "RequestEntityTooLarge", message)
        found = step.apply(found, in_place=True)
    return found
