"""logs, exec, attach, cp and port-forward: what goes on inside containers."""

from __future__ import annotations

import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

Kubectl = Any
pytestmark = pytest.mark.cluster

PODS = """\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: main
      image: python:3
      command: [python3, -u, -m, http.server, --bind, 0.0.0.0, "8000"]
      ports: [{containerPort: 8000}]
      readinessProbe: {httpGet: {port: 8000, path: /etc/hostname}, periodSeconds: 1}
    - name: side
      image: busybox:1
      command: [sh, -c, "echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three; touch /tmp/told; sleep 3600"]
      readinessProbe: {exec: {command: [test, -e, /tmp/told]}, periodSeconds: 1}
---
apiVersion: v1
kind: Pod
metadata: {name: failing}
spec:
  containers: [{name: main, image: "busybox:1", command: [sh, -c, "echo bye from $HOSTNAME; exit 3"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: prepared}
spec:
  terminationGracePeriodSeconds: 0
  initContainers:
    - {name: first, image: "busybox:1", command: [echo, prepared]}
    - {name: beside, image: "busybox:1", restartPolicy: Always, command: [sh, -c, "echo beside; sleep 3600"]}
  containers: [{name: main, image: "busybox:1", command: [sh, -c, "echo main; sleep 3600"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: listening}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - {name: main, image: "busybox:1", stdin: true, command: [sh, -c, "while read line; do echo heard $line; done"]}
"""


@pytest.fixture(scope="module")
def pods(shared: Kubectl) -> Kubectl:
    """A namespace with pods that talk, fail and listen."""
    shared("apply", "-f", "-", stdin=PODS)
    shared("wait", "--for=condition=Ready", "pod/web", "pod/listening", "pod/prepared", "--timeout=90s")
    return shared


def test_logs_of_one_container(pods: Kubectl) -> None:
    assert pods("logs", "web", "-c", "side") == "one\ntwo\nthree\n"
    assert pods("logs", "web", "-c", "side", "--tail=1") == "three\n"
    assert pods("logs", "web", "-c", "side", "--since=1h", "--limit-bytes=3") == "one"
    assert "container nope is not valid" in pods("logs", "web", "-c", "nope", fails=True)


def test_logs_of_init_containers_and_sidecars(pods: Kubectl) -> None:
    assert pods("logs", "prepared", "-c", "first") == "prepared\n"
    told = pods("logs", "prepared", "--all-containers", "--prefix")
    for line in ("[pod/prepared/first] prepared\n", "[pod/prepared/beside] beside\n", "[pod/prepared/main] main\n"):
        assert line in told
    assert "must be greater than 0" in pods(
        "get", "--raw", f"/api/v1/namespaces/{pods.namespace}/pods/prepared/log?container=main&sinceSeconds=0",
        fails=True,
    )  # fmt: skip


def test_logs_of_a_pod_without_a_node_are_empty(pods: Kubectl) -> None:
    pods("run", "homeless", "--image=busybox:1", '--overrides={"spec": {"nodeSelector": {"not": "here"}}}')
    assert pods("logs", "homeless") == ""


