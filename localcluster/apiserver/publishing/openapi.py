"""The OpenAPI documents kubectl reads to validate and explain: the schema's types, and a path for each resource."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence

import orjson

from localcluster import schema
from localcluster.apiserver.custom import openapi as custom
from localcluster.apiserver.protobuf import openapi as openapiproto
from localcluster.client import Object
from localcluster.resources import SERVED, Resource

_QUERY = ("dryRun", "fieldManager", "fieldValidation", "force", "pretty")

Customs = Sequence[Resource]


def root(customs: Customs = ()) -> Object:
    """GET /openapi/v3."""
    names = sorted({_prefix(resource) for resource in (*SERVED, *customs)})
    urls = {name: f"/openapi/v3/{name}?hash={_digest(name, customs)}" for name in names}
    return {"paths": {name: {"serverRelativeURL": url} for name, url in urls.items()}}


def v3(name: str, customs: Customs = ()) -> bytes | None:
    """GET /openapi/v3/{name}, such as `apis/apps/v1`."""
    known = _v3_of_the_table(name)
    found = [resource for resource in customs if _prefix(resource) == name]
    if known is not None or not found:
        return known
    return orjson.dumps(_with_paths_v3(custom.document_v3(found), found))


def v2(customs: Customs = ()) -> bytes:
    """GET /openapi/v2."""
    if not customs:
        return _v2_of_the_table()
    document = orjson.loads(_v2_of_the_table())
    document["definitions"] |= custom.definitions_v2(customs)
    document["paths"] |= _paths_v2(customs)
    return orjson.dumps(document)


def v2_protobuf(customs: Customs = ()) -> bytes:
    """GET /openapi/v2 as Protocol Buffers."""
    return _v2_protobuf_of_the_table() + (openapiproto.definitions(custom.definitions_v2(customs)) if customs else b"")


@functools.cache
def _v3_of_the_table(name: str) -> bytes | None:
    found = [resource for resource in SERVED if _prefix(resource) == name]
    if not found:
        return None
    document = schema.openapi_v3(group=found[0].group, version=found[0].version)
    return orjson.dumps(_with_paths_v3(document, found))


@functools.cache
def _v2_of_the_table() -> bytes:
    return orjson.dumps({**schema.openapi_v2(), "paths": _paths_v2(SERVED)})


@functools.cache
def _v2_protobuf_of_the_table() -> bytes:
    return openapiproto.document(schema.openapi_v2())


def _with_paths_v3(document: Object, resources: Sequence[Resource]) -> Object:
    parameters = [{"name": query, "in": "query", "schema": {"type": "string", "uniqueItems": True}} for query in _QUERY]
    return {**document, "paths": {_path(resource): _operations(resource, parameters) for resource in resources}}


def _paths_v2(resources: Sequence[Resource]) -> Object:
    parameters = [{"name": query, "in": "query", "type": "string", "uniqueItems": True} for query in _QUERY]
    return {_path(resource): _operations(resource, parameters) for resource in resources}


def _operations(resource: Resource, parameters: list[Object]) -> Object:
    about = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    operation = {
        "x-kubernetes-action": "patch", "x-kubernetes-group-version-kind": about, "parameters": parameters,
        "responses": {"200": {"description": "OK"}},
    }  # fmt: skip
    return {"patch": operation}


def _path(resource: Resource) -> str:
    namespace = "/namespaces/{namespace}" if resource.namespaced else ""
    return f"/{_prefix(resource)}{namespace}/{resource.plural}/{{name}}"


def _prefix(resource: Resource) -> str:
    return f"apis/{resource.group}/{resource.version}" if resource.group else f"api/{resource.version}"


def _digest(name: str, customs: Customs) -> str:
    own = sorted(each.custom.digest for each in customs if each.custom is not None and _prefix(each) == name)
    text = " ".join((schema.KUBERNETES_VERSION, name, *own))
    return hashlib.sha256(text.encode()).hexdigest()[:32].upper()
