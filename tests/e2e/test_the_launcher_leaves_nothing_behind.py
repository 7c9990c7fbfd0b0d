"""`surgeboard up`: refusals in one sentence, and no process left when it is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest


def test_a_taken_port_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "dashboard", "up", "--port", str(port), "--data-dir", str(tmp_path)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert ended.stderr == (
        f"surgeboard: port {port} is taken; stop what listens there or choose another with --port.\n"
    )


def test_a_wrong_setting_is_usage(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dashboard", "up", "--data-dir", str(tmp_path)]
    environment = {**os.environ, "SURGEBOARD_HOST": "0.0.0.0"}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    assert ended.returncode == 2
    assert "SURGEBOARD_HOST" in ended.stderr


@pytest.mark.cluster
def test_kill_minus_nine_of_the_launcher_ends_cluster_dashboard_and_pods(up: Any) -> None:
    up.kubectl("create", "deployment", "idle", "--image=busybox", "--", "sleep", "3600")
    up.kubectl("rollout", "status", "deployment/idle", "--timeout=60s")
    family = psutil.Process(up.process.pid).children(recursive=True)
    assert any("sleep" in each.name() for each in family)

    up.process.send_signal(signal.SIGKILL)
    up.process.wait()

    deadline = time.monotonic() + 30
    while any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in family):
        assert time.monotonic() < deadline, [each for each in family if each.is_running()]
        time.sleep(0.1)
