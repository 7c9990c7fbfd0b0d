"""Secrets made at deploy time: random values, created once, never overwritten, never logged (DESIGN decision 7)."""

from __future__ import annotations

import base64
import secrets
import string
from collections.abc import Callable, Mapping
from typing import Any

from dashboard.kube import errors
from dashboard.stack.bundles.bundle import GeneratedSecret, SecretKeySource
from dashboard.stack.cluster import Cluster

ALPHABET = string.ascii_letters + string.digits
"""Valid in a MongoDB keyFile (base64), in a URL and in a shell."""


def path(namespace: str, name: str = "") -> str:
    """Path of a Secret, or of the collection."""
    collection = f"/api/v1/namespaces/{namespace}/secrets"
    return f"{collection}/{name}" if name else collection


def ensure(cluster: Cluster, wanted: GeneratedSecret, *, choice: Callable[[str], str] = secrets.choice) -> bool:
    """Creates the Secret unless it is there; True when it was created. An existing one is left as it is."""
    try:
        cluster.get(path(wanted.namespace, wanted.name))
    except errors.NotFound:
        return _create(cluster, wanted, choice)
    return False


def _create(cluster: Cluster, wanted: GeneratedSecret, choice: Callable[[str], str]) -> bool:
    data = {key: "".join(choice(ALPHABET) for _ in range(length)) for key, length in wanted.generate.items()}
    data.update({key: _copied(cluster, source) for key, source in wanted.copy.items()})
    try:
        cluster.create(path(wanted.namespace), _manifest(wanted, data))
    except errors.AlreadyExists:
        return False
    return True


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
    found = cluster.get(path(source.namespace, source.name))
    return base64.b64decode(found["data"][source.key]).decode()
