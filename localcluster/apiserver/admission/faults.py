"""The causes of a 422, worded as `field.Error` words them.

A struct is shown as JSON of the server's own types, whose fields begin with capitals: who refuses one names them so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

Cause = dict[str, str]


def invalid(field: str, value: Any, detail: str) -> Cause:
    return _cause("FieldValueInvalid", field, f"Invalid value: {_shown(value)}: {detail}")


def required(field: str, detail: str = "") -> Cause:
    return _cause("FieldValueRequired", field, f"Required value: {detail}" if detail else "Required value")


def duplicate(field: str, value: Any) -> Cause:
    return _cause("FieldValueDuplicate", field, f"Duplicate value: {_shown(value)}")


def missing(field: str, value: Any) -> Cause:
    """A reference to something that is not there."""
    return _cause("FieldValueNotFound", field, f"Not found: {_shown(value)}")


def forbidden(field: str, detail: str) -> Cause:
    return _cause("FieldValueForbidden", field, f"Forbidden: {detail}")


def too_long(field: str, *, most: int) -> Cause:
    return _cause("FieldValueTooLong", field, f"Too long: may not be more than {most} bytes")


def too_many(field: str, count: int, *, most: int) -> Cause:
    return _cause("FieldValueTooMany", field, f"Too many: {count}: must have at most {most} items")


def unsupported(field: str, value: Any, supported: Sequence[str]) -> Cause:
    choice = ", ".join(f'"{name}"' for name in supported)
    return _cause("FieldValueNotSupported", field, f"Unsupported value: {_shown(value)}: supported values: {choice}")


def each_invalid(field: str, value: Any, details: Iterable[str]) -> list[Cause]:
    """One cause for each detail."""
    return [invalid(field, value, detail) for detail in details]


def not_negative(field: str, value: Any) -> list[Cause]:
    """Nothing, or the refusal of a number below zero."""
    if value is None or value >= 0:
        return []
    return [invalid(field, value, "must be greater than or equal to 0")]


def in_range(field: str, value: Any, *, low: int, high: int) -> list[Cause]:
    """Nothing, or the refusal of a number out of range."""
    if low <= value <= high:
        return []
    return [invalid(field, value, f"must be between {low} and {high}, inclusive")]


def immutable(field: str, *, old: Any, new: Any) -> list[Cause]:
    """Nothing, or the refusal of a change."""
    return [] if old == new else [invalid(field, new, "field is immutable")]


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _cause(reason: str, field: str, message: str) -> Cause:
    return {"reason": reason, "message": message, "field": field}
