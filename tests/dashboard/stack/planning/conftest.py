"""A real API server in this process (no controllers, no node), the dashboard's own client, small objects."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from dashboard.kube import errors
from dashboard.kube.client import KubeClient
from dashboard.kube.config import from_kubeconfig
from dashboard.stack.bundles.bundle import Bundle
from localcluster import kubeconfig
from localcluster.apiserver.assembly import Api, ApiSettings, assemble

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of its admin. It turns in a thread of its own, as the client blocks."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)

    built: Api = assemble(ApiSettings())
    run(built.start())
    path = tmp_path_factory.mktemp("api") / "kubeconfig"
    text = kubeconfig.render(server=built.url, authority=built.authority.certificate, client=built.admin())
    kubeconfig.write(path, text)
    yield path
    run(built.stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def admin(api: Path) -> Iterator[KubeClient]:
    client = KubeClient(from_kubeconfig(str(api)))
    yield client
    client.close()


@pytest.fixture
def namespace(admin: KubeClient) -> str:
    """A namespace of the test's own."""
    name = f"test-{uuid4().hex[:8]}"
    admin.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    return name


@dataclass
class Watched:
    """A client that remembers what really writes, and fails where a test wants it to."""

    client: KubeClient
    writes: list[tuple[str, str]] = field(default_factory=list)
    failures: dict[tuple[str, str], errors.ApiError] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)

    def fail(self, verb: str, path: str, error: errors.ApiError) -> None:
        """Every `verb` on `path` fails with this from now on."""
        self.failures[verb, path] = error

    def answer(self, path: str, found: Any) -> None:
        """`path` holds this from now on."""
        self.answers[path] = found

    def get(self, path: str) -> Any:
        self._check("get", path)
        return self.answers[path] if path in self.answers else self.client.get(path)

    def list(self, path: str, *, query: Any = None) -> Any:
        self._check("list", path)
        return self.client.list(path, query=query)

    def apply(self, path: str, manifest: Any, *, force: bool = False, dry_run: bool = False, **more: Any) -> Any:
        self._check("apply", path)
        if not dry_run:
            self.writes.append(("apply", path))
        return self.client.apply(path, manifest, force=force, dry_run=dry_run, **more)

    def create(self, path: str, manifest: Any, *, dry_run: bool = False, **more: Any) -> Any:
        self._check("create", path)
        if not dry_run:
            self.writes.append(("create", path))
        return self.client.create(path, manifest, dry_run=dry_run, **more)

    def patch(self, path: str, body: Any, **more: Any) -> Any:
        self.writes.append(("patch", path))
        return self.client.patch(path, body, **more)

    def delete(self, path: str, **more: Any) -> Any:
        self.writes.append(("delete", path))
        return self.client.delete(path, **more)

    def _check(self, verb: str, path: str) -> None:
        if (verb, path) in self.failures:
            raise self.failures[verb, path]


@pytest.fixture
def cluster(admin: KubeClient) -> Watched:
    return Watched(admin)


@pytest.fixture
def viewer(api: Path, admin: KubeClient, namespace: str, tmp_path: Path) -> Iterator[Watched]:
    """Somebody who may read ConfigMaps and workloads of the test's namespace and do nothing else."""
    where = f"/api/v1/namespaces/{namespace}"
    roles = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    about = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "viewer"}}
    rule = {"apiGroups": ["", "apps"], "resources": ["configmaps", "deployments"], "verbs": ["get", "list"]}
    admin.create(
        f"{where}/serviceaccounts", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "viewer"}}
    )
    admin.create(f"{roles}/roles", {**about, "kind": "Role", "rules": [rule]})
    whom = {"kind": "ServiceAccount", "name": "viewer", "namespace": namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "viewer"}
    admin.create(f"{roles}/rolebindings", {**about, "kind": "RoleBinding", "subjects": [whom], "roleRef": role})
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = admin.create(f"{where}/serviceaccounts/viewer/token", asked)["status"]["token"]
    config = yaml.safe_load(api.read_text(encoding="utf-8"))
    config["users"][0]["user"] = {"token": token}
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    client = KubeClient(from_kubeconfig(str(path)))
    yield Watched(client)
    client.close()


def an_object(api_version: str, kind: str, name: str, namespace: str = "", **fields: Any) -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


@pytest.fixture(scope="session")
def manifest() -> Callable[..., dict[str, Any]]:
    """Makes a small object: (apiVersion, kind, name, namespace, **other fields)."""
    return an_object


@pytest.fixture
def deployment() -> Callable[..., dict[str, Any]]:
    """Makes a Deployment `web` of a namespace; keywords go into its container or, for the spec's, there."""

    def make(namespace: str, *, spec: dict[str, Any] | None = None, **container: Any) -> dict[str, Any]:
        labels = {"app": "web"}
        pod = {"containers": [{"name": "app", "image": "busybox:1", **container}]}
        template = {"metadata": {"labels": labels}, "spec": pod}
        whole = {"selector": {"matchLabels": labels}, "template": template, **(spec or {})}
        return an_object("apps/v1", "Deployment", "web", namespace, spec=whole)

    return make


@pytest.fixture(scope="session")
def bundle() -> Callable[..., Bundle]:
    """A bundle `shop` of objects."""

    def make(*objects: dict[str, Any], **more: Any) -> Bundle:
        return Bundle("shop", objects, **more)

    return make


@pytest.fixture(scope="session")
def recorded_answers() -> Callable[[str], dict[str, Any]]:
    """Answers of a real Kubernetes 1.36.2, by name."""
    known = json.loads((FIXTURES / "answers.json").read_text(encoding="utf-8"))
    return known.__getitem__
