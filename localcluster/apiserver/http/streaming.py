"""A watch over HTTP: one JSON document a line, each change encoded once however many watch it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Protocol

import orjson
from aiohttp import web

from localcluster.apiserver.http.answers import shaped
from localcluster.apiserver.http.negotiation import JSON, Representation
from localcluster.apiserver.http.status import status_of
from localcluster.apiserver.printing import tables
from localcluster.apiserver.watching import Seen
from localcluster.client import Object
from localcluster.resources import Resource


class Watched(Protocol):
    """What can be streamed."""

    def events(self) -> AsyncGenerator[Seen, None]: ...


_INITIAL_END = "k8s.io/initial-events-end"


async def stream_watch(
    request: web.Request, resource: Resource, watch: Watched, *, how: Representation, now: Callable[[], datetime]
) -> web.StreamResponse:
    """Send a watch until it ends or the client leaves. A slow client holds back only itself."""
    response = web.StreamResponse(headers={"Content-Type": JSON, "Cache-Control": "no-cache, private"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    lines = _Lines(resource, how=how, now=now)
    # ConnectionError: the client has gone; a watch ends this way more often than not.
    with suppress(ConnectionError):
        async with aclosing(watch.events()) as events:
            async for seen in events:
                await response.write(lines.encode(seen))
        await response.write_eof()
    return response


class _Lines:
    """Encodes what one watch sees."""

    def __init__(self, resource: Resource, *, how: Representation, now: Callable[[], datetime]) -> None:
        self._resource = resource
        self._how = how
        self._now = now
        self._columns_sent = False

    def encode(self, seen: Seen) -> bytes:
        if seen.version is not None and not self._how.form:
            body = seen.version.encoded
        else:
            body = orjson.dumps(self._document(seen))
        return b'{"type":"' + seen.type.encode() + b'","object":' + body + b"}\n"

    def _document(self, seen: Seen) -> Object:
        if seen.error is not None:
            return status_of(seen.error)
        body = seen.version.object if seen.version is not None else self._bookmark(seen)
        if self._how.form != "Table":
            return shaped(self._resource, body, how=self._how, now=self._now())
        metadata = {"resourceVersion": body["metadata"]["resourceVersion"]}
        objects = [body] if seen.version is not None else []
        first, self._columns_sent = not self._columns_sent, True
        return tables.table(self._resource, objects, metadata, how=self._how, now=self._now(), with_columns=first)

    def _bookmark(self, seen: Seen) -> Object:
        metadata: Object = {"resourceVersion": str(seen.revision)}
        if seen.initial_end:
            metadata["annotations"] = {_INITIAL_END: "true"}
        return {"kind": self._resource.kind, "apiVersion": self._resource.api_version, "metadata": metadata}
