"""JSON patch (RFC 6902) with the API's refusals."""

from __future__ import annotations

from typing import Any

import jsonpatch
from jsonpointer import JsonPointerException

from localcluster.client import Object
from localcluster.errors import ApiError, bad_request

_MOST_OPERATIONS = 10_000  # as the API server's own guard


def json_patch(target: Object, operations: Any) -> Object:
    """A new object. Raises 400 for a patch that is none, 422 for one that does not fit the object."""
    if not isinstance(operations, list):
        raise bad_request("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    if len(operations) > _MOST_OPERATIONS:
        message = f"The allowed maximum operations in a JSON patch is {_MOST_OPERATIONS}, got {len(operations)}"
        raise ApiError(413, "RequestEntityTooLarge", message)
    try:
        result = jsonpatch.JsonPatch(operations).apply(target)
    except (jsonpatch.JsonPatchException, JsonPointerException, KeyError, TypeError) as error:
        raise ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {}) from error
    if not isinstance(result, dict):
        raise bad_request("the patch does not leave an object")
    return result
