"""Folders of manifests, made from text."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write("shop", {"a.yaml": text})` makes the folder and its files, also in sub-folders."""

    def make(folder: str, files: dict[str, str]) -> Path:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (tmp_path / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / name).write_text(text, encoding="utf-8")
        return tmp_path / folder

    return make


class Kubectl:
    """Stands for the process: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.answer = ""
        self.says = ""
        self.fails: Exception | None = None

    def __call__(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        self.asked.append(list(command))
        if self.fails:
            raise self.fails
        return subprocess.CompletedProcess(list(command), 1 if self.says else 0, self.answer, self.says)


@pytest.fixture
def kubectl() -> Kubectl:
    return Kubectl()


def config_map(name: str = "one", namespace: str | None = "shop", comment: str = "") -> str:
    """A small object as YAML text."""
    where = f", namespace: {namespace}" if namespace else ""
    told = f"# {comment}\n" if comment else ""
    return f"{told}apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}{where}}}\n"


@pytest.fixture(name="config_map")
def _config_map() -> Callable[..., str]:
    return config_map
