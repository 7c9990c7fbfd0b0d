"""kubectl as people have it, against the API server alone."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

KUBECTL = Path(sys.executable).with_name("kubectl")
pytestmark = pytest.mark.skipif(not KUBECTL.exists(), reason="kubectl is not installed")

KUSTOMIZATION = "namespace: test\nresources: [web.yaml]\n"
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: main, image: "python:3.12", ports: [{name: http, containerPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
"""

Kubectl = Callable[..., Awaitable[str]]


@pytest.fixture
def environment(admin_kubeconfig: Path, tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "KUBECONFIG": str(admin_kubeconfig), "HOME": str(tmp_path)}


@pytest.fixture
def kubectl(environment: dict[str, str]) -> Kubectl:
    """Run kubectl in the namespace `test`; its output, both streams, after it succeeded."""

    async def run(*arguments: str | Path, fails: bool = False, stdin: str = "") -> str:
        process = await asyncio.create_subprocess_exec(
            KUBECTL, "-n", "test", *arguments, env=environment, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(process.communicate(stdin.encode()), timeout=60)
        text = out.decode()
        assert (process.returncode != 0) == fails, text
        return text

    return run


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "kustomization.yaml").write_text(KUSTOMIZATION)
    (folder / "web.yaml").write_text(WEB)
    return folder


async def test_apply_creates_then_changes_then_leaves_alone(kubectl: Kubectl, bundle: Path) -> None:
    assert "deployment.apps/web created" in await kubectl("apply", "-k", bundle)
    assert "deployment.apps/web unchanged" in await kubectl("apply", "-k", bundle)
    assert await kubectl("diff", "-k", bundle) == ""
    (bundle / "web.yaml").write_text(WEB.replace("3.12", "3.13"))
    assert "+      - image: python:3.13" in await kubectl("diff", "-k", bundle, fails=True)
    assert "deployment.apps/web configured" in await kubectl("apply", "-k", bundle)
    assert (await kubectl("get", "deploy", "web", "-o", "jsonpath={..image}")).strip() == "python:3.13"


async def test_server_side_apply_tells_conflicts(kubectl: Kubectl, bundle: Path) -> None:
    assert "service/web serverside-applied" in await kubectl("apply", "--server-side", "-k", bundle)
    await kubectl("scale", "deploy/web", "--replicas=5")
    refusal = await kubectl("apply", "--server-side", "-k", bundle, fails=True)
    assert 'conflict with "kubectl" with subresource "scale"' in refusal
    assert ".spec.replicas" in refusal
    await kubectl("apply", "--server-side", "--force-conflicts", "-k", bundle)
    assert (await kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}")).strip() == "2"


async def test_get_prints_the_columns_people_know(kubectl: Kubectl, bundle: Path) -> None:
    await kubectl("apply", "-k", bundle)
    lines = (await kubectl("get", "deploy,svc")).splitlines()
    assert lines[0].split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert lines[1].split()[:4] == ["deployment.apps/web", "0/2", "0", "0"]
    assert lines[3].split() == ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"]
    assert lines[4].split()[:2] == ["service/web", "ClusterIP"]
    wide = await kubectl("get", "deploy", "-o", "wide")
    assert "python:3.12" in wide
    assert "app=web" in wide
    assert "service/web" in await kubectl("get", "all")
    assert "web" in await kubectl("get", "deploy", "--sort-by=.metadata.name")


async def test_describe_label_annotate_and_delete(kubectl: Kubectl, bundle: Path) -> None:
    await kubectl("apply", "-k", bundle)
    described = await kubectl("describe", "deploy", "web")
    assert "Replicas:               2 desired" in described
    assert "8080/TCP" in described
    await kubectl("label", "deploy", "web", "tier=front")
    await kubectl("annotate", "deploy", "web", "note=hello")
    assert "deployment.apps/web" in await kubectl("get", "deploy", "-l", "tier=front", "-o", "name")
    assert 'deployment.apps "web" deleted' in await kubectl("delete", "deploy", "web")
    assert "NotFound" in await kubectl("get", "deploy", "web", fails=True)


async def test_create_from_the_command_line_and_from_files(kubectl: Kubectl) -> None:
    await kubectl("create", "configmap", "settings", "--from-literal=a=b")
    assert json.loads(await kubectl("get", "cm", "settings", "-o", "json"))["data"] == {"a": "b"}
    await kubectl("create", "deployment", "hello", "--image=busybox", "--replicas=3")
    assert (await kubectl("get", "deploy", "hello", "-o", "jsonpath={.spec.replicas}")).strip() == "3"
    assert "already exists" in await kubectl("create", "configmap", "settings", fails=True)
    assert "namespace/other created" in await kubectl("create", "namespace", "other")
    assert "yes" in await kubectl("auth", "can-i", "delete", "pods")
    assert "service/web created" in await kubectl("create", "-f", "-", stdin=WEB)


async def test_a_mistyped_field_is_refused_by_the_server(kubectl: Kubectl) -> None:
    refusal = await kubectl("apply", "-f", "-", fails=True, stdin=WEB.replace("replicas", "replica"))
    assert 'unknown field "spec.replica"' in refusal


async def test_get_follows_changes(kubectl: Kubectl, environment: dict[str, str]) -> None:
    await kubectl("create", "-f", "-", stdin=WEB)
    process = await asyncio.create_subprocess_exec(
        KUBECTL, "-n", "test", "get", "deploy", "-w", env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        await process.stdout.readline()  # the titles
        assert (await process.stdout.readline()).split()[:2] == [b"web", b"0/2"]
        await kubectl("scale", "deploy/web", "--replicas=4")
        assert (await process.stdout.readline()).split()[:2] == [b"web", b"0/4"]
    process.terminate()
    await process.wait()


async def test_api_resources_and_explain_know_our_kinds(kubectl: Kubectl) -> None:
    listed = await kubectl("api-resources", "--no-headers")
    assert "horizontalpodautoscalers" in listed
    explained = await kubectl("explain", "hpa.spec.behavior.scaleDown.stabilizationWindowSeconds")
    assert "<integer>" in explained
