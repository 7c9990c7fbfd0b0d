"""`surgeboard deploy`, `status` and `teardown` as a person and as a script use them, on a local cluster.

One stack of one's own, from its plan to its end; the tests go on where the one before left off.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.cluster

SHOP = """
apiVersion: v1
kind: ConfigMap
metadata: {name: words, namespace: default}
data: {greeting: GREETING}
---
apiVersion: v1
kind: Secret
metadata: {name: till, namespace: default}
stringData: {pin: hunter-seventeen}
---
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: default}
spec: {selector: {app: shop}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: default}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: shop
          image: docker.io/library/python:3.12-slim
          command: [python3, -m, http.server, "8000", --bind, 0.0.0.0]
          ports: [{name: http, containerPort: 8000}]
          resources: {requests: {cpu: 20m, memory: 32Mi}, limits: {cpu: 200m, memory: 64Mi}}
          readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop, namespace: default}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  minReplicas: 1
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
"""

PROGRAM = [sys.executable, "-m", "dashboard"]


@dataclass
class Shell:
    """A data folder with a running local cluster, and a folder with the stack."""

    folder: Path

    def write(self, greeting: str) -> None:
        (self.folder / "shop" / "shop.yaml").write_text(SHOP.replace("GREETING", greeting))

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        """As a script runs it: no terminal anywhere."""
        ended = subprocess.run(
            [*PROGRAM, *words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            env=self.environ, timeout=90,
        )  # fmt: skip
        assert "Traceback" not in ended.stderr
        assert "hunter" not in ended.stdout + ended.stderr
        return ended

    def document(self, *words: str, status: int = 0) -> Any:
        """The document of a command that ends with `status`."""
        ended = self(*words, "--json")
        assert ended.returncode == status, ended.stderr
        return json.loads(ended.stdout)

    def kubectl(self, *words: str) -> str:
        program = Path(sys.executable).with_name("kubectl")
        command = [str(program), "--kubeconfig", str(self.folder / "cluster" / "kubeconfig"), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def versions(self) -> str:
        """Changes with every write to the stack's objects but to their status."""
        found = json.loads(self.kubectl("get", "configmap,secret,service,deployment,hpa", "-o", "json"))["items"]
        return str([(each["metadata"]["uid"], each["metadata"].get("generation"), each.get("data")) for each in found])

    @property
    def environ(self) -> dict[str, str]:
        return {
            **os.environ,
            "TERM": "xterm",
            "SURGEBOARD_DATA_DIR": str(self.folder),
            "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
        }


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("shell")
    command = [sys.executable, "-m", "localcluster", "up", "--dir", str(folder / "cluster"), "--port", "0"]
    cluster = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert cluster.stdout is not None
    assert cluster.stdout.readline().startswith("ready")
    (folder / "shop").mkdir()
    shell = Shell(folder)
    shell.write("hello")
    yield shell
    cluster.terminate()
    cluster.wait(40)
    cluster.stdout.close()


class Sitting:
    """A command on a terminal of its own, `columns` wide, with a person who types."""

    def __init__(self, shell: Shell, words: Sequence[str], *, columns: int) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            [*PROGRAM, *words], stdin=slave, stdout=slave, stderr=slave, env=shell.environ, start_new_session=True
        )
        os.close(slave)
        self.seen = ""

    def until(self, text: str) -> None:
        """Reads until the screen has shown it."""
        end = time.monotonic() + 60
        while text not in self.seen:
            assert time.monotonic() < end, f"{text!r} never came: {self.seen}"
            assert self._read(), f"{text!r} never came: {self.seen}"

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int:
        """Reads to the end; the exit status."""
        while self._read():
            pass
        os.close(self._master)
        return self.process.wait(60)

    def _read(self) -> bool:
        if not select.select([self._master], [], [], 60)[0]:
            return False
        try:
            self.seen += os.read(self._master, 65536).decode()
        except OSError:  # nobody holds the other end any more
            return False
        return True


def test_a_plan_changes_nothing(shell: Shell) -> None:
    document = shell.document("deploy", str(shell.folder / "shop"), "--plan")

    assert (document["action"], document["state"], document["bundles"]) == ("deploy", "planned", ["shop"])
    assert document["plan"]["counts"] == {"create": 5}
    assert document["revisions"] == {"shop": None}
    assert "shop" not in shell.kubectl("get", "deployment,namespace", "-o", "name")


def test_a_script_deploys_and_a_second_time_sends_nothing(shell: Shell) -> None:
    first = shell.document("deploy", str(shell.folder / "shop"), "--yes")
    before = shell.versions()
    second = shell.document("deploy", str(shell.folder / "shop"), "--yes")

    assert first["state"] == second["state"] == "done"
    assert {step["object"]["kind"]: step["result"] for step in first["steps"]}["Deployment"] == "ready"
    assert {step["result"] for step in second["steps"]} == {"unchanged", "ready"}
    assert second["plan"]["counts"] == {"unchanged": 5}
    assert second["revisions"]["shop"] == first["revisions"]["shop"]
    assert first["revisions"]["shop"]["number"] == 1
    assert shell.versions() == before


