"""A cluster to deploy on, the given one (SURGEBOARD_TEST_KUBECONFIG) or a local one, and a bundle with every stage."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard.core import connect, now
from dashboard.kube import errors
from dashboard.settings import Settings
from dashboard.stack.actions import Stack
from dashboard.stack.bundles.catalogue import Catalogue
from dashboard.stack.planning.dry_run import comparable

GIVEN = os.environ.get("SURGEBOARD_TEST_KUBECONFIG")
ALIKE = "configmaps,resourcequotas,serviceaccounts,services,statefulsets,deployments,poddisruptionbudgets,hpa"


class Site:
    """A cluster: the given one, or a local one that can be killed and started again. `tail` makes names unique."""

    def __init__(self, folder: Path) -> None:
        self.alike = ALIKE
        self.is_given = GIVEN is not None
        self.folder, self.tail = folder, uuid.uuid4().hex[:6]
        self.records = f"surgeboard-test-{self.tail}"
        self.kubeconfig = Path(GIVEN) if GIVEN else folder / "cluster" / "kubeconfig"
        self.process: subprocess.Popen[str] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = str(probe.getsockname()[1])
        self._used = {self.records}
        self.start()
        self.client = connect(Settings(kubeconfig=self.kubeconfig))

    def start(self) -> None:
        if GIVEN:
            return
        command = [sys.executable, "-m", "localcluster", "up", "--dir", str(self.folder / "cluster")]
        self.process = subprocess.Popen([*command, "--port", self._port], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("ready")

    def kill(self) -> None:
        """kill -9 of the cluster."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def close(self) -> None:
        try:
            for namespace in self._used:
                with contextlib.suppress(errors.NotFound, errors.Conflict):  # gone, or going already
                    self.client.delete(f"/api/v1/namespaces/{namespace}")
            self.client.close()
        finally:
            if self.process is not None:
                self.process.terminate()
                self.process.wait(90)
                assert self.process.stdout is not None
                self.process.stdout.close()

    def folder_of(self, name: str, objects: list[dict[str, Any]]) -> Path:
        """A folder with one bundle of that name; its namespace has the same name and the tail."""
        bundle = self.folder / f"in-{name}" / f"{name}-{self.tail}"
        bundle.mkdir(parents=True, exist_ok=True)
        namespace = f"{name}-{self.tail}"
        self._used.add(namespace)
        text = yaml.safe_dump_all(objects).replace("NAMESPACE", namespace)
        (bundle / "all.yaml").write_text(text)
        (bundle / "kustomization.yaml").write_text("resources: [all.yaml]\n")
        secret = {"name": "key", "namespace": namespace, "generate": {"password": 32}}
        (bundle / "generated-secrets.yaml").write_text(yaml.safe_dump({"secrets": [secret]}))
        return bundle.parent

    def stack(self, folder: Path, client: Any = None, publish: Callable[[Any], None] = lambda _: None) -> Stack:
        return Stack(
            client or self.client, Catalogue(folder), publish, lambda *_, **__: None, now, time.monotonic,
            lambda seconds: time.sleep(seconds / 5), lambda work: work(), self.records, 60.0,
        )  # fmt: skip

    def deploy(self, folder: Path, **options: Any) -> Mapping[str, Any]:
        stack = self.stack(folder, **options)
        return stack.run(stack.names(), by="operator")

    def counting(self) -> Counting:
        """Its client, counting."""
        return Counting(self.client)

    def audited(self) -> int:
        """How many requests of ours to change something the audit log names, dry runs among them."""
        audit = self.folder / "cluster" / "audit.log"
        lines = audit.read_text().splitlines() if audit.exists() else []
        return sum(json.loads(line)["userAgent"] == "surgeboard" for line in lines)

    def objects(self, name: str) -> str:
        """All objects of a bundle's namespace as text, without what another run of the same would have otherwise."""
        namespace = f"{name}-{self.tail}"
        found = json.loads(self.kubectl("-n", namespace, "get", ALIKE, "-o", "json"))["items"]
        found.append(json.loads(self.kubectl("get", "namespace", namespace, "-o", "json")))
        kept = [comparable(each) for each in found]
        for each in kept:
            for field in ("clusterIP", "clusterIPs"):
                each.get("spec", {}).pop(field, None)
        return json.dumps(kept, sort_keys=True).replace(namespace, "NAMESPACE")

    def password(self, name: str) -> str:
        secret = self.client.get(f"/api/v1/namespaces/{name}-{self.tail}/secrets/key")
        return str(secret["data"]["password"])

    def kubectl(self, *arguments: str) -> str:
        program = Path(sys.executable).with_name("kubectl")
        command = [str(program), "--kubeconfig", str(self.kubeconfig), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class Counting:
    """A client that counts what it writes; the rest is the client's."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.writes: list[str] = []
        self.tried = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def apply(self, path: str, manifest: Any, **options: Any) -> Any:
        self._count(path, options)
        return self._client.apply(path, manifest, **options)

    def create(self, path: str, manifest: Any, **options: Any) -> Any:
        self._count(path, options)
        return self._client.create(path, manifest, **options)

    def patch(self, path: str, body: Any, **options: Any) -> Any:
        self._count(path, options)
        return self._client.patch(path, body, **options)

    def delete(self, path: str, **options: Any) -> Any:
        self._count(path, options)
        return self._client.delete(path, **options)

    def _count(self, path: str, options: Mapping[str, Any]) -> None:
        if options.get("dry_run"):
            self.tried += 1
        else:
            self.writes.append(path)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("site"))
    yield made
    made.close()


def named(api_version: str, kind: str, name: str, **fields: Any) -> dict[str, Any]:
    metadata = {"name": name, **({} if kind == "Namespace" else {"namespace": "NAMESPACE"})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def workload(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    labels = {"app": name}
    limits = {"cpu": "20m", "memory": "16Mi"}
    container = {"name": "sleep", "image": "busybox", "command": ["sleep", "3600"],
                 "resources": {"requests": limits, "limits": limits}}  # fmt: skip
    pod = {"terminationGracePeriodSeconds": 0, "containers": [container]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    return named("apps/v1", kind, name, spec={"selector": {"matchLabels": labels}, "template": template, **spec})


def objects(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """One object of every stage."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
    scaling = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 4, "metrics": [cpu]}
    budget = {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    return [
        named("v1", "Namespace", "NAMESPACE"),
        named("v1", "ResourceQuota", "quota", spec={"hard": {"pods": "8"}}),
        named("v1", "ServiceAccount", "web"),
        named("v1", "ConfigMap", "web", data={"colour": "blue"}),
        named("v1", "Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]}),
        workload("StatefulSet", "db", serviceName="web"),
        workload("Deployment", "web", replicas=2),
        named("policy/v1", "PodDisruptionBudget", "web", spec=budget),
        named("autoscaling/v2", "HorizontalPodAutoscaler", "web", spec=scaling),
        *more,
    ]


@pytest.fixture(scope="module")
def shop() -> Callable[..., list[dict[str, Any]]]:
    """One object of every stage, and more."""
    return objects


@pytest.fixture(scope="module")
def config() -> Callable[..., dict[str, Any]]:
    """A ConfigMap."""
    return lambda name, **data: named("v1", "ConfigMap", name, data=data)


@pytest.fixture(scope="module")
def clean(site: Site) -> str:
    """What a deploy that nobody disturbs leaves."""
    row = site.deploy(site.folder_of("clean", objects()))
    assert (row["state"], row["error"]) == ("done", None)
    return site.objects("clean")
