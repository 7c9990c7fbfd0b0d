"""The `token` subresource of service accounts: TokenRequest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from localcluster.apiserver.access.identity import Identity
from localcluster.apiserver.access.tokens import AUDIENCE, LONGEST, SHORTEST, USUAL, Bound, Tokens
from localcluster.apiserver.admission import faults
from localcluster.apiserver.decoding import check_fields
from localcluster.apiserver.http import answers
from localcluster.apiserver.http.paths import Target
from localcluster.apiserver.http.requests import Call, method_not_allowed, object_of, write_options
from localcluster.apiserver.metadata import check_kind, timestamp
from localcluster.apiserver.registry import Registry
from localcluster.client import Object
from localcluster.errors import bad_request, invalid
from localcluster.resources import Resource

_GROUP = "authentication.k8s.io"
_KIND = "TokenRequest"
_REQUESTS = Resource(_GROUP, "v1", "tokenrequests", _KIND, "tokenrequest", verbs=("create",))


class AccountTokens:
    """Issues a token to whoever may ask for it."""

    def __init__(self, registry: Registry, tokens: Tokens) -> None:
        self._registry = registry
        self._tokens = tokens

    async def handle(self, request: web.Request, target: Target, _who: Identity) -> web.StreamResponse:
        if request.method != "POST":
            raise method_not_allowed()
        call = Call(request, _REQUESTS, target)
        options = write_options(call)
        body = check_kind(_REQUESTS, await object_of(call))
        check_fields(_REQUESTS, body, options)
        now = self._registry.now()
        issued = answer(self._tokens, body, namespace=target.namespace, account=target.name, now=now)
        return answers.document(issued, status=201)


def answer(tokens: Tokens, body: Object, *, namespace: str, account: str, now: datetime) -> Object:
    """The request with its token; 422 for a lifetime out of bounds, 400 for a body that is no such request."""
    metadata = body.get("metadata") or {}
    if metadata.get("namespace") not in (None, "", namespace):
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    if metadata.get("name") not in (None, "", account):
        raise bad_request(f"the name of the object ({metadata['name']}) does not match the name on the URL ({account})")
    spec = body.get("spec") or {}
    seconds = _seconds(spec)
    audiences = [str(audience) for audience in spec.get("audiences") or ()]
    reference = spec.get("boundObjectRef")
    issued = tokens.issue(namespace, account, audiences=audiences, seconds=seconds, bound=_bound(reference))
    said: Object = {"audiences": audiences or [AUDIENCE], "expirationSeconds": seconds}
    if reference:
        said["boundObjectRef"] = {key: value for key, value in reference.items() if value}
    return {
        "kind": _KIND, "apiVersion": f"{_GROUP}/v1",
        "metadata": {"name": account, "namespace": namespace, "creationTimestamp": timestamp(now)},
        "spec": said,
        "status": {"token": issued.token, "expirationTimestamp": timestamp(issued.expires)},
    }  # fmt: skip


def _seconds(spec: Object) -> int:
    seconds = spec.get("expirationSeconds")
    if seconds is None:
        return USUAL
    field = "spec.expirationSeconds"
    if seconds < SHORTEST:
        cause = faults.invalid(field, seconds, "may not specify a duration less than 10 minutes")
    elif seconds > LONGEST:
        cause = faults.invalid(field, seconds, "may not specify a duration larger than 2^32 seconds")
    else:
        return int(seconds)
    raise invalid(kind=_KIND, group=_GROUP, name="", causes=[cause])


def _bound(reference: Any) -> Bound | None:
    if not reference:
        return None
    kind, version = str(reference.get("kind", "")), str(reference.get("apiVersion", ""))
    if version != "v1":
        group, _, name = version.rpartition("/")
        raise bad_request(f"cannot bind token to object of type {group}/{name}, Kind={kind}")
    return Bound(kind, str(reference.get("name", "")), str(reference.get("uid", "")))
