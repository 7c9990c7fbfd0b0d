"""ServiceAccount tokens: signed, for an audience, until a time, and worth nothing once what they belong to is gone."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from jwt.algorithms import ECAlgorithm
from jwt.types import Options

from localcluster.apiserver.access import legacytokens
from localcluster.apiserver.access.identity import (
    CREDENTIAL,
    Identity,
    account_groups,
    account_user,
    with_authenticated,
)
from localcluster.apiserver.access.rules import quoted
from localcluster.apiserver.storage import Storage
from localcluster.client import Object
from localcluster.errors import bad_request, conflict, not_found
from localcluster.resources import NODES, PODS, SECRETS, SERVICE_ACCOUNTS, Resource

AUDIENCE = ISSUER = "https://kubernetes.default.svc.cluster.local"
ALGORITHM = "ES256"
SHORTEST, LONGEST, USUAL = 600, 1 << 32, 3600
_EXTENDABLE = 3607
"""What the volumes that admission adds ask for: such a token lives on for programs that read it only once."""
_EXTENDED = timedelta(days=365)
_LEEWAY = timedelta(minutes=1)
_GONE_AFTER = timedelta(minutes=1)
"""How long a token outlives the mark that its pod, secret or account is being deleted."""
_BINDABLE = {"Pod": PODS, "Secret": SECRETS, "Node": NODES}
_CLAIMS = "kubernetes.io"
_SIGNATURE_ONLY: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
"""Times and audiences are judged by the cluster's clock and in Kubernetes' words."""
_INVALIDATED = "service account token has been invalidated"


class TokenRefused(Exception):
    """Why a token is not accepted, as TokenReview tells it."""

    def __init__(self, problem: str = "") -> None:
        invalid = "invalid bearer token"
        super().__init__(f"[{invalid}, {problem}]" if problem else invalid)


@dataclass(frozen=True, slots=True)
class Verified:
    """Whom a token speaks for, and for which of the asked audiences."""

    who: Identity
    audiences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Issued:
    """A token and until when it was asked for."""

    token: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Bound:
    """The object a token shall end with; with a `uid` it must be that one."""

    kind: str
    name: str
    uid: str = ""


class Tokens:
    """Issues and reads tokens with `key` (PEM), which lives as long as the cluster."""

    def __init__(self, storage: Storage, *, now: Callable[[], datetime], key: bytes) -> None:
        self._storage = storage
        self._now = now
        self._key = key
        public = serialization.load_pem_private_key(key, password=None).public_key()
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        self._public = public.public_bytes(serialization.Encoding.PEM, form)
        self._key_id = hashlib.sha256(public.public_bytes(serialization.Encoding.DER, form)).hexdigest()
        self._public_jwk: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(public))  # type: ignore[arg-type]

    def issue(
        self, namespace: str, account: str, *, audiences: Sequence[str] = (), seconds: int = USUAL,
        bound: Bound | None = None,
    ) -> Issued:  # fmt: skip
        """A token of the account; without `audiences` it is for this API. 404, 409 or 400 when it cannot be bound."""
        body = self._existing(SERVICE_ACCOUNTS, namespace, account)
        claims: Object = {"namespace": namespace, "serviceaccount": _reference(body)}
        if bound is not None:
            claims |= self._binding(namespace, account, bound)
        now = self._now()
        expires = ends = now + timedelta(seconds=seconds)
        if bound is not None and bound.kind == "Pod" and seconds == _EXTENDABLE and set(audiences) <= {AUDIENCE}:
            claims["warnafter"] = int(expires.timestamp())
            ends = now + _EXTENDED
        payload = {
            "aud": list(audiences) or [AUDIENCE], "iss": ISSUER, "sub": account_user(namespace, account),
            "iat": now, "nbf": now, "exp": ends, "jti": str(uuid.uuid4()), _CLAIMS: claims,
        }  # fmt: skip
        token = jwt.encode(payload, self._key, algorithm=ALGORITHM, headers={"kid": self._key_id})
        return Issued(token, expires)

    def issue_lasting(self, namespace: str, account: str, secret: str) -> str:
        """A token of the account to be kept in a Secret, without which it is worth nothing. 404 without the account."""
        body = self._existing(SERVICE_ACCOUNTS, namespace, account)
        payload = legacytokens.claims(body, namespace=namespace, secret=secret)
        return jwt.encode(payload, self._key, algorithm=ALGORITHM, headers={"kid": self._key_id})

    def verify(self, token: str, *, audiences: Sequence[str] = ()) -> Verified:
        """Whom the token speaks for to any of `audiences` (this API without them). Raises TokenRefused."""
        wanted = tuple(audiences) or (AUDIENCE,)
        try:
            payload = jwt.decode(token, self._public, algorithms=[ALGORITHM], options=_SIGNATURE_ONLY)
        except (jwt.InvalidTokenError, UnicodeError) as error:
            raise TokenRefused from error
        lasting = payload["iss"] == legacytokens.ISSUER
        given = [AUDIENCE] if lasting else payload["aud"]
        accepted = tuple(audience for audience in wanted if audience in given)
        if not accepted:
            problem = f"token audiences {quoted(given)} is invalid for the target audiences {quoted(wanted)}"
            raise TokenRefused(problem)
        if lasting:
            kept = legacytokens.identity(payload, token, storage=self._storage)
            if kept is None:
                raise TokenRefused(_INVALIDATED)
            return Verified(kept, accepted)
        self._check_times(payload)
        return Verified(self._identity(payload), accepted)

    def keys(self) -> Object:
        """The public key as a JSON Web Key Set, for those who check tokens themselves."""
        return {"keys": [{"use": "sig", "kid": self._key_id, "alg": ALGORITHM, **self._public_jwk}]}

    def _check_times(self, payload: Mapping[str, Any]) -> None:
        now = self._now()
        if (now - _LEEWAY).timestamp() > payload["exp"]:
            raise TokenRefused("service account token has expired")
        if (now + _LEEWAY).timestamp() < payload["nbf"]:
            raise TokenRefused("service account token is not valid yet")

    def _identity(self, payload: Mapping[str, Any]) -> Identity:
        """The account, as long as it and what the token is bound to are the same objects still."""
        claims = payload[_CLAIMS]
        namespace, account = claims["namespace"], claims["serviceaccount"]
        self._check_there(
            SERVICE_ACCOUNTS, namespace, account, missing=f'serviceaccounts "{account["name"]}" not found'
        )
        extra = {CREDENTIAL: (f"JTI={payload['jti']}",)}
        for name, resource in (("secret", SECRETS), ("pod", PODS), ("node", NODES)):
            if name not in claims:
                continue
            home = namespace if resource.namespaced else ""
            if name != "node" or "pod" not in claims:  # the node of a pod is told, not insisted on
                self._check_there(resource, home, claims[name], missing=_INVALIDATED)
            if name != "secret":
                extra[f"authentication.kubernetes.io/{name}-name"] = (claims[name]["name"],)
                extra[f"authentication.kubernetes.io/{name}-uid"] = (claims[name]["uid"],)
        groups = with_authenticated(account_groups(namespace))
        return Identity(str(payload["sub"]), groups, account["uid"], extra)

    def _check_there(self, resource: Resource, namespace: str, reference: Object, *, missing: str) -> None:
        version = self._storage.get(resource, (namespace, reference["name"]))
        if version is None:
            raise TokenRefused(missing)
        metadata = version.object["metadata"]
        if metadata["uid"] != reference["uid"]:
            raise TokenRefused(f"{resource.singular} UID ({metadata['uid']}) does not match claim ({reference['uid']})")
        marked = metadata.get("deletionTimestamp")
        if marked and datetime.fromisoformat(marked) < self._now() - _GONE_AFTER:
            raise TokenRefused(_INVALIDATED)

    def _binding(self, namespace: str, account: str, bound: Bound) -> Object:
        """The claims that tie a token to an object."""
        resource = _BINDABLE.get(bound.kind)
        if resource is None:
            raise bad_request(f"cannot bind token to object of type /v1, Kind={bound.kind}")
        body = self._existing(resource, namespace if resource.namespaced else "", bound.name)
        if bound.uid and bound.uid != body["metadata"]["uid"]:
            message = (
                f"the UID in the bound object reference ({bound.uid}) does not match the UID in record. "
                "The object might have been deleted and then recreated"
            )
            raise conflict(resource=bound.kind, group="", name=bound.name, message=message)
        claims = {bound.kind.lower(): _reference(body)}
        if resource is PODS:
            if (body["spec"].get("serviceAccountName") or "default") != account:
                raise bad_request(
                    f'cannot bind token for serviceaccount "{account}" to pod running with different serviceaccount '
                    "name."
                )
            node = self._storage.get(NODES, ("", body["spec"].get("nodeName") or ""))
            if node is not None:
                claims["node"] = _reference(node.object)
        return claims

    def _existing(self, resource: Resource, namespace: str, name: str) -> Object:
        version = self._storage.get(resource, (namespace, name))
        if version is None:
            raise not_found(resource=resource.plural, group=resource.group, name=name)
        return version.object


def _reference(body: Object) -> Object:
    return {"name": body["metadata"]["name"], "uid": body["metadata"]["uid"]}
