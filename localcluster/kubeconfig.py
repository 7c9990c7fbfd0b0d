"""The admin's kubeconfig: written for the owner's eyes only."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import yaml

from localcluster.certificates import KeyPair

NAME = "surgeboard-local"


def render(*, server: str, authority: bytes, client: KeyPair) -> str:
    """A kubeconfig with everything inside."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": NAME, "cluster": {"server": server, "certificate-authority-data": _text(authority)}}],
        "users": [
            {
                "name": NAME,
                "user": {"client-certificate-data": _text(client.certificate), "client-key-data": _text(client.key)},
            }
        ],
        "contexts": [{"name": NAME, "context": {"cluster": NAME, "user": NAME, "namespace": "default"}}],
        "current-context": NAME,
    }
    return yaml.safe_dump(document, sort_keys=False)


def write(path: Path, text: str) -> None:
    """Replace the file in one step; only its owner may read it."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)
        file.write(text)
    fresh.replace(path)


def _text(pem: bytes) -> str:
    return base64.b64encode(pem).decode()
