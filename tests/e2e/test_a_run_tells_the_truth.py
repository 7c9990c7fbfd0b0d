"""What a run holds when master, workers, dashboard, command or API server go away; and whether all count the same."""

from __future__ import annotations

import contextlib
import json
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from dashboard.runs.archive import FILE_NAME, Archive

pytestmark = pytest.mark.cluster

USERS = 6
GONE_S = 60


@pytest.fixture(scope="module")
def stack(lab: Any) -> Any:
    """The cluster with the stack on it, and no dashboard."""
    made = lab.dashboard()
    assert made.deploy()["state"] == "done"
    made.close()
    return lab


@pytest.fixture(autouse=True)
def no_dashboard_stays(lab: Any) -> Iterator[None]:
    """Each test knows who follows its swarm."""
    yield
    lab.close_dashboards()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """The runs of the dashboards of this test."""
    kept = Archive(tmp_path / FILE_NAME)
    yield kept
    kept.close()


def started(dashboard: Any, **form: Any) -> str:
    """The id of a swarm that loads."""
    asked = {"users": USERS, "spawn_rate": 20, "duration_s": 120, **form}
    assert dashboard.confirm(dashboard.plan_swarm(**asked)) == 200
    dashboard.until_loading(USERS)
    return str(dashboard.row("swarm")["id"])


def killed(processes: list[psutil.Process]) -> None:
    assert processes
    for each in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()


def assert_no_load(stack: Any) -> None:
    _, left = psutil.wait_procs(stack.programs("swarm.worker"), timeout=GONE_S)
    assert left == []


def until_failed(dashboard: Any) -> str:
    """The sentence it ends with."""
    dashboard.until(lambda: dashboard.row("swarm")["state"] == "failed", seconds=180, what="failed")
    row = dashboard.row("swarm")
    assert (row["users"], row["rps"]) == (0, 0.0)
    return str(row["error"])


def test_the_master_is_killed(stack: Any, archive: Archive, tmp_path: Path) -> None:
    dashboard = stack.dashboard(data_dir=tmp_path)
    swarm_id = started(dashboard)

    killed(stack.programs("swarm.master"))

    assert "master's pod has ended" in until_failed(dashboard)
    assert_no_load(stack)
    assert stack.kubectl("-n", "load", "get", "jobs", "-o", "name") == ""
    run = archive.of_swarm(swarm_id)
    assert run is not None
    dashboard.until(lambda: of(archive, swarm_id)["swarm_state"] == "failed", seconds=60, what="recorded")
    document = archive.document(run["run_id"])
    assert "master's pod has ended" in document["swarm_error"]
    assert document["requests"] > 0
    assert max(each["users"] or 0 for each in document["samples"]) == USERS


def test_all_workers_are_killed(stack: Any, archive: Archive, tmp_path: Path) -> None:
    dashboard = stack.dashboard(data_dir=tmp_path)
    swarm_id = started(dashboard, workers=2)

    # What is killed comes again, as of any Job; whoever kills them for good is faster than that.
    over = threading.Event()

    def kill_them_all() -> None:
        while not over.wait(0.1):
            for each in stack.programs("swarm.worker"):
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()

    killing = threading.Thread(target=kill_them_all)
    killing.start()
    try:
        sentence = until_failed(dashboard)
    finally:
        over.set()
        killing.join()

    assert "all workers are gone" in sentence
    assert_no_load(stack)
    dashboard.until(lambda: of(archive, swarm_id)["swarm_state"] == "failed", seconds=60, what="recorded")
    document = archive.document(of(archive, swarm_id)["run_id"])
    assert "all workers are gone" in document["swarm_error"]
    assert document["totals"]["exact"] is False
    assert document["totals"]["workers_lost"] >= 2


def test_the_dashboard_is_killed(stack: Any, archive: Archive, tmp_path: Path) -> None:
    dashboard = stack.dashboard(data_dir=tmp_path)
    swarm_id = started(dashboard)
    time.sleep(2)
    dashboard.kill()

    following = stack.dashboard(data_dir=tmp_path)
    following.until_loading(USERS)

    first, second = sorted(each["run_id"] for each in archive.list() if each["swarm_id"] == swarm_id)
    assert archive.get(first)["state"] == "interrupted"
    assert archive.get(second)["state"] == "recording"
    assert [each for each in archive.document(first)["samples"] if each["users"] == USERS]

    assert following.post("/swarm/stop") == 200
    following.until(lambda: of(archive, swarm_id)["swarm_state"] == "stopped", seconds=90, what="stopped")
    assert_no_load(stack)


