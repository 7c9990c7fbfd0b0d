"""HTTP answers: objects, pages, Tables and Status, in the form the client asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from aiohttp import web

from localcluster.apiserver.http.negotiation import JSON, Representation, encode
from localcluster.apiserver.http.status import status_of
from localcluster.apiserver.listing import Page
from localcluster.apiserver.printing import tables
from localcluster.apiserver.storage import Version
from localcluster.client import Object
from localcluster.errors import ApiError
from localcluster.resources import Resource

_PLAIN = Representation()


def error(refusal: ApiError) -> web.Response:
    headers = {}
    if refusal.details and "retryAfterSeconds" in refusal.details:
        headers["Retry-After"] = str(refusal.details["retryAfterSeconds"])
    return document(status_of(refusal), status=refusal.code, headers=headers)


def document(
    body: Object, *, status: int = 200, how: Representation = _PLAIN, headers: dict[str, str] | None = None
) -> web.Response:
    """Any JSON document."""
    return web.Response(
        body=encode(body, how.content_type), status=status, content_type=how.content_type, headers=headers
    )


def one(
    resource: Resource, body: Object, *, how: Representation, now: datetime, status: int = 200,
    warnings: Iterable[str] = (),
) -> web.Response:  # fmt: skip
    """One object."""
    answer = document(shaped(resource, body, how=how, now=now), status=status, how=how)
    for text in warnings:
        _warn(answer, text)
    return answer


def deprecated(resource: Resource, answer: web.StreamResponse) -> web.StreamResponse:
    """The same answer, with the warning its version's definition has for clients."""
    if resource.custom is not None and resource.custom.deprecation and not answer.prepared:
        _warn(answer, resource.custom.deprecation)
    return answer


def stored(resource: Resource, version: Version, *, how: Representation, now: datetime) -> web.Response:
    """One stored object; as JSON without encoding it again."""
    if how == _PLAIN:
        return web.Response(body=version.encoded, content_type=JSON)
    return one(resource, version.object, how=how, now=now)


def page(resource: Resource, found: Page, *, how: Representation, now: datetime) -> web.Response:
    """A list, with its items' encodings put together rather than made again."""
    metadata: Object = {"resourceVersion": str(found.revision)}
    if found.continue_token:
        metadata["continue"] = found.continue_token
    if found.remaining is not None:
        metadata["remainingItemCount"] = found.remaining
    if how == _PLAIN:
        return web.Response(body=_joined(resource, found.versions, metadata), content_type=JSON)
    objects = [version.object for version in found.versions]
    if how.form == "Table":
        return document(tables.table(resource, objects, metadata, how=how, now=now), how=how)
    if how.form == "PartialObjectMetadata":
        items = [tables.partial(body, version=how.version) for body in objects]
        return document(_list("PartialObjectMetadataList", f"meta.k8s.io/{how.version}", metadata, items), how=how)
    items = [{key: value for key, value in body.items() if key not in ("kind", "apiVersion")} for body in objects]
    return document(_list(resource.list_kind, resource.api_version, metadata, items), how=how)


def shaped(resource: Resource, body: Object, *, how: Representation, now: datetime) -> Object:
    """One object in the asked form."""
    if how.form == "Table":
        metadata = {"resourceVersion": body["metadata"].get("resourceVersion", "")}
        return tables.table(resource, [body], metadata, how=how, now=now)
    if how.form == "PartialObjectMetadata":
        return tables.partial(body, version=how.version)
    return body


def _joined(resource: Resource, versions: Sequence[Version], metadata: Object) -> bytes:
    prefix = len(encode({"kind": resource.kind, "apiVersion": resource.api_version}, JSON))
    items = b",".join(b"{" + version.encoded[prefix:] for version in versions)
    head = encode({"kind": resource.list_kind, "apiVersion": resource.api_version, "metadata": metadata}, JSON)
    return head[:-1] + b',"items":[' + items + b"]}"


def _list(kind: str, api_version: str, metadata: Object, items: list[Object]) -> Object:
    return {"kind": kind, "apiVersion": api_version, "metadata": metadata, "items": items}


def _warn(answer: web.StreamResponse, text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    answer.headers.add("Warning", f'299 - "{escaped}"')
