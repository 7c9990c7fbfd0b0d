"""HTTP verbs on stored resources: from a request to a registry call and back to an answer. Holds no rules."""

from __future__ import annotations

from aiohttp import web

from localcluster.apiserver.http import answers
from localcluster.apiserver.http.negotiation import Representation, choose, including
from localcluster.apiserver.http.requests import (
    Call,
    delete_options,
    merged_delete_options,
    method_not_allowed,
    no_such_resource,
    object_of,
    patch_of,
    selection,
    write_options,
)
from localcluster.apiserver.http.status import deleted, success
from localcluster.apiserver.http.streaming import stream_watch
from localcluster.apiserver.listing import ListOptions, Page
from localcluster.apiserver.options import WriteOptions
from localcluster.apiserver.otherversion import OtherVersion
from localcluster.apiserver.registry import APPLY, Registry
from localcluster.apiserver.watching import WatchOptions
from localcluster.client import Object
from localcluster.resources import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, SERVICE_ACCOUNTS, SERVICES

_RETURNS_DELETED = (PODS, SERVICES, SERVICE_ACCOUNTS, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES)
"""Kinds whose DELETE answers with the object; the others answer with a Status."""

_METHODS: dict[str, tuple[str, ...]] = {
    "status": ("GET", "PUT", "PATCH"),
    "scale": ("GET", "PUT", "PATCH"),
    "finalize": ("PUT",),
    "binding": ("POST",),
    "eviction": ("POST",),
}


