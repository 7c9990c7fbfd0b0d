"""docs/commands.md against the code: every command, every option, every key of the documents."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

import pytest

from dashboard import cli
from dashboard.cli.options import ASSERT_NAMES

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "commands.md").read_text(encoding="utf-8")


def commands() -> dict[str, argparse.ArgumentParser]:
    found = [each for each in cli._parser()._actions if isinstance(each, argparse._SubParsersAction)]
    return dict(found[0].choices)


def test_every_command_is_in_the_table() -> None:
    assert set(re.findall(r"^\| `surgeboard ([a-z]+)", TEXT, re.MULTILINE)) == set(commands())


@pytest.mark.parametrize("command", ["deploy", "teardown", "status", "rehearse", "swarm", "why"])
def test_every_option_is_told(command: str) -> None:
    options = {option for action in commands()[command]._actions for option in action.option_strings}

    assert {each for each in options if each.startswith("--") and f"`{each}" not in TEXT} - {"--help"} == set()


def test_every_key_of_a_deploys_document_is_told(asked: Any) -> None:
    ended = asked("deploy", "one", "--yes", "--json")

    assert keys_of("`deploy`:") == set(ended.document)


def test_every_key_of_a_teardowns_document_is_told(asked: Any) -> None:
    ended = asked("teardown", "one", "--confirm", "one", "--json")
    line = next(line for line in TEXT.splitlines() if line.startswith("`teardown`: "))

    assert set(re.findall(r"`([a-z_]+)`", line.partition("(")[0])) - {"teardown"} == set(ended.document)


def keys_of(heading: str) -> set[str]:
    """The keys in the first column of the table below a heading."""
    table = TEXT.partition(f"\n{heading}\n")[2].strip().split("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines()[2:]]
    return {key for row in rows for key in re.findall(r"`([a-z_]+)`", row)}


def test_every_name_of_an_assertion_is_told() -> None:
    section = TEXT.partition("\n## rehearse\n")[2].partition("\n## ")[0]

    assert [name for name in ASSERT_NAMES if f"`{name}`" not in section] == []
