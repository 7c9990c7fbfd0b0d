"""Lists as of one revision: paging with tokens that stay consistent, and resourceVersion semantics.

Reads storage only; must not write, wait, or know HTTP.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from localcluster.apiserver.integers import parse_uint
from localcluster.apiserver.selection import Selection
from localcluster.apiserver.storage import Storage, TooOld, Version
from localcluster.errors import ApiError, bad_request, expired, invalid
from localcluster.resources import Resource

_TOKEN_VERSION = "meta.k8s.io/v1"  # noqa: S105 - the format of continue tokens, not a secret
_END_OF_NAME = "\x00"

CONTINUE_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list "
    "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
    "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
    "modified, or deleted between the time the first chunk was returned and now may show up in the list."
)
LIST_EXPIRED = "The resourceVersion for the provided list is too old."


@dataclass(frozen=True, slots=True)
class ListOptions:
    """`metav1.ListOptions` of a list. `limit` 0 means no limit."""

    selection: Selection
    limit: int = 0
    continue_token: str = ""
    resource_version: str = ""
    resource_version_match: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list. `remaining` is None where Kubernetes does not tell it."""

    versions: Sequence[Version]
    revision: int
    continue_token: str = ""
    remaining: int | None = None


def list_page(storage: Storage, resource: Resource, *, namespace: str, options: ListOptions) -> Page:
    """The page that `options` ask for."""
    _check(options)
    start = ""
    if options.continue_token:
        revision, start = _decode_token(options.continue_token)
        if revision > storage.revision:
            raise _too_large(revision, current=storage.revision)
        versions = _snapshot(storage, resource, revision, namespace=namespace, message=CONTINUE_EXPIRED)
    else:
        revision = _requested_revision(storage, options)
        versions = _snapshot(storage, resource, revision, namespace=namespace, message=LIST_EXPIRED)
    matching = [v for v in versions if options.selection.matches(v.object)]
    if start:
        matching = [v for v in matching if _position(v, namespace=namespace) >= start]
    # From the cache, Kubernetes gives all of it; it takes a limit below zero for none.
    limit = 0 if options.resource_version == "0" else max(0, options.limit)
    if not limit or len(matching) <= limit:
        return Page(matching, revision)
    token = _encode_token(revision, _position(matching[limit - 1], namespace=namespace) + _END_OF_NAME)
    remaining = len(matching) - limit if options.selection.everything else None
    return Page(matching[:limit], revision, token, remaining)


def parse_revision(text: str, *, current: int) -> int:
    """`text` as a revision that exists; "" and "0" are the present."""
    if text in ("", "0"):
        return current
    try:
        revision = parse_uint(text)
    except ValueError as error:
        problem = f'resourceVersion: Invalid value: "{text}": {error}'
        raise bad_request(f"invalid resource version: {problem}") from error
    if revision > current:
        raise _too_large(revision, current=current)
    return revision


def _too_large(revision: int, *, current: int) -> ApiError:
    causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
    message = f"Timeout: Too large resource version: {revision}, current: {current}"
    return ApiError(504, "Timeout", message, {"causes": causes, "retryAfterSeconds": 1})


def _check(options: ListOptions) -> None:
    match, field = options.resource_version_match, "resourceVersionMatch"
    if not match:
        return
    if options.continue_token:
        message = f"Forbidden: {field} is forbidden when continue is provided"
    elif not options.resource_version:
        message = f"Forbidden: {field} is forbidden unless resourceVersion is provided"
    elif match not in ("Exact", "NotOlderThan"):
        message = f'Unsupported value: "{match}": supported values: "Exact", "NotOlderThan"'
    elif match == "Exact" and options.resource_version == "0":
        message = f'Forbidden: {field} "Exact" is forbidden for resourceVersion "0"'
    else:
        return
    reason = "FieldValueNotSupported" if message.startswith("Unsupported") else "FieldValueForbidden"
    cause = {"reason": reason, "message": message, "field": field}
    raise invalid(kind="ListOptions", group="meta.k8s.io", name="", causes=[cause])


def _requested_revision(storage: Storage, options: ListOptions) -> int:
    asked = parse_revision(options.resource_version, current=storage.revision)
    return asked if options.resource_version_match == "Exact" else storage.revision


def _snapshot(storage: Storage, resource: Resource, revision: int, *, namespace: str, message: str) -> list[Version]:
    if revision >= storage.revision:
        return storage.all(resource, namespace=namespace)
    try:
        return storage.at(resource, revision, namespace=namespace)
    except TooOld as error:
        raise expired(message) from error


def _position(version: Version, *, namespace: str) -> str:
    """The place of an object in its list, as continue tokens tell it."""
    metadata = version.object["metadata"]
    own = metadata.get("namespace", "")
    return f"/{metadata['name']}" if namespace or not own else f"/{own}/{metadata['name']}"


def _encode_token(revision: int, start: str) -> str:
    document = orjson.dumps({"v": _TOKEN_VERSION, "rv": revision, "start": start})
    return base64.urlsafe_b64encode(document).rstrip(b"=").decode()


def _decode_token(token: str) -> tuple[int, str]:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad_token("illegal base64 data at input byte 0") from error
    try:
        document = orjson.loads(raw)
        revision, start, version = document["rv"], document["start"], document["v"]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        first = f"\\x{raw[0]:02x}" if raw and raw[0] > 0x7F else raw[:1].decode()
        raise _bad_token(f"invalid character '{first}' looking for beginning of value") from error
    if version != _TOKEN_VERSION:
        raise _bad_token(f'server does not recognize this encoded version "{version}"')
    if type(revision) is not int or revision == 0:
        raise _bad_token(f"incorrect encoded start resourceVersion (version {_TOKEN_VERSION})")
    if not isinstance(start, str) or not start:
        raise _bad_token("incorrect encoded start key")
    return revision, start


def _bad_token(problem: str) -> ApiError:
    return bad_request(f"invalid continue token: continue key is not valid: {problem}")
