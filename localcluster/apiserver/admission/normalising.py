"""An object as Kubernetes' types would write it back: no nulls, quantities in their canonical text.

Keeps fields the schema does not know; dropping them is `fields`' matter.
"""

from __future__ import annotations

import contextlib
from typing import Any

from localcluster import quantity
from localcluster.client import Object
from localcluster.schema import QUANTITY, Schema


def normalise(obj: Object, schema: Schema) -> Object:
    """A new object; what is malformed is left for validation to refuse."""
    result: Object = _normalised(obj, schema)
    return result


def _normalised(value: Any, schema: Schema | None) -> Any:
    if schema is None or (schema.is_free_form and schema.name != QUANTITY):
        return value
    if schema.name == QUANTITY:
        with contextlib.suppress(ValueError):
            return quantity.canonical(value)
        return value
    if isinstance(value, dict):
        return {key: _normalised(item, schema.field(key)) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_normalised(_something(item, schema.items), schema.items) for item in value]
    return value


def _something(item: Any, schema: Schema | None) -> Any:
    """A null in a list is decoded as the type's zero value."""
    if item is not None or schema is None:
        return item
    zeros = {"object": {}, "array": [], "string": "", "integer": 0, "number": 0, "boolean": False}
    return zeros.get(schema.type)
