"""`surgeboard story`: on the file of a data folder, without any cluster."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard import cli
from dashboard.story.archive import FILE_NAME, StoryArchive


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def said(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def run(*words: str) -> tuple[int, str, str]:
        status = cli.main(["story", *words, "--data-dir", str(data_dir)])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def kept(data_dir: Path) -> None:
    archive = StoryArchive(data_dir / FILE_NAME)
    for cluster, at in (("older", datetime(2026, 11, 22, tzinfo=UTC)), ("newer", datetime(2026, 11, 23, tzinfo=UTC))):
        archive.seen(cluster, server=f"https://{cluster}", at=at)
        pods = [("Pod", f"guestbook-7d9f86b5c4-{pod}") for pod in ("x2kqp", "m4dzt")]
        archive.write(cluster, [
            {"id": "s", "t": "2026-11-23T05:00:00.000Z", "kind": "scaled", "text": f"guestbook 1 → 3 on {cluster}."},
            {"id": "n", "t": "2026-11-23T05:00:01.000Z", "kind": "normal", "text": "It starts.", "quiet": True},
            *({"id": name, "t": "2026-11-23T05:00:02.000Z", "kind": "warning", "reason": "Unhealthy",
               "text": f"{name} fails.", "object": {"kind": kind, "namespace": "flask", "name": name}}
              for kind, name in pods),
        ])  # fmt: skip
    archive.close()


def test_it_is_told_oldest_first_and_folded(kept: None, said: Any) -> None:
    status, out, err = said()
    assert status == 0
    assert out.splitlines() == [
        "2026-11-23T05:00:00Z  scaled      guestbook 1 → 3 on newer.",
        "2026-11-23T05:00:02Z  warning     guestbook-7d9f86b5c4-x2kqp fails. (× 2, on pods of guestbook)",
    ]
    assert "https://newer" in err


def test_options_narrow_and_json_is_one_document(kept: None, said: Any) -> None:
    for words, ids in (
        (["--kind", "scaled"], ["s"]),
        (["--routine", "--text", "starts"], ["n"]),
        (["--object", "m4dzt", "--namespace", "flask"], ["guestbook-7d9f86b5c4-m4dzt"]),
        (["--since", "2026-11-23T05:00:02"], ["guestbook-7d9f86b5c4-x2kqp", "guestbook-7d9f86b5c4-m4dzt"]),
        (["--since", "1s"], []),
        (["--limit", "1"], ["guestbook-7d9f86b5c4-x2kqp"]),
    ):
        status, out, _ = said(*words, "--json")
        document = json.loads(out)
        assert (status, [entry["id"] for entry in document["entries"]]) == (0, ids), words
        assert document["cluster"] == "newer"


def test_without_a_story_nothing_is_made(data_dir: Path, said: Any) -> None:
    status, _, err = said()
    assert status == 1
    assert "No story is kept" in err
    assert not data_dir.exists()


@pytest.mark.parametrize("words", [("--since", "yesterday"), ("--text", "x" * 201), ("--limit", "0x")])
def test_nonsense_is_wrong_usage(kept: None, said: Any, words: tuple[str, ...]) -> None:
    assert said(*words)[0] == 2
