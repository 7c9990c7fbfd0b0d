"""What a recording took for granted: its namespaces, and metrics-server where it was installed."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import yaml

from tests.contract.conformance.recording import Scenario
from tests.contract.conformance.target import ROOT, CannotPlay, Target

Send = Callable[..., Awaitable[tuple[int, Any]]]

BY_THE_CLOCK = ("hpa",)
"""Scenarios in which what happens is decided by wall time: load that ends by itself, and metrics every 15 s."""
_WITH_A_POD = ("list-watch",)
_POD = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p1", "labels": {"run": "p1"}},
    "spec": {"containers": [{"name": "p1", "image": "local/pause:1"}]},
}  # fmt: skip
_WITH_METRICS = ("discovery", "proxy-evict")
_METRICS_INSTALLED = "metrics-server installed"
_READY_S = 90.0


async def prepare(scenario: Scenario, *, send: Send, target: Target) -> None:
    """Make what must be there before the first step."""
    if scenario.name in _WITH_METRICS:
        await install_metrics(target)
        await _until(
            send, "/apis/metrics.k8s.io/v1beta1/nodes", lambda status, body: bool(status == 200 and body["items"])
        )
    if scenario.name in _WITH_A_POD:
        await send("POST", "/api/v1/namespaces/default/pods", _POD)
        await _until(send, "/api/v1/namespaces/default/pods/p1", lambda _, body: body["status"]["phase"] == "Running")
    for name in scenario.namespaces():
        await send("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        base = f"/api/v1/namespaces/{name}"
        await _until(send, f"{base}/serviceaccounts/default", lambda status, _: status == 200)
        await _until(send, f"{base}/configmaps/kube-root-ca.crt", lambda status, _: status == 200)


async def milestone(text: str, *, target: Target) -> None:
    """What the recorder did outside the API at this note."""
    if text == _METRICS_INSTALLED:
        await install_metrics(target)


async def clear(scenario: Scenario, *, send: Send) -> None:
    """Leave a cluster that goes on living as it was found, but for metrics-server."""
    for name in scenario.namespaces():
        await send("DELETE", f"/api/v1/namespaces/{name}")
    for name in scenario.namespaces():
        await _until(send, f"/api/v1/namespaces/{name}", lambda status, _: status == 404)
    if scenario.name in _WITH_A_POD:
        await send("DELETE", "/api/v1/namespaces/default/pods/p1")


async def install_metrics(target: Target) -> None:
    """Apply our bundle, with the APIService as bare as the recorded one was."""
    built = list(yaml.safe_load_all(await _kubectl("kustomize", str(ROOT / "manifests" / "metrics-server"))))
    for document in built:
        if document["kind"] == "APIService":
            document["metadata"].pop("labels", None)
    text = yaml.safe_dump_all(built)
    await _kubectl("--kubeconfig", str(target.kubeconfig), "apply", "--server-side", "-f", "-", text=text)


async def _kubectl(*arguments: str, text: str = "") -> str:
    process = await asyncio.create_subprocess_exec(
        "kubectl", *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, env=_environment(),
    )  # fmt: skip
    output, complaints = await process.communicate(text.encode())
    if process.returncode:
        raise CannotPlay(f"kubectl {arguments[0]} failed: {complaints.decode()}")
    return output.decode()


def _environment() -> dict[str, str]:
    """Ours, with the kubectl of this virtual environment before others."""
    return {**os.environ, "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ.get('PATH', '')}"}


async def _until(send: Send, path: str, true: Callable[[int, Any], bool]) -> None:
    end = time.monotonic() + _READY_S
    while time.monotonic() < end:
        if true(*await send("GET", path)):
            return
        await asyncio.sleep(0.1)
    raise CannotPlay(f"GET {path} never became what the scenario needs")
