"""The files come by the lock alone, are not fetched twice, and their absence is one sentence at start."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dashboard.web import assets

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_app_says_which_files_are_missing(tmp_path: Path) -> None:
    with pytest.raises(assets.MissingBrowserFiles, match=r"htmx\.min\.js.*python hatch_build\.py"):
        assets.check(tmp_path)


def test_the_hook_fetches_what_the_app_needs(build: Any) -> None:
    assert set(assets.VENDOR_FILES) <= set(build.FILES.values())


def test_the_lock_has_exact_versions_with_hashes_and_no_addresses() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())
    assert wanted["private"] is True
    assert all(version[0].isdecimal() for version in wanted["dependencies"].values())
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    foreign = {name: entry for name, entry in packages.items() if name}
    assert all("integrity" in entry and "resolved" not in entry for entry in foreign.values())


def test_the_hook_does_nothing_when_the_lock_is_the_same(build: Any, tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text("{}")
    vendor = tmp_path / build.VENDOR
    vendor.mkdir(parents=True)
    for name in build.FILES.values():
        (vendor / name).write_text("x")
    (vendor / build.STAMP).write_text(build.lock_digest(tmp_path))
    assert build.fetch(tmp_path) is False
    (tmp_path / "package-lock.json").write_text('{"other": 1}')
    assert not build.is_current(vendor, build.lock_digest(tmp_path))
