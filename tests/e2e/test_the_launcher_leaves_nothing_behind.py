"""`surgeboard up`: refusals in one sentence, and no process left when it is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

FREE_PORT = 18_765
"""Never listened on: what is refused is refused before."""


def surgeboard(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dashboard", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_a_taken_port_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "dashboard", "up", "--port", str(port), "--data-dir", str(tmp_path)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert ended.stderr == (
        f"surgeboard: port {port} is taken; stop what listens there or choose another with --port.\n"
    )


def test_a_taken_port_of_the_api_names_the_option_that_chooses_another(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = surgeboard("up", "--port", str(FREE_PORT), "--api-port", str(port), "--data-dir", str(tmp_path))

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"surgeboard: port {port}, where the local cluster's API server would listen, is ")
    assert "--api-port" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--context", "prod"], "give --kubeconfig too"),
        (["--kubeconfig", "/does/not/exist"], "there is no such file"),
        (["--data-dir", "/proc/none"], "cannot be written"),
    ],
)
def test_what_cannot_work_is_told_in_one_line(arguments: list[str], told: str, tmp_path: Path) -> None:
    ended = surgeboard("up", "--port", str(FREE_PORT), "--data-dir", str(tmp_path), *arguments)

    assert ended.returncode != 0
    assert told in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_kubeconfig_that_is_none_is_told_without_a_traceback(tmp_path: Path) -> None:
    for text in ("", "{not yaml: [", "- a", "kind: Config"):
        (tmp_path / "config").write_text(text)
        ended = surgeboard(
            "serve", "--port", str(FREE_PORT), "--data-dir", str(tmp_path), "--kubeconfig", str(tmp_path / "config")
        )

        assert ended.returncode == 1, ended.stderr
        assert "cannot use kubeconfig" in ended.stderr, text
        assert "Traceback" not in ended.stderr


def test_a_wrong_setting_is_usage(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dashboard", "up", "--data-dir", str(tmp_path)]
    environment = {**os.environ, "SURGEBOARD_HOST": "0.0.0.0"}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    assert ended.returncode == 2
    assert "SURGEBOARD_HOST" in ended.stderr


@pytest.mark.cluster
@pytest.mark.parametrize("phase", ["starting the local cluster", "starting the dashboard", "Sign in"])
def test_a_signal_ends_it_in_order_in_every_phase(phase: str, free_port: Callable[[], int], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dashboard", "up", "--port", str(free_port()), "--api-port", "0"]
    with subprocess.Popen(
        [*command, "--data-dir", str(tmp_path)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if phase in line)
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()

        assert process.wait(60) == 0
    assert "Traceback" not in said + rest
    assert [each for each in family if each.is_running()] == []


@pytest.mark.cluster
def test_its_terminal_is_quiet_and_the_cluster_keeps_a_log(up: Any) -> None:
    said = up.log.read_text().splitlines()

    assert [line for line in said if not line.lower().startswith("surgeboard")] == []
    assert (up.data_dir / "cluster" / "log").exists()


@pytest.mark.cluster
def test_kill_minus_nine_of_the_launcher_ends_cluster_dashboard_and_pods(up: Any) -> None:
    up.kubectl("create", "deployment", "idle", "--image=busybox", "--", "sleep", "3600")
    up.kubectl("rollout", "status", "deployment/idle", "--timeout=180s")
    family = psutil.Process(up.process.pid).children(recursive=True)
    assert any("sleep" in each.name() for each in family)

    up.process.send_signal(signal.SIGKILL)
    up.process.wait()

    deadline = time.monotonic() + 30
    while any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in family):
        assert time.monotonic() < deadline, [each for each in family if each.is_running()]
        time.sleep(0.1)
