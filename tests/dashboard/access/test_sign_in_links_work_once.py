"""A link works once; the next one is in the file, which only its owner reads."""

from __future__ import annotations

import stat
from pathlib import Path

from dashboard.access.links import FILE_NAME, SignInLinks


def token(url: str) -> str:
    return url.strip().partition("token=")[2]


def test_it_redeems_a_link_once_and_writes_the_next(tmp_path: Path) -> None:
    links = SignInLinks("http://127.0.0.1:8080", tmp_path / "data")
    first = links.renew()
    assert links.redeem(token(first))
    assert not links.redeem(token(first))
    second = (tmp_path / "data" / FILE_NAME).read_text()
    assert min(len(token(first)), len(token(second))) >= 43, "256 random bits"
    assert second.startswith("http://127.0.0.1:8080/sign-in?token=")
    assert links.redeem(token(second))


def test_it_keeps_the_link_when_a_wrong_one_is_tried(tmp_path: Path) -> None:
    links = SignInLinks("http://127.0.0.1:8080", tmp_path)
    url = links.renew()
    assert not links.redeem("")
    assert not links.redeem("x" * 43)
    assert not links.redeem("naïve")
    assert links.redeem(token(url))


def test_it_lets_nobody_in_before_a_link_was_made(tmp_path: Path) -> None:
    assert not SignInLinks("http://127.0.0.1:8080", tmp_path).redeem("")


def test_it_writes_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    SignInLinks("http://127.0.0.1:8080", tmp_path).renew()
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
