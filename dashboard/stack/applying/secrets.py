"""Secrets made at deploy time: random values, created once, never overwritten, never logged (DESIGN decision 7)."""

from __future__ import annotations

import base64
import secrets
import string
from collections.abc import Callable, Mapping
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.bundles.bundle import GeneratedSecret, SecretKeySource
from dashboard.stack.cluster import Cluster
from dashboard.stack.planning.trial import get_or_none

ALPHABET = string.ascii_letters + string.digits
"""Valid in a MongoDB keyFile (base64), in a URL and in a shell."""


def path(namespace: str, name: str = "") -> str:
    """Path of a Secret, or of the collection."""
    collection = f"/api/v1/namespaces/{namespace}/secrets"
    return f"{collection}/{name}" if name else collection


def is_there(cluster: Cluster, wanted: GeneratedSecret) -> bool:
    """Whether there is nothing to do."""
    return get_or_none(cluster, path(wanted.namespace, wanted.name)) is not None


def ensure(
    cluster: Cluster, wanted: GeneratedSecret, *, choice: Callable[[str], str] = secrets.choice
) -> tuple[bool, str]:
    """Creates the Secret unless it is there; whether it was created, and its UID. One that is there stays as it is."""
    where = path(wanted.namespace, wanted.name)
    live = get_or_none(cluster, where)
    if live is not None:
        return False, live["metadata"]["uid"]
    try:
        created = cluster.create(path(wanted.namespace), _manifest(wanted, _data(cluster, wanted, choice)))
    except errors.AlreadyExists:
        return False, cluster.get(where)["metadata"]["uid"]
    return True, created["metadata"]["uid"]


def _data(cluster: Cluster, wanted: GeneratedSecret, choice: Callable[[str], str]) -> dict[str, str]:
    data = {key: "".join(choice(ALPHABET) for _ in range(length)) for key, length in wanted.generate.items()}
    return {**data, **{key: _copied(cluster, source) for key, source in wanted.copy.items()}}


def _manifest(wanted: GeneratedSecret, data: Mapping[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": wanted.name,
            "namespace": wanted.namespace,
            "labels": {"app.kubernetes.io/managed-by": "surgeboard"},
        },
        "type": "Opaque",
        "immutable": True,
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
    }


def _copied(cluster: Cluster, source: SecretKeySource) -> str:
    try:
        found = cluster.get(path(source.namespace, source.name))
    except errors.NotFound as error:
        raise Refused(
            f"the value of {source.key} is copied from Secret {source.namespace}/{source.name}, which is not there; "
            "deploy the bundle that makes it first.",
            status=422,
        ) from error
    return base64.b64decode(found["data"][source.key]).decode()