def test_what_was_deployed_from_a_path_has_a_status(shell: Shell) -> None:
    ended = shell("status", "--json")
    rows = {row["name"]: row for row in json.loads(ended.stdout)["bundles"]}

    assert rows["mongodb"]["state"] == "absent"
    assert (rows["shop"]["total"], rows["shop"]["revision"]["number"]) == (5, 1)


def test_drift_says_who_changed_what(shell: Shell) -> None:
    shell.kubectl("patch", "configmap", "words", "-p", '{"data": {"greeting": "changed"}}', "--field-manager=me")
    ended = shell("status", str(shell.folder / "shop"), "--drift", "--history")

    assert ended.returncode == 1
    assert "me at " in ended.stdout
    assert "- data.greeting: changed" in ended.stdout
    assert "+ data.greeting: hello" in ended.stdout


def test_a_conflict_is_settled_only_on_a_word(shell: Shell) -> None:
    shell.write("ciao")
    refused = shell.document("deploy", str(shell.folder / "shop"), "--yes", status=1)
    taken = shell.document("deploy", str(shell.folder / "shop"), "--yes", "--take-over", "ConfigMap/default/words")

    assert (refused["state"], refused["started_at"]) == ("failed", None)
    assert "me owns data.greeting" in refused["error"]["sentence"]
    assert taken["revisions"]["shop"]["number"] == 2
    assert shell.kubectl("get", "configmap", "words", "-o", "jsonpath={.data.greeting}") == "ciao"


def test_an_earlier_revision_comes_back_by_its_number(shell: Shell) -> None:
    document = shell.document("deploy", "shop", "--revision", "1", "--yes")

    assert (document["action"], document["state"]) == ("roll back", "done")
    assert document["revisions"]["shop"]["rolled_back_from"] == 1
    assert shell.kubectl("get", "configmap", "words", "-o", "jsonpath={.data.greeting}") == "hello"
    assert "kept are" in shell.document("deploy", "shop", "--revision", "77", "--yes", status=1)["error"]["sentence"]


def test_a_person_is_asked_and_sees_a_bar(shell: Shell) -> None:
    path = str(shell.folder / "shop")
    shell.write("salut")
    no = Sitting(shell, ["deploy", path], columns=60)
    no.until("[y/N] ")
    no.type("n\n")
    assert (no.end(), "Nothing was applied." in no.seen) == (1, True)

    yes = Sitting(shell, ["deploy", path], columns=60)
    yes.until("[y/N] ")
    yes.type("y\n")
    assert yes.end() == 0
    drawn = [line.split("\x1b[K")[0] for line in yes.seen.split("\r") if line.startswith("[")]
    assert any("/5 " in line for line in drawn)
    assert all(len(line) < 60 for line in drawn)
    assert "\x1b[32m" in yes.seen
    assert shell.kubectl("get", "configmap", "words", "-o", "jsonpath={.data.greeting}") == "salut"


def test_a_signal_stops_after_the_object_at_hand(shell: Shell) -> None:
    shell.kubectl("delete", "deployment", "shop")
    sitting = Sitting(shell, ["deploy", str(shell.folder / "shop"), "--yes"], columns=100)
    sitting.until("Deployment default/shop created")
    sitting.process.send_signal(signal.SIGTERM)

    assert sitting.end() == 1
    assert "stopping after the object at hand" in sitting.seen
    assert "What is applied stays; deploy again to complete it." in sitting.seen
    assert shell("deploy", str(shell.folder / "shop"), "--yes").returncode == 0


def test_a_teardown_wants_the_very_name(shell: Shell) -> None:
    before = shell.versions()

    assert shell.document("teardown", "shop", "--confirm", "shopp", status=2).keys() == {"error"}
    typing = Sitting(shell, ["teardown", "shop"], columns=80)
    typing.until("Type shop")
    typing.type("sho\n")
    assert typing.end() == 2
    assert shell.versions() == before


def test_a_teardown_deletes_what_it_showed_and_keeps_secrets(shell: Shell) -> None:
    document = shell.document("teardown", "shop", "--confirm", "shop")

    assert (document["state"], document["bundles"]) == ("done", ["shop"])
    assert [each["id"] for each in document["removal"]["stays"]] == ["Secret/default/till"]
    assert shell.kubectl("get", "deployment,service,hpa", "-l", "!component", "-o", "name") == ""
    assert "secret/till" in shell.kubectl("get", "secret", "-o", "name")
    assert shell("teardown", "shop", "--confirm", "shop").returncode == 0
    assert shell.document("status", "shop", status=1)["bundles"][0]["state"] == "absent"