def test_the_api_server_is_restarted(stack: Any, archive: Archive, tmp_path: Path) -> None:
    port = urlsplit(server_in(stack.kubeconfig)).port
    assert port
    door = Door(port)
    kubeconfig = tmp_path / "kubeconfig"
    text = stack.kubeconfig.read_text(encoding="utf-8")
    kubeconfig.write_text(text.replace(server_in(stack.kubeconfig), f"https://127.0.0.1:{door.port}"))
    dashboard = stack.dashboard(kubeconfig=kubeconfig, data_dir=tmp_path)
    swarm_id = started(dashboard)
    time.sleep(2)

    door.shut()
    since = time.time() * 1000
    time.sleep(8)
    until = time.time() * 1000
    door.open()

    dashboard.until_loading(USERS)
    dashboard.until(lambda: dashboard.row("connection", "cluster")["state"] == "live", seconds=90, what="live")
    time.sleep(2)
    assert dashboard.post("/swarm/stop") == 200
    dashboard.until(lambda: dashboard.row("swarm")["state"] == "stopped", seconds=90, what="stopped")
    row = dashboard.row("swarm")
    dashboard.until(lambda: of(archive, swarm_id)["swarm_state"] == "stopped", seconds=60, what="recorded")
    door.shut()

    document = archive.document(of(archive, swarm_id)["run_id"])
    samples = document["samples"]
    settled = 4000  # what was asked before the door shut may yet be answered, or time out
    away = [each for each in samples if since + settled < each["t"] < until]
    assert away
    assert {each[name] for each in away for name in ("users", "rps", "p95_ms", "failed_percent")} == {None}
    assert [each["users"] for each in samples if each["t"] < since][-1] == USERS
    assert [each for each in samples if each["t"] > until and each["users"] == USERS]
    # The master counted on while nobody could ask it.
    assert document["requests"] == row["requests"] == sum(each["requests"] for each in document["endpoints"])


def test_everyone_counts_the_same(stack: Any) -> None:
    program = Path(__file__).resolve().parents[2] / "benchmarks" / "bench_exact.py"
    command = [sys.executable, str(program), "--users", "20", "--duration", "15", "--workers", "1"]
    ended = subprocess.run(
        [*command, "--kubeconfig", str(stack.kubeconfig)], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    table = r"^  (the page|the run|the report|Locust itself|the app's counter) +([0-9,]+) "
    counted = re.findall(table, ended.stdout, re.MULTILINE)
    assert len(counted) == 5, ended.stdout
    assert len({count for _, count in counted}) == 1


def test_the_command_that_follows_is_told_to_end(stack: Any, archive: Archive, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dashboard", "swarm", "start", "--wait", "--yes", "--json", "--users", str(USERS)]
    where = ["--kubeconfig", str(stack.kubeconfig), "--data-dir", str(tmp_path)]
    with subprocess.Popen([*command, *where], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        began = time.monotonic()
        while not [each for each in archive.list() if (each["peak_users"] or 0) == USERS]:
            assert time.monotonic() - began < 180
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        told, said = process.communicate(timeout=120)

    assert process.returncode == 1, said
    document = json.loads(told)
    assert (document["state"], document["swarm"]["users"]) == ("stopped", 0), said
    assert stack.programs("swarm.worker") == []
    run = archive.document(document["swarm"]["run_id"])
    assert (run["swarm_state"], run["requests"]) == ("stopped", document["swarm"]["requests"])


def of(archive: Archive, swarm_id: str) -> dict[str, Any]:
    return archive.of_swarm(swarm_id) or {"swarm_state": None}


def server_in(kubeconfig: Path) -> str:
    found = re.search(r"server: \"?(https://[^\s\"]+)", kubeconfig.read_text(encoding="utf-8"))
    assert found
    return found[1]


class Door:
    """A port that leads to the API server. Shut, nobody answers there, and who was in is thrown out."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self.port = 0
        self.open()

    def open(self) -> None:
        self._shut = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._let_in, args=(self._listening, self._shut), daemon=True)
        self._thread.start()

    def shut(self) -> None:
        self._shut.set()
        self._thread.join()

    def _let_in(self, listening: socket.socket, shut: threading.Event) -> None:
        pairs: dict[socket.socket, socket.socket] = {}
        while not shut.is_set():
            ready, _, _ = select.select([listening, *pairs], [], [], 0.1)
            for each in ready:
                if each is listening:
                    inner, outer = socket.create_connection(("127.0.0.1", self._behind)), listening.accept()[0]
                    pairs |= {inner: outer, outer: inner}
                elif each in pairs and not passed_on(each, pairs[each]):
                    for one in (each, pairs[each]):
                        del pairs[one]
                        one.close()
        for each in (listening, *pairs):
            each.close()


def passed_on(source: socket.socket, sink: socket.socket) -> bool:
    try:
        data = source.recv(65536)
        sink.sendall(data)
    except OSError:
        return False
    return bool(data)
