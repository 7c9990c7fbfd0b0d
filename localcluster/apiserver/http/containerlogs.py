"""The `log` subresource of pods: what the node keeps, streamed as text."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import cast

from aiohttp import web

from localcluster.apiserver.access.identity import Identity
from localcluster.apiserver.http.paths import Target
from localcluster.apiserver.http.requests import Call, method_not_allowed
from localcluster.apiserver.node import Kubelet
from localcluster.apiserver.registry import Registry
from localcluster.client import Object
from localcluster.errors import bad_request, invalid
from localcluster.resources import PODS


class ContainerLogs:
    """`kubelet` is set once the node has started."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.kubelet: Kubelet | None = None

    async def handle(self, request: web.Request, target: Target, _who: Identity) -> web.StreamResponse:
        if request.method != "GET":
            raise method_not_allowed()
        call = Call(request, PODS, target)
        pod = self._registry.get(PODS, target.name, namespace=target.namespace).object
        container = container_of(pod, request.query.get("container", ""))
        _check(call)
        if not pod["spec"].get("nodeName") or self.kubelet is None:
            return web.Response(content_type="text/plain")  # as Kubernetes has it: nobody has written anything yet
        since: float | None = call.number("sinceSeconds")
        if "sinceTime" in request.query:
            since = _seconds_since(request.query["sinceTime"], also=since, now=self._registry.now())
        chunks = await self.kubelet.logs(
            target.namespace, target.name, container, follow=call.flag("follow"), previous=call.flag("previous"),
            tail_lines=call.number("tailLines"), since_seconds=since,
            timestamps=call.flag("timestamps"), limit_bytes=call.number("limitBytes"),
        )  # fmt: skip
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        async with aclosing(cast("AsyncGenerator[bytes, None]", chunks)) as stream:
            async for chunk in stream:
                await response.write(chunk)
        await response.write_eof()
        return response


def _check(call: Call) -> None:
    """422 for amounts that are none."""
    causes = []
    for field, least in (("tailLines", 0), ("limitBytes", 1), ("sinceSeconds", 1)):
        number = call.number(field)
        if number is not None and number < least:
            words = "must be greater than or equal to 0" if least == 0 else "must be greater than 0"
            message = f"Invalid value: {number}: {words}"
            causes.append({"reason": "FieldValueInvalid", "message": message, "field": field})
    if causes:
        raise invalid(kind="PodLogOptions", group="", name=call.name, causes=causes)


def _seconds_since(text: str, *, also: float | None, now: datetime) -> float:
    if also is not None:
        raise bad_request("at most one of sinceTime or sinceSeconds may be specified")
    try:
        return (now - datetime.fromisoformat(text)).total_seconds()
    except (ValueError, TypeError) as error:
        raise bad_request(f'parsing time "{text}" as RFC 3339 failed: {error}') from error


def container_of(pod: Object, asked: str) -> str:
    """The container meant: the only one when none is named."""
    spec, metadata = pod["spec"], pod["metadata"]
    names = [str(container["name"]) for container in spec["containers"]]
    every = names + [str(container["name"]) for container in spec.get("initContainers") or []]
    if asked:
        if asked not in every:
            raise bad_request(f"container {asked} is not valid for pod {metadata['name']}")
        return asked
    if len(names) == 1:
        return names[0]
    annotated = (metadata.get("annotations") or {}).get("kubectl.kubernetes.io/default-container")
    if annotated in every:
        return str(annotated)
    listed = f"a container name must be specified for pod {metadata['name']}, choose one of: [{' '.join(names)}]"
    inits = [name for name in every if name not in names]
    raise bad_request(listed + (f" or one of the init containers: [{' '.join(inits)}]" if inits else ""))
