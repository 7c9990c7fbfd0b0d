"""One real cluster for all of kubectl's tests, with metrics; every test has a namespace of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import pytest

ROOT = Path(__file__).resolve().parents[2]
KUBECTL = Path(sys.executable).with_name("kubectl")
PATIENCE_S = 120

QUIET = "trap 'exit 0' TERM; echo started; sleep 3600 & wait"
"""A program that does nothing and leaves at once when told to."""

WEB = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, labels: {{app: web}}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - name: main
          image: busybox:1
          command: [sh, -c, "{QUIET}"]
          ports: [{{name: http, containerPort: 8080}}]
          resources: {{requests: {{cpu: 10m, memory: 16Mi}}}}
"""


@dataclass(frozen=True)
class Kubectl:
    """kubectl with the admin's kubeconfig, in one namespace if it names one."""

    kubeconfig: Path
    home: Path
    namespace: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str | Path, stdin: str = "", fails: int | bool = False) -> str:
        """Both outputs, once it has ended as expected: `fails` is whether, or with which code."""
        done = subprocess.run(  # noqa: PLW1510 - the code is checked below
            self._command(*arguments), input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=self._variables(), timeout=PATIENCE_S,
        )  # fmt: skip
        ended = done.returncode != 0 if isinstance(fails, bool) else done.returncode
        assert ended == fails, f"kubectl {' '.join(map(str, arguments))} ended with {done.returncode}: {done.stdout}"
        return done.stdout

    def read(self, *arguments: str | Path) -> Any:
        """What `-o json` gives."""
        return json.loads(self(*arguments, "-o", "json"))

    def value(self, thing: str, path: str) -> str:
        """A field by JSONPath, such as `.spec.replicas`."""
        return self("get", thing, "-o", f"jsonpath={{{path}}}")

    def lines(self, *arguments: str | Path) -> list[list[str]]:
        """The words of each line."""
        return [line.split() for line in self(*arguments).splitlines()]

    def until(self, text: str, *arguments: str | Path) -> str:
        """The outputs once they contain `text`; whether it failed before does not matter."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            done = subprocess.run(  # noqa: PLW1510 - may fail until it is time
                self._command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                env=self._variables(), timeout=PATIENCE_S,
            )  # fmt: skip
            if text in done.stdout:
                return done.stdout
            assert time.monotonic() < deadline, f"{text!r} did not come: {done.stdout}"
            time.sleep(0.2)

    @contextlib.contextmanager
    def running(self, *arguments: str | Path, stdin: str = "") -> Iterator[IO[str]]:
        """kubectl while it goes on, its input left open; its outputs, line by line."""
        process = subprocess.Popen(
            self._command(*arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, env=self._variables(),
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(stdin)
            process.stdin.flush()
            yield process.stdout
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
            process.stdin.close()
            process.stdout.close()

    def as_editor(self, script: Path) -> Kubectl:
        return replace(self, environment={"KUBE_EDITOR": str(script)})

    def _command(self, *arguments: str | Path) -> list[str]:
        where = [f"--namespace={self.namespace}"] if self.namespace else []
        return [str(KUBECTL), *where, *map(str, arguments)]

    def _variables(self) -> dict[str, str]:
        return {**os.environ, "KUBECONFIG": str(self.kubeconfig), "HOME": str(self.home), **self.environment}


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """The running cluster, as its admin; metrics come up while other tests go on."""
    if not KUBECTL.exists():
        pytest.skip("kubectl is not installed")
    directory = tmp_path_factory.mktemp("kubectl")
    kubeconfig = directory / "cluster" / "kubeconfig"
    log = directory / "log"
    with log.open("w") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "localcluster", "up", "--port", "0", "--dir", directory / "cluster",
             "--exit-with-parent"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=told, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("ready "), log.read_text()
        admin = Kubectl(kubeconfig, directory / "home")
        admin("apply", "-k", ROOT / "manifests" / "metrics-server")
        yield admin
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        process.stdout.close()


def _in_own_namespace(cluster: Kubectl) -> Iterator[Kubectl]:
    namespace = f"test-{uuid4().hex[:8]}"
    cluster("create", "namespace", namespace)
    own = replace(cluster, namespace=namespace)
    own("wait", "--for=create", "serviceaccount/default")
    yield own
    cluster("delete", "namespace", namespace, "--wait=false")


@pytest.fixture
def kubectl(cluster: Kubectl) -> Iterator[Kubectl]:
    """In a fresh namespace."""
    yield from _in_own_namespace(cluster)


@pytest.fixture(scope="module")
def shared(cluster: Kubectl) -> Iterator[Kubectl]:
    """In a namespace that the tests of one file share, with the Deployment `web` available in it."""
    for own in _in_own_namespace(cluster):
        own("apply", "-f", "-", stdin=WEB)
        own("wait", "--for=condition=Available", "deployment/web")
        yield own


@pytest.fixture(scope="session")
def web() -> str:
    """The Deployment `web`: two pods that do nothing."""
    return WEB


@pytest.fixture(scope="session")
def quiet() -> str:
    return QUIET
