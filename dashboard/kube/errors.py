"""What the Kubernetes API may answer instead of what was asked, as exceptions.

Translated once, from a status code and a `Status` body or from a transport failure; must not send anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from dashboard.kube.rules import Rule, rule_of_refusal


class ApiError(Exception):
    """A refusal: the HTTP `status`, Kubernetes' `reason` and `message`, and what else its `Status` told.

    `retry_after` is the server's wish in seconds, or None. `code` is the same as `status`.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.details = dict(details or {})
        self.retry_after = retry_after

    def __str__(self) -> str:
        if not self.status:
            return self.message
        return f"{self.message} ({self.status} {self.reason})" if self.reason else f"{self.message} ({self.status})"


class BadRequest(ApiError):
    """400: the request makes no sense."""


class Unauthorized(ApiError):
    """401: the credential is missing or has run out."""


class SignInAgain(Unauthorized):
    """The person in whose name it was to be done is not signed in any more; our own credential has no part in it."""

    def __init__(self, message: str, *, reason: str = "SignedOut") -> None:
        super().__init__(401, reason, message)


class Forbidden(ApiError):
    """403: RBAC, a quota or another admission rule refuses. `rule`: the missing right, when that is what refused."""

    rule: Rule | None = None


class NotFound(ApiError):
    """404: no such object, or no such resource on this server."""


class Conflict(ApiError):
    """409: another version, another field manager or another uid than asked for."""


class AlreadyExists(Conflict):
    """409 on create."""


class Expired(ApiError):
    """410: the resource version or the continue token has left the server's window."""


class Invalid(ApiError):
    """422: a field has a value it may not have."""


class TooManyRequests(ApiError):
    """429: come back after `retry_after`."""


class Unavailable(ApiError):
    """5xx: the server, or what it aggregates or proxies to, cannot answer now."""


class Unreachable(ApiError):
    """Nobody answered: status 0."""

    def __init__(self, message: str, *, reason: str = "Unreachable") -> None:
        super().__init__(0, reason, message)


class Garbled(ApiError):
    """The answer is not what the API promises: status 0, reason "Garbled"."""

    def __init__(self, message: str) -> None:
        super().__init__(0, "Garbled", message)


_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Expired,
    422: Invalid,
    429: TooManyRequests,
}


class _Status(msgspec.Struct):
    code: int | None = None
    reason: str | None = None
    message: str | None = None
    details: dict[str, Any] | None = None


_DECODER = msgspec.json.Decoder(_Status)
_MOST_TEXT = 300  # enough of a page that some proxy answered instead of the API


def from_response(status: int, headers: Mapping[str, str], body: bytes, *, path: str = "") -> ApiError:
    """The exception for an HTTP answer of 400 or more, whether or not its body is a `Status`.

    `path`: what was asked for.
    """
    try:
        told = _DECODER.decode(body)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        told = _Status(message=body[:_MOST_TEXT].decode("utf-8", "replace").strip())
    error = _build(status, told, retry_after=_seconds(headers.get("Retry-After")))
    if isinstance(error, Forbidden):
        error.rule = rule_of_refusal(error.message, path)
    return error


def from_status(body: bytes) -> ApiError:
    """The exception for a `Status` object inside a watch stream (an ERROR event)."""
    try:
        told = _DECODER.decode(body)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        return Garbled(f"an ERROR event without a readable Status: {error}")
    return _build(told.code or 500, told, retry_after=None)


def has_lost_version(error: ApiError) -> bool:
    """410, or a version this server has not reached yet: it was set up anew, or restored from a backup."""
    if isinstance(error, Expired):
        return True
    causes = error.details.get("causes") or []
    too_large = any(isinstance(cause, dict) and cause.get("reason") == "ResourceVersionTooLarge" for cause in causes)
    return error.status == 504 or too_large or "Too large resource version" in error.message


def _build(status: int, told: _Status, *, retry_after: float | None) -> ApiError:
    kind = _BY_STATUS.get(status, Unavailable if status >= 500 else ApiError)
    if told.reason == "AlreadyExists":
        kind = AlreadyExists
    if told.reason == "Expired":
        kind = Expired
    details = told.details or {}
    wish = details.get("retryAfterSeconds")
    if retry_after is None and isinstance(wish, int) and wish > 0:
        retry_after = float(wish)
    return kind(status, told.reason or "", told.message or f"HTTP {status}", details=details, retry_after=retry_after)


def _seconds(text: str | None) -> float | None:
    """Retry-After in seconds; a date there is ignored, the back-off then decides."""
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None
