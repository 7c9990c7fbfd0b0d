"""`--dir` keeps a whole cluster: what it held, who ran where, over a clean end and over kill -9."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.cluster
ROOT = Path(__file__).resolve().parents[3]
WAIT_S = 60
OBJECTS = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: all}
spec: {hard: {pods: "4"}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: web
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: python
          command: [sh, -c, "date +%N >> /data/runs; exec python3 -m http.server --bind 0.0.0.0 --directory /data 8080"]
          volumeMounts: [{name: data, mountPath: /data}]
          readinessProbe: {httpGet: {path: /runs, port: 8080}, periodSeconds: 1}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
"""


class Cluster:
    """One folder, and the process that runs from it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.process: asyncio.subprocess.Process | None = None
        self.address = ""

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "localcluster", "up", "--port", "0", "--dir", str(self.directory), cwd=ROOT,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), WAIT_S)
        self.address = line.decode().split()[1]

    async def end(self, how: signal.Signals) -> None:
        """By a signal; nothing it started may be left."""
        assert self.process is not None
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(how)
        await asyncio.wait_for(self.process.communicate(), WAIT_S)
        async with asyncio.timeout(WAIT_S):
            while any(map(_lives, family)):  # noqa: ASYNC110 - not ours to wait for
                await asyncio.sleep(0.05)

    async def kubectl(self, *arguments: str, stdin: str = "") -> str:
        kubectl = Path(sys.executable).with_name("kubectl")
        process = await asyncio.create_subprocess_exec(
            str(kubectl), "--kubeconfig", str(self.directory / "kubeconfig"), *arguments,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(stdin.encode()), WAIT_S)
        assert process.returncode == 0, err.decode()
        return out.decode()

    async def get(self, *arguments: str) -> Any:
        return json.loads(await self.kubectl("get", *arguments, "-o", "json"))

    async def pod(self, holds: Callable[[Any], bool]) -> Any:
        """web-0, once `holds` says yes."""
        async with asyncio.timeout(WAIT_S):
            while True:
                found = (await self.get("pods", "--field-selector", "metadata.name=web-0"))["items"]
                if found and holds(found[0]):
                    return found[0]
                await asyncio.sleep(0.2)


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    found = Cluster(tmp_path / "cluster")
    yield found
    if found.process is not None and found.process.returncode is None:
        found.process.kill()
        await found.process.communicate()


def ready_after(restarts: int) -> Callable[[Any], bool]:
    def holds(pod: Any) -> bool:
        statuses = pod["status"].get("containerStatuses") or [{}]
        return bool(statuses[0].get("ready")) and statuses[0]["restartCount"] == restarts

    return holds


async def test_objects_pods_volumes_and_access_are_as_they_were(cluster: Cluster) -> None:
    await cluster.start()
    await cluster.kubectl("apply", "-f", "-", stdin=OBJECTS)
    before = await cluster.pod(ready_after(0))
    service, address = await cluster.get("service", "web"), cluster.address
    kubeconfig = (cluster.directory / "kubeconfig").read_text()

    for restarts, how in ((1, signal.SIGTERM), (2, signal.SIGKILL)):
        await cluster.kubectl("create", "configmap", f"last-{how.name.lower()}", "--from-literal", "a=b")
        await cluster.end(how)
        await cluster.start()
        assert await cluster.kubectl("get", "configmap", f"last-{how.name.lower()}", "-o", "jsonpath={.data.a}") == "b"
        pod = await cluster.pod(ready_after(restarts))
        assert pod["metadata"]["uid"] == before["metadata"]["uid"]
        runs = await cluster.kubectl("get", "--raw", "/api/v1/namespaces/default/services/web:80/proxy/runs")
        assert len(runs.splitlines()) == restarts + 1, "the claim's data were kept"
        reasons = {event["reason"] for event in (await cluster.get("events"))["items"]}
        assert "SandboxChanged" in reasons

    again = await cluster.get("service", "web")
    assert again["spec"]["ports"][0]["nodePort"] == service["spec"]["ports"][0]["nodePort"]
    assert (await cluster.get("resourcequota", "all"))["status"]["used"] == {"pods": "1"}
    versions = [int(await cluster.kubectl("get", "cm", name, "-o", "jsonpath={.metadata.resourceVersion}"))
                for name in ("last-sigterm", "last-sigkill")]  # fmt: skip
    assert int(service["metadata"]["resourceVersion"]) < versions[0] < versions[1]
    if cluster.address == address:  # an old kubeconfig goes on being valid
        (cluster.directory / "kubeconfig").write_text(kubeconfig)
        assert await cluster.kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
    await cluster.end(signal.SIGTERM)
