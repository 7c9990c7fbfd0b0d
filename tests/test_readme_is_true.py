"""README against the code: every setting it names exists, every make target it names exists, the licence is there."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from dashboard.settings import COMPUTED, PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_setting_it_names_exists() -> None:
    wanted = {PREFIX + each.name.upper() for each in fields(Settings) if each.name not in COMPUTED}

    assert set(re.findall(rf"{PREFIX}[A-Z_]+", README)) <= wanted


def test_every_make_target_named_exists() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert set(re.findall(r"make ([a-z]+)", README)) - {"and", "the"} <= set(targets)


def test_every_linked_file_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)

    assert [link for link in links if not (ROOT / link).exists()] == []
