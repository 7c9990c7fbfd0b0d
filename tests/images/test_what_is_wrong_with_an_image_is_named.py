"""What `make images-check` looks for is found in an image that has it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.images import inside

BASE: dict[str, Any] = {"config": {}, "rootfs": {"diff_ids": ["a"]}}
LABELS = {f"org.opencontainers.image.{each}": "x" for each in inside.LABELS}
GOOD: dict[str, Any] = {
    "config": {"User": "10001:10001", "StopSignal": "SIGTERM", "Labels": LABELS, "Env": ["PATH=/opt"]},
    "rootfs": {"diff_ids": ["a", "b", "c"]},
}


def test_a_good_configuration_is_good() -> None:
    assert list(inside.of_config(GOOD, BASE)) == []


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("User", "root", "runs as 'root'"),
        ("StopSignal", None, "STOPSIGNAL"),
        ("Healthcheck", {"Test": ["CMD"]}, "HEALTHCHECK"),
        ("Labels", {}, "no label title"),
        ("Env", ["MONGODB_PASSWORD=x"], "mongodb_password"),
    ],
)
def test_a_fault_in_the_configuration_is_named(field: str, value: Any, said: str) -> None:
    wrong = copy.deepcopy(GOOD)
    wrong["config"][field] = value
    assert any(said in each for each in inside.of_config(wrong, BASE))


def test_more_layers_than_needed_are_named() -> None:
    wrong = {**GOOD, "rootfs": {"diff_ids": [*"abcd"]}}
    assert list(inside.of_config(wrong, BASE)) == ["adds 3 layers"]


def test_faults_in_the_files_are_named(tmp_path: Path) -> None:
    module = tmp_path / "opt/surgeboard/app.py"
    module.parent.mkdir(parents=True)
    module.touch(mode=0o666)
    module.chmod(0o666)
    pip = tmp_path / "opt/venv/bin/pip"
    pip.parent.mkdir(parents=True)
    pip.touch(mode=0o755)
    cached = tmp_path / "root/.cache/pip"
    cached.mkdir(parents=True)

    told = "\n".join(inside.of_files(tmp_path, needed=("opt/venv/bin/gunicorn",)))

    for fault in (
        "lacks opt/venv/bin/gunicorn",
        "pip is left",
        "/root/.cache is not empty",
        "-rw-rw-rw-",
        "not compiled",
    ):
        assert fault in told
