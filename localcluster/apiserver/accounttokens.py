"""The `token` subresource of service accounts: TokenRequest."""

from __future__ import annotations

from aiohttp import web

from localcluster.apiserver import answers
from localcluster.apiserver.identity import Identity
from localcluster.apiserver.metadata import timestamp
from localcluster.apiserver.paths import Target
from localcluster.apiserver.registry import Registry
from localcluster.apiserver.requests import Call, method_not_allowed, object_of
from localcluster.apiserver.tokens import AUDIENCE, LIFETIME, Tokens
from localcluster.resources import SERVICE_ACCOUNTS


class AccountTokens:
    """Issues a token to whoever may ask for it."""

    def __init__(self, registry: Registry, tokens: Tokens) -> None:
        self._registry = registry
        self._tokens = tokens

    async def handle(self, request: web.Request, target: Target, _who: Identity) -> web.StreamResponse:
        if request.method != "POST":
            raise method_not_allowed()
        body = await object_of(Call(request, SERVICE_ACCOUNTS, target), kind="TokenRequest")
        spec = body.get("spec") or {}
        bound = spec.get("boundObjectRef") or {}
        pod = str(bound.get("name", "")) if bound.get("kind") == "Pod" else ""
        now = self._registry.now()
        token = self._tokens.issue(target.namespace, target.name, pod)
        seconds = int(LIFETIME.total_seconds())
        answer = {
            "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
            "metadata": {"name": target.name, "namespace": target.namespace, "creationTimestamp": timestamp(now)},
            "spec": {"audiences": spec.get("audiences") or [AUDIENCE], "expirationSeconds": seconds},
            "status": {"token": token, "expirationTimestamp": timestamp(now + LIFETIME)},
        }  # fmt: skip
        return answers.document(answer, status=201)
