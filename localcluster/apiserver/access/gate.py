"""Every request's way in: who asks, as whom, whether they may; and what only the object about to be stored can tell."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from aiohttp import web

from localcluster.apiserver.access import identity, impersonation, refusals
from localcluster.apiserver.access.attributes import Attributes, of_request
from localcluster.apiserver.access.audit import AuditLog, Visit
from localcluster.apiserver.access.escalation import check_grants
from localcluster.apiserver.access.identity import ANONYMOUS, Identity
from localcluster.apiserver.access.rbac import Rbac
from localcluster.apiserver.access.tokens import TokenRefused, Tokens
from localcluster.apiserver.http.paths import Target
from localcluster.client import Object
from localcluster.resources import Resource

_UPGRADING = ("exec", "attach", "portforward")
_CLIENT_GONE = 499
"""What the audit log says of a request whose client left before the answer; no such code is ever sent."""


class Gate:
    """One for the server."""

    def __init__(self, tokens: Tokens, rbac: Rbac, audit: AuditLog, *, now: Callable[[], datetime]) -> None:
        self._tokens = tokens
        self._rbac = rbac
        self._audit = audit
        self._now = now

    def arrive(self, request: web.Request, target: Target | None) -> Visit:
        """What the request asks for; judges nothing yet."""
        path = request.rel_url.raw_path
        attributes = of_request(request.method, path=path, query=request.query, target=target)
        return Visit(attributes, self._now(), request.headers.get("User-Agent", ""), request.remote or "")

    def admit(self, visit: Visit, request: web.Request) -> Identity:
        """As whom the request may go on. Raises 401, 400 for senseless headers, or 403."""
        visit.asked_by = visit.who = self._authenticate(request)
        wanted = impersonation.wanted(request.headers)
        if wanted is not None:
            for right in impersonation.rights(wanted):
                self._require(visit, visit.asked_by, right)
            visit.who = impersonation.impersonated(wanted)
        asked = visit.attributes
        self._require(visit, visit.who, asked)
        if asked.resource == "pods" and asked.subresource in _UPGRADING and asked.verb == "get":
            self._require(visit, visit.who, replace(asked, verb="create"))  # a WebSocket starts with a GET, yet acts
        return visit.who

    def check_write(self, visit: Visit, resource: Resource, before: Object | None, after: Object) -> None:
        """Asked just before an object is stored. Raises 403 for a grant of rights that its writer does not have."""
        assert visit.who is not None  # noqa: S101 - nothing is written before `admit`
        if before is None:
            visit.created = after["metadata"]
            if visit.attributes.verb in ("patch", "update"):
                created = replace(visit.attributes, verb="create")
                self._require(visit, visit.who, created)
        check_grants(self._rbac, visit.who, resource, before=before, after=after)

    def leave(self, visit: Visit, answer: web.StreamResponse | None) -> None:
        """The request is over: `answer` is None when nobody waited for it."""
        self._audit.record(visit, code=answer.status if answer is not None else _CLIENT_GONE)

    def _require(self, visit: Visit, who: Identity, asked: Attributes) -> None:
        visit.decision = self._rbac.authorize(who, asked)
        if not visit.decision.allowed:
            raise refusals.refused(who, asked, reason=visit.decision.reason)

    def _authenticate(self, request: web.Request) -> Identity:
        """A client certificate first, then a bearer token; a bad token is not the anonymous user."""
        tls = request.get_extra_info("ssl_object")
        raw = tls.getpeercert(binary_form=True) if isinstance(tls, ssl.SSLObject) else None
        found = identity.of_certificate(request.get_extra_info("peercert"), raw=raw or b"")
        if found is not None:
            return found
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            return ANONYMOUS
        try:
            return self._tokens.verify(token).who
        except TokenRefused as refusal:
            raise refusals.unauthorized() from refusal
