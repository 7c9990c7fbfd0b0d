"""Requests to the Kubernetes API as plain values: what to send, decided without sending. It must not do I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

FIELD_MANAGER = "surgeboard"

JSON = "application/json"
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"

Query = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `body` is bytes as they go out, `path` begins with a slash and is already escaped."""

    method: str
    path: str
    query: Query = field(default_factory=dict)
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """Path and query."""
        if not self.query:
            return self.path
        pairs = [(key, _text(value)) for key, value in self.query.items()]
        return f"{self.path}{'&' if '?' in self.path else '?'}{urlencode(pairs)}"


def listing(path: str, *, query: Query | None = None, limit: int = 500, token: str = "") -> Request:
    """One page of a collection; `token` is the `continue` of the page before."""
    more: dict[str, str | int | bool] = {**(query or {}), "limit": limit}
    if token:
        more["continue"] = token
    return Request("GET", path, more)


def watching(path: str, *, resource_version: str, timeout_seconds: int, query: Query | None = None) -> Request:
    """Changes of a collection after `resource_version`, with bookmarks, ended by the server in time."""
    return Request(
        "GET",
        path,
        {
            **(query or {}),
            "watch": True,
            "allowWatchBookmarks": True,
            "resourceVersion": resource_version,
            "timeoutSeconds": timeout_seconds,
        },
    )


def writing(method: str, path: str, *, body: bytes, content_type: str = JSON, query: Query | None = None) -> Request:
    """A request with a body."""
    return Request(method, path, query or {}, body, {"Content-Type": content_type})


def write_options(*, field_manager: str, dry_run: bool, force: bool = False) -> dict[str, str | int | bool]:
    """The query every write of ours carries: strict field validation, so a misspelt field is refused and not lost."""
    options: dict[str, str | int | bool] = {"fieldManager": field_manager, "fieldValidation": "Strict"}
    if dry_run:
        options["dryRun"] = "All"
    if force:
        options["force"] = True
    return options


def deletion(*, uid: str | None, propagation_policy: str, grace_period_seconds: int | None) -> dict[str, Any]:
    """`DeleteOptions`; with `uid`, only that very object may be deleted, never a namesake born since."""
    options: dict[str, Any] = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation_policy}
    if uid:
        options["preconditions"] = {"uid": uid}
    if grace_period_seconds is not None:
        options["gracePeriodSeconds"] = grace_period_seconds
    return options


def segment(text: str) -> str:
    """One path segment, escaped whole."""
    return quote(text, safe="")


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
