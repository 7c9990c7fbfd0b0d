"""The cluster that is compared: a fresh local one, or any that a kubeconfig names."""

from __future__ import annotations

import base64
import contextlib
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
_STOP_WAIT_S = 30.0


class CannotPlay(Exception):
    """The cluster does not get to where a scenario begins."""


@dataclass(frozen=True)
class Target:
    """Where the API is, and two ways to reach it: as the administrator and as nobody."""

    url: str
    admin: ssl.SSLContext
    nobody: ssl.SSLContext
    headers: dict[str, str]
    kubeconfig: Path
    goes_on: bool
    """Whether the cluster lives on, so that what a scenario leaves must be cleared away."""


@contextlib.contextmanager
def fresh() -> Iterator[Target]:
    """A local cluster of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as directory:
        kept, output = Path(directory) / "cluster", Path(directory) / "output"
        command = [sys.executable, "-m", "localcluster", "up", "--dir", str(kept), "--port", "0", "--exit-with-parent"]
        with output.open("w") as log:
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
            try:
                line = process.stdout.readline() if process.stdout else ""
                if not line.startswith("ready"):
                    raise CannotPlay(f"the local cluster did not start: {output.read_text()}")
                yield from_kubeconfig(kept / "kubeconfig", server=None, goes_on=False)
            finally:
                process.terminate()
                try:
                    process.wait(_STOP_WAIT_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                if process.stdout:
                    process.stdout.close()


def from_kubeconfig(path: Path, *, server: str | None, goes_on: bool = True) -> Target:
    """The current context of the file; `server` overrides its address."""
    document = yaml.safe_load(path.read_text())
    context = _named(document["contexts"], document["current-context"])["context"]
    cluster = _named(document["clusters"], context["cluster"])["cluster"]
    user = _named(document["users"], context["user"])["user"]
    authority = _data(cluster, "certificate-authority", beside=path).decode()
    admin, nobody = (ssl.create_default_context(cadata=authority or None) for _ in range(2))
    pair = _data(user, "client-certificate", beside=path) + b"\n" + _data(user, "client-key", beside=path)
    if pair.strip():
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(pair)
            file.flush()
            admin.load_cert_chain(file.name)
    headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
    return Target((server or cluster["server"]).rstrip("/"), admin, nobody, headers, path, goes_on)


def _named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(item for item in items if item["name"] == name)


def _data(about: dict[str, Any], key: str, *, beside: Path) -> bytes:
    if f"{key}-data" in about:
        return base64.b64decode(about[f"{key}-data"])
    return (beside.parent / about[key]).read_bytes() if key in about else b""
