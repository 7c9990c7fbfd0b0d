"""Who asks: a user with groups, as certificates, tokens and impersonation headers tell it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from localcluster.client import Object

MASTERS = "system:masters"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
ACCOUNT_PREFIX = "system:serviceaccount:"
_ACCOUNTS = "system:serviceaccounts"
CREDENTIAL = "authentication.kubernetes.io/credential-id"


@dataclass(frozen=True, slots=True)
class Identity:
    """A user as authorization sees it."""

    user: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    @property
    def anonymous(self) -> bool:
        return self.user == ANONYMOUS.user


ANONYMOUS = Identity("system:anonymous", (UNAUTHENTICATED,))


def of_certificate(peer: Mapping[str, Any] | None, *, raw: bytes = b"") -> Identity | None:
    """The identity in a verified client certificate, as `ssl.getpeercert` tells it; `raw` is the same as DER."""
    if not peer:
        return None
    attributes = [pair for part in peer.get("subject", ()) for pair in part]
    user = next((value for key, value in attributes if key == "commonName"), "")
    if not user:
        return None
    groups = tuple(value for key, value in attributes if key == "organizationName")
    extra = {CREDENTIAL: (f"X509SHA256={hashlib.sha256(raw).hexdigest()}",)} if raw else {}
    return Identity(user, with_authenticated(groups), extra=extra)


def with_authenticated(groups: Sequence[str]) -> tuple[str, ...]:
    """The groups of somebody who said who they are."""
    return tuple(groups) if AUTHENTICATED in groups else (*groups, AUTHENTICATED)


def account_user(namespace: str, name: str) -> str:
    """The user name of a ServiceAccount."""
    return f"{ACCOUNT_PREFIX}{namespace}:{name}"


def account_groups(namespace: str) -> tuple[str, ...]:
    """The groups every ServiceAccount of a namespace is in, but for that of the authenticated."""
    return (_ACCOUNTS, f"{_ACCOUNTS}:{namespace}")


def split_account(user: str) -> tuple[str, str] | None:
    """(namespace, name) of a ServiceAccount's user name; None for anybody else's."""
    if not user.startswith(ACCOUNT_PREFIX):
        return None
    namespace, separator, name = user.removeprefix(ACCOUNT_PREFIX).partition(":")
    return (namespace, name) if separator and namespace and name and ":" not in name else None


def user_info(who: Identity) -> Object:
    """`authentication.k8s.io/v1` UserInfo."""
    info: Object = {"username": who.user}
    if who.uid:
        info["uid"] = who.uid
    if who.groups:
        info["groups"] = list(who.groups)
    if who.extra:
        info["extra"] = {key: list(values) for key, values in sorted(who.extra.items())}
    return info
