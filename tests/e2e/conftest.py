"""The whole product as a person starts it: `surgeboard up` on free ports with a data folder of its own."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

STOP_S = 90
BUNDLES = ["metrics-server", "mongodb", "flask", "load"]


@dataclass(frozen=True)
class Running:
    """A running `surgeboard up`."""

    process: subprocess.Popen[str]
    url: str
    data_dir: Path
    log: Path

    @property
    def kubeconfig(self) -> Path:
        return self.data_dir / "cluster" / "kubeconfig"

    def kubectl(self, *arguments: str) -> str:
        """kubectl against its cluster; stdout."""
        return kubectl(self.kubeconfig, *arguments)


def kubectl(kubeconfig: Path, *arguments: str) -> str:
    program = Path(sys.executable).with_name("kubectl")
    command = [str(program), "--kubeconfig", str(kubeconfig), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    return a_free_port


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data_dir = tmp_path_factory.mktemp("surgeboard")
    log = data_dir / "log"
    command = [sys.executable, "-m", "dashboard", "up", "--port", str(a_free_port()), "--api-port", "0"]
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [*command, "--data-dir", str(data_dir)], stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:"), log.read_text()
    yield Running(process, url, data_dir, log)
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_S)
    finally:
        process.kill()
        process.stdout.close()


class Dashboard:
    """`surgeboard serve` on a cluster that goes on without it, used over HTTP as a signed-in person would."""

    def __init__(self, kubeconfig: Path, data_dir: Path) -> None:
        self.port = a_free_port()
        self._base = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "dashboard", "serve", "--kubeconfig", str(kubeconfig)]
        with (data_dir / "dashboard.log").open("a") as stderr:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), "--data-dir", str(data_dir)],
                stdout=subprocess.PIPE, stderr=stderr, text=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self._opener.open(self.process.stdout.readline().strip(), timeout=60).close()

    def post(self, path: str, **form: Any) -> int:
        """A form; the status of the answer."""
        return self._send(path, urllib.parse.urlencode(form, doseq=True).encode())[0]

    def page(self, path: str) -> str:
        """What a browser without script would get."""
        with self._opener.open(f"{self._base}{path}", timeout=40) as answer:
            return str(answer.read().decode())

    def row(self, view: str, key: str = "current") -> dict[str, Any]:
        """One row of what every browser sees."""
        row: dict[str, Any] = self._view(view).get(key, {})
        return row

    def rows(self, view: str) -> list[dict[str, Any]]:
        return list(self._view(view).values())

    def _view(self, view: str) -> dict[str, Any]:
        with self._opener.open(f"{self._base}/api/v1/state", timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)["views"].get(view, {})
        return found

    def app(self) -> str:
        """Where the guestbook is to be had through the proxy."""
        with self._opener.open(f"{self._base}/app/", timeout=60) as answer:
            return str(urllib.parse.urlsplit(answer.url).path)

    def write_entry(self, app: str, text: str) -> str | None:
        """The id of an entry that the guestbook has confirmed, None for one that it has refused."""
        body = json.dumps({"text": text}).encode()
        status, answer = self._send(f"{app}entries", body, {"Content-Type": "application/json"})
        return json.loads(answer)["id"] if status == 201 else None

    def until(self, condition: Callable[[], bool], *, seconds: float, what: str) -> float:
        """Waits for a condition; seconds it took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}; {self.row('swarm')}"
            time.sleep(0.1)
        return time.monotonic() - began

    def deploy(self) -> dict[str, Any]:
        """Every bundle; the row at the end."""
        assert self.post("/deploy", bundle=BUNDLES) == 200
        return self.until_deployed()

    def until_deployed(self) -> dict[str, Any]:
        over = ("done", "failed", "cancelled")
        self.until(lambda: self.row("deploy")["state"] in over, seconds=300, what="deployed")
        return self.row("deploy")

    def start_swarm(self, *, users: int = 20, duration_s: int = 120) -> None:
        """Starts one and waits until it loads."""
        assert self.confirm(self.plan_swarm(users=users, spawn_rate=20, duration_s=duration_s)) == 200
        self.until_loading(users)

    def plan_swarm(self, **form: Any) -> str | None:
        """The first step of a start: the nonce for the second; None when it is refused."""
        status, body = self._send("/load/plan", urllib.parse.urlencode(form).encode())
        found = re.search(r'name="nonce" value="([^"]+)"', body.decode())
        return found[1] if status == 200 and found else None

    def plan_kill(self) -> str | None:
        """The first step of killing the primary: the nonce for the second; None when it is refused."""
        status, body = self._send("/data/kill-primary/plan", b"")
        found = re.search(r'name="nonce" value="([^"]+)"', body.decode())
        return found[1] if status == 200 and found else None

    def confirm(self, nonce: str | None) -> int:
        """The second step; the status of the answer."""
        return self.post("/swarm/start", nonce=nonce)

    def until_loading(self, users: int) -> None:
        def loads() -> bool:
            row = self.row("swarm")
            return row.get("users") == users and (row.get("rps") or 0) > 1

        self.until(loads, seconds=180, what=f"{users} load users at work")

    def kill(self) -> None:
        """kill -9 of all its processes."""
        family = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        for each in family:
            each.kill()
        self.close()

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(STOP_S)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _send(self, path: str, body: bytes, headers: Mapping[str, str] = {}) -> tuple[int, bytes]:
        own = {"Origin": self._base, "Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
        request = urllib.request.Request(self._base + path, data=body, headers={**own, **headers})  # noqa: S310
        try:
            with self._opener.open(request, timeout=120) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()


class Lab:
    """A local cluster by itself, and as many dashboards on it as a test starts and kills."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.kubeconfig = folder / "cluster" / "kubeconfig"
        command = [sys.executable, "-m", "localcluster", "up", "--dir", str(folder / "cluster"), "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("ready")
        self._dashboards: list[Dashboard] = []

    def dashboard(self, *, kubeconfig: Path | None = None, data_dir: Path | None = None) -> Dashboard:
        """A new one, with the cluster's own kubeconfig and a data folder that all share unless told otherwise."""
        self._dashboards.append(Dashboard(kubeconfig or self.kubeconfig, data_dir or self._folder))
        return self._dashboards[-1]

    def kubectl(self, *arguments: str) -> str:
        return kubectl(self.kubeconfig, *arguments)

    def objects(self, kinds: str) -> list[dict[str, Any]]:
        """All of these kinds, in every namespace."""
        found: list[dict[str, Any]] = json.loads(self.kubectl("get", kinds, "-A", "-o", "json"))["items"]
        return found

    def programs(self, name: str) -> list[psutil.Process]:
        """The processes of this cluster's pods whose command line names `name`."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        return [each for each in family if _names(each, name)]

    def close_dashboards(self) -> None:
        for each in self._dashboards:
            if each.process.poll() is None:
                each.close()

    def close(self) -> None:
        self.close_dashboards()
        self.process.terminate()
        self.process.wait(STOP_S)
        assert self.process.stdout is not None
        self.process.stdout.close()


def _names(process: psutil.Process, name: str) -> bool:
    try:
        words = process.cmdline()
    except psutil.Error:
        return False
    return name in words and "unshare" not in words[0]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    made = Lab(tmp_path_factory.mktemp("lab"))
    yield made
    made.close()
