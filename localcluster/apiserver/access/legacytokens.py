"""Tokens kept in Secrets of type `kubernetes.io/service-account-token`: without an end, worth as much as the Secret."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from localcluster.apiserver.access.identity import Identity, account_groups, account_user, with_authenticated
from localcluster.apiserver.storage import Storage
from localcluster.client import Object
from localcluster.resources import SECRETS, SERVICE_ACCOUNTS

ISSUER = "kubernetes/serviceaccount"
_PREFIX = "kubernetes.io/serviceaccount/"
_NAMESPACE, _SECRET = f"{_PREFIX}namespace", f"{_PREFIX}secret.name"
_ACCOUNT, _UID = f"{_PREFIX}service-account.name", f"{_PREFIX}service-account.uid"


def claims(account: Object, *, namespace: str, secret: str) -> Object:
    """What such a token says: the account, and the Secret it is kept in."""
    metadata = account["metadata"]
    return {
        "iss": ISSUER, _NAMESPACE: namespace, _SECRET: secret, _ACCOUNT: metadata["name"], _UID: metadata["uid"],
        "sub": account_user(namespace, metadata["name"]),
    }  # fmt: skip


def identity(payload: Mapping[str, Any], token: str, *, storage: Storage) -> Identity | None:
    """The account as long as it and the Secret with this very token are there; None afterwards."""
    namespace = payload[_NAMESPACE]
    account = storage.get(SERVICE_ACCOUNTS, (namespace, payload[_ACCOUNT]))
    secret = storage.get(SECRETS, (namespace, payload[_SECRET]))
    if account is None or account.object["metadata"]["uid"] != payload[_UID]:
        return None
    if secret is None or secret.object["metadata"].get("deletionTimestamp") or _kept(secret.object) != token:
        return None
    return Identity(str(payload["sub"]), with_authenticated(account_groups(namespace)), payload[_UID])


def _kept(secret: Object) -> str:
    try:
        return base64.b64decode((secret.get("data") or {}).get("token", "")).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