class Verbs:
    """The resource part of the API."""

    def __init__(self, registry: Registry | OtherVersion) -> None:
        self._registry = registry

    async def handle(self, call: Call) -> web.StreamResponse:
        """Any request on a stored resource, but for logs, proxies and tokens."""
        accepted = choose(call.request.headers.get("Accept", ""))
        how = including(accepted, call.request.query.get("includeObject", ""))
        if call.target.subresource:
            return await self._subresource(call, how)
        if call.name:
            return await self._object(call, how)
        return await self._collection(call, how)

    async def _collection(self, call: Call, how: Representation) -> web.StreamResponse:
        method = call.request.method
        if method in ("GET", "HEAD"):
            return await self._watch(call, how) if call.flag("watch") else self._list(call, how)
        if call.resource.namespaced and not call.namespace:
            raise method_not_allowed()
        if method == "POST":
            options = write_options(call)
            body = await object_of(call)
            created = await self._registry.create(call.resource, body, namespace=call.namespace, options=options)
            return self._one(call, created, how, status=201, options=options)
        if method == "DELETE" and "deletecollection" in call.resource.verbs:
            delete = await delete_options(call)
            chosen = selection(call)
            versions = await self._registry.delete_collection(
                call.resource, namespace=call.namespace, selection=chosen, options=delete
            )
            page = Page(versions, self._registry.storage.revision)
            return answers.page(call.resource, page, how=how, now=self._registry.now())
        raise method_not_allowed()

    def _list(self, call: Call, how: Representation) -> web.Response:
        query = call.request.query
        call.number("timeoutSeconds")  # a list takes no time worth limiting, but nonsense is refused all the same
        options = ListOptions(
            selection(call), call.number("limit") or 0, query.get("continue", ""),
            query.get("resourceVersion", ""), query.get("resourceVersionMatch", ""),
        )  # fmt: skip
        page = self._registry.list(call.resource, namespace=call.namespace, options=options)
        return answers.page(call.resource, page, how=how, now=self._registry.now())

    async def _watch(self, call: Call, how: Representation) -> web.StreamResponse:
        query = call.request.query
        options = WatchOptions(
            selection(call), query.get("resourceVersion", ""), query.get("resourceVersionMatch", ""),
            bookmarks=call.flag("allowWatchBookmarks"),
            initial_events=call.flag("sendInitialEvents") if "sendInitialEvents" in query else None,
            timeout_s=call.number("timeoutSeconds"),
        )  # fmt: skip
        watch = self._registry.watch(call.resource, namespace=call.namespace, options=options)
        return await stream_watch(call.request, call.resource, watch, how=how, now=self._registry.now)

    async def _object(self, call: Call, how: Representation) -> web.StreamResponse:
        registry, resource, name, namespace = self._registry, call.resource, call.name, call.namespace
        method = call.request.method
        if resource.namespaced and not namespace:
            raise no_such_resource()
        if method in ("GET", "HEAD"):
            version = registry.get(resource, name, namespace=namespace)
            return answers.stored(resource, version, how=how, now=registry.now())
        if method == "DELETE":
            return await self._delete(call, how)
        return await self._write(call, how, subresource="")

    async def _write(self, call: Call, how: Representation, *, subresource: str) -> web.StreamResponse:
        registry, method = self._registry, call.request.method
        if method == "PUT":
            options = write_options(call)
            body = await object_of(call)
            updated = await registry.update(
                call.resource, call.name, body, namespace=call.namespace, subresource=subresource, options=options
            )
            return self._one(call, updated, how, options=options)
        if method == "PATCH":
            patch_type, patch = await patch_of(call)
            options = write_options(call, apply=patch_type == APPLY)
            patched, created = await registry.patch(
                call.resource, call.name, patch, patch_type=patch_type, namespace=call.namespace,
                subresource=subresource, options=options,
            )  # fmt: skip
            return self._one(call, patched, how, status=201 if created else 200, options=options)
        raise method_not_allowed()

    async def _delete(self, call: Call, how: Representation) -> web.Response:
        options = await delete_options(call)
        result = await self._registry.delete(call.resource, call.name, namespace=call.namespace, options=options)
        if result.gone and call.resource not in _RETURNS_DELETED:
            return answers.document(deleted(call.resource, result.body), how=how)
        return self._one(call, result.body, how)

    async def _subresource(self, call: Call, how: Representation) -> web.StreamResponse:
        subresource, method = call.target.subresource, call.request.method
        if subresource not in call.resource.subresources or subresource not in _METHODS or call.target.rest:
            raise no_such_resource()
        if method not in _METHODS[subresource]:
            raise method_not_allowed()
        if subresource == "status":
            if method != "GET":
                return await self._write(call, how, subresource="status")
            version = self._registry.get(call.resource, call.name, namespace=call.namespace)
            return answers.stored(call.resource, version, how=how, now=self._registry.now())
        if subresource == "scale":
            return await self._scale(call, how)
        return await self._action(call, how)

    async def _scale(self, call: Call, how: Representation) -> web.Response:
        scaling, method = self._registry.subresources, call.request.method
        if method == "GET":
            scale = scaling.get_scale(call.resource, call.name, namespace=call.namespace)
        elif method == "PUT":
            body = await object_of(call, kind="Scale")
            scale = await scaling.update_scale(
                call.resource, call.name, body, namespace=call.namespace, options=write_options(call)
            )
        else:
            patch_type, patch = await patch_of(call)
            scale = await scaling.patch_scale(
                call.resource, call.name, patch, patch_type=patch_type, namespace=call.namespace,
                options=write_options(call),
            )  # fmt: skip
        return answers.document(scale, how=how)

    async def _action(self, call: Call, how: Representation) -> web.Response:
        actions, subresource = self._registry.subresources, call.target.subresource
        if subresource == "binding":
            body = await object_of(call, kind="Binding")
            await actions.bind(call.name, body, namespace=call.namespace, options=write_options(call))
        elif subresource == "eviction":
            body = await object_of(call, kind="Eviction")
            options = merged_delete_options(call, body.get("deleteOptions"))
            await actions.evict(call.name, body, namespace=call.namespace, options=options)
        else:
            body = await object_of(call)
            return self._one(call, await actions.finalize(call.name, body, options=write_options(call)), how)
        return answers.document(success(201), status=201, how=how)

    def _one(
        self, call: Call, body: Object, how: Representation, *, status: int = 200, options: WriteOptions | None = None
    ) -> web.Response:
        warnings = options.warnings if options else ()
        now = self._registry.now()
        return answers.one(call.resource, body, how=how, now=now, status=status, warnings=warnings)
