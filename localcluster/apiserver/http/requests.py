"""A request on a resource, taken apart: its options, its body, its selectors. Must not call the registry."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast, get_args

from aiohttp import web

from localcluster.apiserver.admission.fields import check_definition, check_types
from localcluster.apiserver.http.negotiation import decode, unsupported_media_type
from localcluster.apiserver.http.paths import Target
from localcluster.apiserver.integers import parse_int
from localcluster.apiserver.options import DeleteOptions, FieldValidation, Guard, WriteOptions
from localcluster.apiserver.selection import Selection, select
from localcluster.client import PatchType, PropagationPolicy
from localcluster.errors import ApiError, bad_request, invalid
from localcluster.resources import STORED, Resource

MAX_BODY = 3 * 1024 * 1024
PATIENCE = web.AppKey("patience", float)
"""For how many seconds a body may take to arrive."""

USUAL_PATIENCE_S = 60.0
"""Kubernetes' own `--request-timeout`."""


def method_not_allowed() -> ApiError:
    return ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def no_such_resource() -> ApiError:
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


@dataclass(frozen=True, slots=True)
class Call:
    """One request, taken apart."""

    request: web.Request
    resource: Resource
    target: Target
    guard: Guard | None = None
    annotations: dict[str, str] = field(default_factory=dict)
    """What the audit log is to say of it."""

    @property
    def namespace(self) -> str:
        return self.target.namespace

    @property
    def name(self) -> str:
        return self.target.name

    def flag(self, name: str) -> bool:
        """A boolean of the query, as Go parses one; a key without a value means true."""
        value = self.request.query.get(name)
        return value is not None and value.lower() not in ("0", "f", "false")

    def number(self, name: str) -> int | None:
        text = self.request.query.get(name)
        if not text:
            return None
        try:
            return parse_int(text)
        except ValueError as error:
            raise bad_request(str(error)) from error


async def read_body(request: web.Request) -> bytes:
    """The body; 413 when it is too large, 504 when the rest of it does not come, or cannot be told from nonsense."""
    raw = bytearray()
    try:
        async with asyncio.timeout(request.app.get(PATIENCE, USUAL_PATIENCE_S)):
            async for chunk in request.content.iter_any():
                raw += chunk
                if len(raw) > MAX_BODY:
                    message = f"Request entity too large: limit is {MAX_BODY}"
                    raise ApiError(413, "RequestEntityTooLarge", message, {})
    except TimeoutError as error:
        message = "Timeout: request did not complete within the allotted timeout"
        raise ApiError(504, "Timeout", message, {}) from error
    return bytes(raw)


def write_options(call: Call, *, apply: bool = False) -> WriteOptions:
    """Options of a write as the query gives them. Without `fieldManager` a client's program name is its manager."""
    query = call.request.query
    agent = call.request.headers.get("User-Agent", "unknown").partition("/")[0]
    validation = query.get("fieldValidation") or "Warn"
    if validation not in get_args(FieldValidation)[:3]:
        supported = '"Ignore", "Strict", "Warn"'
        message = f'Unsupported value: "{validation}": supported values: {supported}'
        cause = {"reason": "FieldValueNotSupported", "message": message, "field": "fieldValidation"}
        raise invalid(kind="PatchOptions", group="meta.k8s.io", name="", causes=[cause])
    return WriteOptions(
        query.get("fieldManager") or ("" if apply else agent), _dry_run(query.get("dryRun")),
        call.flag("force"), cast("FieldValidation", validation), annotations=call.annotations,
        guard=call.guard,
    )  # fmt: skip


def _dry_run(value: object) -> bool:
    if value in (None, "", []):
        return False
    if value in ("All", ["All"]):
        return True
    text = ",".join(str(item) for item in value) if isinstance(value, list) else str(value)
    message = f'Unsupported value: "{text}": supported values: "All"'
    cause = {"reason": "FieldValueNotSupported", "message": message, "field": "dryRun"}
    raise invalid(kind="CreateOptions", group="meta.k8s.io", name="", causes=[cause])


def selection(call: Call) -> Selection:
    query = call.request.query
    return select(call.resource, labels=query.get("labelSelector", ""), fields=query.get("fieldSelector", ""))


_UNSTORED = {
    "Scale": "io.k8s.api.autoscaling.v1.Scale",
    "Binding": "io.k8s.api.core.v1.Binding",
    "Eviction": "io.k8s.api.policy.v1.Eviction",
    "DeleteOptions": "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions",
}
"""Definitions of what is sent to subresources and with deletions."""


async def object_of(call: Call, *, kind: str = "") -> Any:
    """The object sent. Those that are not stored are checked here, the others when they are written."""
    kind = kind or call.resource.kind
    body = decode(await read_body(call.request), content_type=call.request.headers.get("Content-Type", ""), kind=kind)
    if not isinstance(body, dict):
        raise bad_request(f"the object provided is unrecognized (must be of type {kind})")
    if kind in _UNSTORED:
        check_definition(_UNSTORED[kind], body)
    elif call.resource not in STORED:
        check_types(call.resource, body)
    return body


async def patch_of(call: Call) -> tuple[PatchType, Any]:
    content_type = call.request.headers.get("Content-Type", "").split(";")[0].strip()
    if content_type not in get_args(PatchType):
        raise unsupported_media_type()
    patch = decode(await read_body(call.request), content_type=content_type, kind=call.resource.kind)
    return cast("PatchType", content_type), patch


async def delete_options(call: Call) -> DeleteOptions:
    raw = await read_body(call.request)
    if not raw.strip():
        return merged_delete_options(call, None)
    content_type = call.request.headers.get("Content-Type", "")
    return merged_delete_options(call, decode(raw, content_type=content_type, kind="DeleteOptions"))


def merged_delete_options(call: Call, body: Any) -> DeleteOptions:
    """Options of the body, else those of the query."""
    if body is not None:
        check_definition(_UNSTORED["DeleteOptions"], body)
    given = body or {}
    preconditions = given.get("preconditions") or {}
    grace = given.get("gracePeriodSeconds")
    policy = given.get("propagationPolicy") or call.request.query.get("propagationPolicy") or None
    if given.get("orphanDependents") is not None or "orphanDependents" in call.request.query:
        policy = "Orphan" if given.get("orphanDependents") or call.flag("orphanDependents") else "Background"
    if policy is not None and policy not in get_args(PropagationPolicy):
        allowed = '"Background", "Foreground", "Orphan"'
        message = f'Unsupported value: "{policy}": supported values: {allowed}'
        cause = {"reason": "FieldValueNotSupported", "message": message, "field": "propagationPolicy"}
        raise invalid(kind="DeleteOptions", group="meta.k8s.io", name="", causes=[cause])
    return DeleteOptions(
        grace if grace is not None else call.number("gracePeriodSeconds"), cast("PropagationPolicy | None", policy),
        preconditions.get("uid") or "", preconditions.get("resourceVersion") or "",
        _dry_run(given.get("dryRun") or call.request.query.get("dryRun")),
    )  # fmt: skip
