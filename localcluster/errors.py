"""Errors as the Kubernetes API tells them: a code, a reason, a message and details.

Raised by the API server's core and seen unchanged by in-process clients; must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ApiError(Exception):
    """A refusal as a `Status` object would carry it.

    `code`: the HTTP status. `reason`: a `metav1.StatusReason`, or "" where Kubernetes gives none.
    `details`: `metav1.StatusDetails` (name, group, kind, uid, causes, retryAfterSeconds) or None.
    """

    def __init__(self, code: int, reason: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = dict(details) if details is not None else None


def not_found(*, resource: str, group: str, name: str) -> ApiError:
    """404: `resource` is the plural (`pods`), `group` the API group or ""."""
    details = _details(name=name, group=group, kind=resource)
    return ApiError(404, "NotFound", f'{qualified(resource, group)} "{name}" not found', details)


def already_exists(*, resource: str, group: str, name: str) -> ApiError:
    """409 on create."""
    details = _details(name=name, group=group, kind=resource)
    return ApiError(409, "AlreadyExists", f'{qualified(resource, group)} "{name}" already exists', details)


def conflict(*, resource: str, group: str, name: str, message: str) -> ApiError:
    """409 on update: `message` says what did not match."""
    text = f'Operation cannot be fulfilled on {qualified(resource, group)} "{name}": {message}'
    return ApiError(409, "Conflict", text, _details(name=name, group=group, kind=resource))


def bad_request(message: str) -> ApiError:
    """400."""
    return ApiError(400, "BadRequest", message)


def forbidden(*, resource: str, group: str, name: str, message: str) -> ApiError:
    """403 by admission or authorisation."""
    text = f'{qualified(resource, group)} "{name}" is forbidden: {message}'
    return ApiError(403, "Forbidden", text, _details(name=name, group=group, kind=resource))


def invalid(*, kind: str, group: str, name: str, causes: Sequence[Mapping[str, str]]) -> ApiError:
    """422: `causes` are `{reason, message, field}` as `field.Error` gives them.

    The message lists `field: message` of each cause, in brackets when there is more than one.
    """
    texts = [f"{cause['field']}: {cause['message']}" for cause in causes]
    joined = texts[0] if len(texts) == 1 else "[" + ", ".join(texts) + "]"
    details = _details(name=name, group=group, kind=kind)
    details["causes"] = [dict(cause) for cause in causes]
    return ApiError(422, "Invalid", f'{qualified(kind, group)} "{name}" is invalid: {joined}', details)


def expired(message: str) -> ApiError:
    """410: the resourceVersion or continue token has left the window."""
    return ApiError(410, "Expired", message)


def qualified(resource: str, group: str) -> str:
    """`deployments.apps`, or `pods` in the core group (schema.GroupResource.String)."""
    return f"{resource}.{group}" if group else resource


def _details(*, name: str, group: str, kind: str) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if name:
        details["name"] = name
    if group:
        details["group"] = group
    details["kind"] = kind
    return details
