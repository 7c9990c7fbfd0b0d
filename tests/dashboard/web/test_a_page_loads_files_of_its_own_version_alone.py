"""A page that was opened before an upgrade must not get the modules of another version."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from dashboard.web import assets


def test_every_file_of_a_page_has_the_version_in_its_path(web: Any) -> None:
    page = web.signed_in().get("/").get_data(as_text=True)

    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(addresses) > 5
    assert {each.split("/")[2] for each in addresses} == {assets.version()}
    for each in addresses:
        with web.client().get(each) as answer:
            assert answer.status_code == 200, each


def test_another_version_is_not_there(web: Any) -> None:
    assert web.client().get("/static/0123456789ab/js/main.js").status_code == 404
    assert web.client().get("/static/js/main.js").status_code == 404


def test_the_version_changes_with_any_file_and_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    one = tmp_path / "js" / "a.js"
    seen = {assets.version(tmp_path)}
    for content in ("", "x"):
        one.write_text(content)
        assert assets.version(tmp_path) == assets.version(tmp_path)
        seen.add(assets.version(tmp_path))
    one.rename(tmp_path / "js" / "b.js")
    assert len(seen | {assets.version(tmp_path)}) == 4


def test_modules_name_each_other_by_relative_addresses() -> None:
    for module in (assets.STATIC / "js").glob("*.js"):
        for address in re.findall(r'(?:from|import)\s*\(?"([^"]+)"', module.read_text()):
            assert address.startswith(("./", "../vendor/")), module.name
