"""ServiceAccount tokens: signed for a pod, worth nothing once the pod or the account is gone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization

from localcluster.apiserver.identity import Identity
from localcluster.apiserver.storage import Storage
from localcluster.certificates import private_key
from localcluster.errors import not_found
from localcluster.resources import PODS, SERVICE_ACCOUNTS

AUDIENCE = "https://kubernetes.default.svc.cluster.local"
_ALGORITHM = "ES256"
LIFETIME = timedelta(days=365)
"""As Kubernetes' extended tokens: what ends a token here is the end of its pod, or of the cluster."""


class Tokens:
    """Issues and reads tokens with `key` (PEM), which lives as long as the cluster."""

    def __init__(self, storage: Storage, *, now: Callable[[], datetime], key: bytes) -> None:
        self._storage = storage
        self._now = now
        self._key = key
        self._public = (
            private_key(key)
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )

    def issue(self, namespace: str, service_account: str, pod: str = "", *, audience: str = "") -> str:
        """A token for the account, bound to the pod if one is named. 404 when either is not there.

        One for another `audience` than this API is not accepted here.
        """
        uid = self._uid(SERVICE_ACCOUNTS, namespace, service_account)
        claims: dict[str, Any] = {
            "namespace": namespace,
            "serviceaccount": {"name": service_account, "uid": uid},
        }
        if pod:
            claims["pod"] = {"name": pod, "uid": self._uid(PODS, namespace, pod)}
        now = self._now()
        payload = {
            "aud": [audience or AUDIENCE], "iss": AUDIENCE,
            "sub": f"system:serviceaccount:{namespace}:{service_account}",
            "iat": now, "nbf": now, "exp": now + LIFETIME, "jti": str(uuid.uuid4()), "kubernetes.io": claims,
        }  # fmt: skip
        return jwt.encode(payload, self._key, algorithm=_ALGORITHM)

    def identify(self, token: str) -> Identity | None:
        """Who a token speaks for; None when it is not, or no longer, ours."""
        try:
            payload = jwt.decode(
                token, self._public, algorithms=[_ALGORITHM], audience=AUDIENCE, issuer=AUDIENCE, leeway=10
            )
        except jwt.InvalidTokenError:
            return None
        claims = payload["kubernetes.io"]
        namespace = claims["namespace"]
        bound = [(SERVICE_ACCOUNTS, claims["serviceaccount"])]
        if "pod" in claims:
            bound.append((PODS, claims["pod"]))
        for resource, reference in bound:
            version = self._storage.get(resource, (namespace, reference["name"]))
            if version is None or version.object["metadata"]["uid"] != reference["uid"]:
                return None
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
        return Identity(payload["sub"], groups)

    def _uid(self, resource: Any, namespace: str, name: str) -> str:
        version = self._storage.get(resource, (namespace, name))
        if version is None:
            raise not_found(resource=resource.plural, group=resource.group, name=name)
        return str(version.object["metadata"]["uid"])
