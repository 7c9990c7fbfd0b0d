"""JSON merge patch (RFC 7386): maps merge, null removes, everything else replaces."""

from __future__ import annotations

import copy
from typing import Any

from localcluster.client import Object


def merge_patch(target: Object, patch: Object) -> Object:
    """A new object; neither argument is changed."""
    result: Object = _merged(target, patch)
    return result


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = copy.deepcopy(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merged(result.get(name), value)
    return result
