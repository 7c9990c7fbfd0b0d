"""The HTTPS server: who asks, what for, and which part of the API answers. One request never ends the process."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from localcluster.apiserver.access.audit import Visit
from localcluster.apiserver.access.gate import Gate
from localcluster.apiserver.access.identity import Identity
from localcluster.apiserver.http import answers, paths
from localcluster.apiserver.http.documents import Documents
from localcluster.apiserver.http.requests import MAX_BODY, PATIENCE, USUAL_PATIENCE_S, Call, no_such_resource
from localcluster.apiserver.http.tls import server_context
from localcluster.apiserver.http.verbs import Verbs
from localcluster.apiserver.otherversion import CONVERSIONS, OtherVersion
from localcluster.apiserver.registry import Registry
from localcluster.certificates import KeyPair
from localcluster.errors import ApiError, bad_request

logger = logging.getLogger(__name__)
_connections = logging.getLogger(f"{__name__}.connections")
"""What the library tells of single connections; a request that is none says so in one line."""

Handler = Callable[[web.Request, paths.Target, Identity], Awaitable[web.StreamResponse]]
_SHUTDOWN_S = 1.0  # watches would otherwise hold the server open


@dataclass(frozen=True, slots=True)
class Extensions:
    """Parts that answer more than stored resources, by what they serve.

    `subresources`: by (plural, subresource), such as ("pods", "log"). `aggregated`: any path of a group version
    that is not ours; returns None when it is nobody's.
    """

    subresources: Mapping[tuple[str, str], Handler] = field(default_factory=dict)
    aggregated: Callable[[web.Request, str, str, Identity], Awaitable[web.StreamResponse | None]] | None = None


def _in_a_status(refusal: web.HTTPException) -> ApiError:
    reasons = {400: "BadRequest", 413: "RequestEntityTooLarge", 426: "BadRequest"}
    return ApiError(refusal.status, reasons.get(refusal.status, ""), refusal.text or refusal.reason, {})


def _without_traceback(record: logging.LogRecord) -> bool:
    """What a client sent wrongly is no fault of this server, so where it was found out is of no use."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.msg, record.args = "%s: %.200s", (record.getMessage(), " ".join(str(record.exc_info[1]).split()))
        record.exc_info, record.levelno, record.levelname = None, logging.INFO, "INFO"
    return True


class ApiServer:
    """Serves a registry on one address."""

    def __init__(
        self, registry: Registry, gate: Gate, documents: Documents, *, client_authority: bytes,
        extensions: Extensions, patience_s: float = USUAL_PATIENCE_S,
    ) -> None:  # fmt: skip
        self._registry = registry
        self._gate = gate
        self._documents = documents
        self._extensions = extensions
        self._patience_s = patience_s
        self._client_authority = client_authority
        self._verbs = Verbs(registry)
        self._others = {each.served: Verbs(OtherVersion(registry, each)) for each in CONVERSIONS}
        self._runner: web.AppRunner | None = None

    async def start(self, *, host: str, port: int, serving: KeyPair) -> int:
        """Listen; the port taken (for `port` 0 any free one)."""
        app = web.Application(client_max_size=MAX_BODY)
        app[PATIENCE] = self._patience_s
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(
            app, access_log=None, logger=_connections, shutdown_timeout=_SHUTDOWN_S, handler_cancellation=True,
            auto_decompress=False,  # a compressed body is none that the API reads, and a proxied one goes on as it is
        )  # fmt: skip
        _connections.addFilter(_without_traceback)
        await self._runner.setup()
        context = server_context(serving, client_authority=self._client_authority)
        site = web.TCPSite(self._runner, host, port, ssl_context=context, backlog=1024)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        visit = self._gate.arrive(request, paths.parse(request.rel_url.raw_path))
        answer: web.StreamResponse | None = None
        try:
            answer = await self._answered(request, visit)
            if hdrs.UPGRADE in request.headers and not answer.prepared:
                answer.force_close()  # what follows on this connection is read as another protocol's
            return answer
        finally:
            self._gate.leave(visit, answer)

    async def _answered(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        try:
            return await self._dispatch(request, visit)
        except ApiError as refusal:
            return answers.error(refusal)
        except ConnectionError:
            raise
        except web.HTTPException as refusal:  # the library's own, such as of a handshake that is none
            return answers.error(_in_a_status(refusal))
        except web.RequestPayloadError as error:  # a body that ends before it should, or is no body
            return answers.error(bad_request(f"the request's body could not be read: {error}"))
        except Exception:
            logger.exception("answering %s %s failed", request.method, request.path)
            return answers.error(ApiError(500, "InternalError", "Internal error occurred: see the cluster's log"))

    async def _dispatch(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        who = self._gate.admit(visit, request)
        path = request.rel_url.raw_path
        target = paths.parse(path)
        if target is not None:
            guard = functools.partial(self._gate.check_write, visit)
            custom = self._registry.customs.find(target.group, target.version, target.plural)
            if custom is not None and target.resource is None:
                answer = await self._verbs.handle(Call(request, custom, target, guard, visit.annotations))
                return answers.deprecated(custom, answer)
        if target is not None and paths.is_served(target.group, target.version):
            if target.resource is None:
                raise no_such_resource()
            handler = self._extensions.subresources.get((target.plural, target.subresource))
            if handler is not None:
                return await handler(request, target, who)
            verbs = self._others.get(target.resource, self._verbs)
            return await verbs.handle(Call(request, target.resource, target, guard, visit.annotations))
        document = await self._documents.answer(request, who)
        if document is not None:
            return document
        group_version = paths.split_group_version(path)
        if group_version is not None and self._extensions.aggregated is not None:
            answered = await self._extensions.aggregated(request, group_version[0], group_version[1], who)
            if answered is not None:
                return answered
        return web.Response(status=404, text="404 page not found\n")
