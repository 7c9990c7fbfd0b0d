"""A local cluster with the bundle `dashboard` applied by its administrator, and clients of each of its accounts."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard.kube.client import KubeClient
from dashboard.kube.config import from_kubeconfig
from tests.in_cluster.rights import Record, RecordingClient

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "manifests" / "dashboard"
KUBECTL = Path(sys.executable).with_name("kubectl")
STOP_S = 90


class Site:
    """A fresh cluster and its administrator."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kubeconfig = folder / "cluster" / "kubeconfig"
        command = [sys.executable, "-m", "localcluster", "up", "--dir", str(folder / "cluster"), "--port", "0"]
        with (folder / "cluster.log").open("w") as stderr:
            self.process = subprocess.Popen(
                [*command, "--exit-with-parent"], cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, text=True
            )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("ready")

    def kubectl(self, *arguments: str, stdin: str = "") -> str:
        """As the administrator; stdout."""
        command = self.command(*arguments)
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def command(self, *arguments: str) -> list[str]:
        """The same, for somebody else to run."""
        return [str(KUBECTL), "--kubeconfig", str(self.kubeconfig), *arguments]

    def apply(self, objects: list[dict[str, Any]]) -> None:
        self.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(objects))

    def token(self, account: str) -> str:
        return self.kubectl("-n", "surgeboard", "create", "token", account).strip()

    def client(self) -> KubeClient:
        """The administrator's."""
        return KubeClient(from_kubeconfig(str(self.kubeconfig)))

    def kubeconfig_of(self, account: str) -> Path:
        """A kubeconfig with nothing but a token of the account."""
        document = yaml.safe_load(self.kubeconfig.read_text())
        document["users"] = [
            {"name": each["name"], "user": {"token": self.token(account)}} for each in document["users"]
        ]
        path = self.folder / f"{account}.kubeconfig"
        path.write_text(yaml.safe_dump(document))
        return path

    def recording(self, account: str, record: Record) -> RecordingClient:
        return RecordingClient(from_kubeconfig(str(self.kubeconfig_of(account))), record)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(STOP_S)
        assert self.process.stdout is not None
        self.process.stdout.close()


def rendered(folder: Path) -> list[dict[str, Any]]:
    done = subprocess.run([str(KUBECTL), "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.fixture(scope="session")
def bundle() -> list[dict[str, Any]]:
    """The objects of the bundle `dashboard`."""
    return rendered(BUNDLE)


@pytest.fixture(scope="session")
def render() -> Callable[[Path], list[dict[str, Any]]]:
    """What a kustomization comes to."""
    return rendered


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("site"))
    yield made
    made.close()


def _until(condition: Callable[[], Any], *, seconds: float, what: Callable[[], object] | str) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        told = what if isinstance(what, str) else json.dumps(what(), default=str)
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {told}"
        time.sleep(0.2)
    return found


@pytest.fixture(scope="session")
def wait() -> Callable[..., Any]:
    """Waits until something is there, or true."""
    return _until
