"""The OpenAPI documents kubectl reads to validate and explain: the schema's types, and a path for each resource."""

from __future__ import annotations

import functools
import hashlib

import orjson

from localcluster import schema
from localcluster.apiserver.protobuf import openapi as openapiproto
from localcluster.client import Object
from localcluster.resources import SERVED, Resource

_QUERY = ("dryRun", "fieldManager", "fieldValidation", "force", "pretty")


def root() -> Object:
    """GET /openapi/v3."""
    names = sorted({_prefix(resource) for resource in SERVED})
    return {"paths": {name: {"serverRelativeURL": f"/openapi/v3/{name}?hash={_digest(name)}"} for name in names}}


@functools.cache
def v3(name: str) -> bytes | None:
    """GET /openapi/v3/{name}, such as `apis/apps/v1`."""
    found = [resource for resource in SERVED if _prefix(resource) == name]
    if not found:
        return None
    document = schema.openapi_v3(group=found[0].group, version=found[0].version)
    parameters = [{"name": query, "in": "query", "schema": {"type": "string", "uniqueItems": True}} for query in _QUERY]
    document["paths"] = {_path(resource): _operations(resource, parameters) for resource in found}
    return orjson.dumps(document)


@functools.cache
def v2() -> bytes:
    """GET /openapi/v2."""
    document = schema.openapi_v2()
    parameters = [{"name": query, "in": "query", "type": "string", "uniqueItems": True} for query in _QUERY]
    document["paths"] = {_path(resource): _operations(resource, parameters) for resource in SERVED}
    return orjson.dumps(document)


@functools.cache
def v2_protobuf() -> bytes:
    """GET /openapi/v2 as Protocol Buffers."""
    return openapiproto.document(schema.openapi_v2())


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


def _digest(name: str) -> str:
    return hashlib.sha256(f"{schema.KUBERNETES_VERSION} {name}".encode()).hexdigest()[:32].upper()
