"""The command as a process: exit status, one JSON document, never a traceback, whatever goes wrong."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{{name: here, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: me, user: {{token: very-secret}}}}]
contexts: [{{name: here, context: {{cluster: here, user: me}}}}]
current-context: here
"""


NONE: Mapping[str, str] = {}


def surgeboard(*words: str, environ: Mapping[str, str] = NONE, folder: Path, program: list[str] | None = None) -> Any:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SURGEBOARD_", "KUBE"))}
    command = [*(program or [sys.executable, "-m", "dashboard"]), *words]
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=60,
        env={**clean, "SURGEBOARD_DATA_DIR": str(folder), "KUBECONFIG": str(folder / "none"), **environ},
    )  # fmt: skip
    assert "Traceback" not in ended.stderr
    assert "very-secret" not in ended.stdout + ended.stderr
    return ended


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of one who takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["deploy", "--frob"], 2, "unrecognized arguments"),
        (["deploy", "--revision", "0"], 2, "no revision"),
        (["deploy"], 2, "Say --yes"),
        (["teardown", "one"], 2, "--confirm"),
        (["status", "--kubeconfig", "nofile"], 2, "there is no such file"),
        (["status"], 1, "There is no cluster to speak to"),
    ],
)
def test_a_mistake_is_one_sentence_and_one_document(tmp_path: Path, words: list[str], status: int, told: str) -> None:
    ended = surgeboard(*words, "--json", folder=tmp_path)

    assert ended.returncode == status
    assert told in json.loads(ended.stdout)["error"]["sentence"]
    assert told in ended.stderr


def test_a_wrong_setting_is_wrong_usage(tmp_path: Path) -> None:
    ended = surgeboard("status", "--json", folder=tmp_path, environ={"SURGEBOARD_FROB": "1"})

    assert (ended.returncode, "SURGEBOARD_FROB" in json.loads(ended.stdout)["error"]["sentence"]) == (2, True)


def test_a_cluster_that_is_away_is_told_at_once(tmp_path: Path, silent: int) -> None:
    with socket.socket() as taken:  # bound and not listening: refuses
        taken.bind(("127.0.0.1", 0))
        for port, told in ((taken.getsockname()[1], "refuses connections"), (silent, "does not answer in time")):
            (tmp_path / "config").write_text(KUBECONFIG.format(port=port))
            ended = surgeboard("deploy", "--plan", "--json", "--kubeconfig", str(tmp_path / "config"), folder=tmp_path)

            assert ended.returncode == 1
            assert told in json.loads(ended.stdout)["error"]["sentence"]
            assert json.loads(ended.stdout)["error"]["status"] == 503
            assert f"cluster here at http://127.0.0.1:{port}" in ended.stderr.splitlines()[0]


def test_what_nobody_expected_is_a_sentence_too(tmp_path: Path) -> None:
    broken = (
        "from dashboard.cli import main, status\n"
        "import sys\n"
        "status.check = lambda arguments, terminal: 1 / 0\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    ended = surgeboard("status", "--json", folder=tmp_path, program=[sys.executable, "-c", broken])

    assert ended.returncode == 1
    assert "ZeroDivisionError" in json.loads(ended.stdout)["error"]["sentence"]


def test_a_reader_who_went_away_is_no_error(tmp_path: Path) -> None:
    telling = (
        "from dashboard.cli import main, status\n"
        "import sys\n"
        "status.check = lambda arguments, terminal: [terminal.tell('x' * 99999) for _ in range(99)]\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", telling, "status", "--data-dir", str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 1)


def test_a_terminal_without_unicode_gets_ascii(tmp_path: Path) -> None:
    ended = surgeboard("deploy", "--größe", "--json", folder=tmp_path, environ={"PYTHONIOENCODING": "ascii"})

    assert ended.returncode == 2
    assert "größe" in json.loads(ended.stdout)["error"]["sentence"]