def test_logs_with_times(pods: Kubectl) -> None:
    first = pods("logs", "web", "-c", "side", "--timestamps").splitlines()[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z one", first)
    assert pods("logs", "web", "-c", "side", f"--since-time={first.split()[0][:19]}Z").startswith("one\n")
    assert pods("logs", "web", "-c", "side", "--since-time=2099-01-01T00:00:00Z") == ""


def test_logs_of_many_pods(pods: Kubectl) -> None:
    told = pods("logs", "-l", "app=web", "--all-containers", "--prefix", "--tail=1")
    assert "[pod/web/side] three\n" in told
    assert told.count("/main] ") == 3
    assert "started" in pods("logs", "deployment/web")


def test_logs_of_the_run_before(pods: Kubectl) -> None:
    pods("wait", "--for=jsonpath={.status.containerStatuses[0].restartCount}=1", "pod/failing", "--timeout=60s")
    assert pods("logs", "failing", "--previous") == "bye from failing\n"
    assert "previous terminated container" in pods("logs", "web", "-c", "side", "--previous", fails=True)


def test_logs_follow_to_the_end(pods: Kubectl) -> None:
    pods(
        "run",
        "counting",
        "--image=busybox:1",
        "--restart=Never",
        "--",
        "sh",
        "-c",
        "for i in 1 2 3; do echo $i; sleep 0.2; done",
    )
    pods("wait", "--for=jsonpath={.status.containerStatuses[0].state.running}", "pod/counting", "--timeout=90s")
    assert pods("logs", "-f", "counting") == "1\n2\n3\n"


def test_exec_passes_outputs_and_exit_codes(pods: Kubectl) -> None:
    told = pods("exec", "web", "-c", "side", "--", "sh", "-c", "echo out; echo err >&2; exit 7", fails=7)
    assert "out\n" in told
    assert "err\n" in told
    assert "command terminated with exit code 7" in told
    assert pods("exec", "web", "-c", "side", "--", "hostname") == "web\n"


def test_exec_passes_input_of_any_size(pods: Kubectl) -> None:
    text = "line of input\n" * 50_000
    assert pods("exec", "-i", "deploy/web", "--", "wc", "-c", stdin=text).strip() == str(len(text))
    assert pods("exec", "-i", "web", "-c", "side", "--", "cat", stdin=text) == text


def test_exec_tells_what_it_cannot_run(pods: Kubectl) -> None:
    told = pods("exec", "web", "-c", "side", "--", "no-such-program", fails=1)
    assert 'exec: "no-such-program": executable file not found in $PATH' in told
    assert '(NotFound): pods "nope" not found' in pods("exec", "nope", "--", "true", fails=True)
    assert "container nope is not valid" in pods("exec", "web", "-c", "nope", "--", "true", fails=True)
    assert "container not found" in pods("exec", "failing", "--", "true", fails=True)


def test_attach_hears_and_speaks(pods: Kubectl) -> None:
    with pods.running("attach", "-i", "-q", "listening", stdin="hello\n") as lines:
        assert lines.readline() == "heard hello\n"
    pods("run", "echoing", "-i", "--quiet", "--image=busybox:1", "--restart=Never", "--", "cat", stdin="hello\n")
    assert pods("logs", "echoing") == "hello\n"


def test_cp_copies_both_ways(pods: Kubectl, tmp_path: Path) -> None:
    (tmp_path / "here").write_text("content")
    pods("cp", "-c", "side", tmp_path / "here", "web:/tmp/there")
    assert pods("exec", "web", "-c", "side", "--", "cat", "/tmp/there") == "content"
    pods("cp", "-c", "side", "web:/tmp/there", tmp_path / "back")
    assert (tmp_path / "back").read_text() == "content"


def _forwarded(line: str) -> str:
    found = re.search(r"127\.0\.0\.1:(\d+)", line)
    assert found, line
    return f"http://127.0.0.1:{found[1]}"


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - always http
        body: bytes = answer.read()
        return body


def test_port_forward_reaches_a_pod_many_times_at_once(pods: Kubectl) -> None:
    with pods.running("port-forward", "pod/web", ":8000") as lines, ThreadPoolExecutor(4) as pool:
        url = _forwarded(lines.readline())
        assert _fetch(f"{url}/etc/hostname") == b"web\n"
        large = list(pool.map(_fetch, [f"{url}/bin/sh"] * 8))
        assert len(set(large)) == 1
        assert len(large[0]) > 50_000


def test_port_forward_tells_that_nobody_listens(pods: Kubectl) -> None:
    with pods.running("port-forward", "pod/web", ":8001") as lines:
        url = _forwarded(lines.readline())
        with pytest.raises(OSError, match=r"reset|refused|closed"):
            _fetch(url)
        assert "connection refused" in lines.read()


def test_proxy_serves_the_api_on_a_local_port(pods: Kubectl) -> None:
    with pods.running("proxy", "--port=0") as lines:
        found = re.search(r"127\.0\.0\.1:\d+", lines.readline())
        assert found
        path = f"/api/v1/namespaces/{pods.namespace}/pods/web:8000/proxy/etc/hostname"
        assert _fetch(f"http://{found[0]}{path}") == b"web\n"
