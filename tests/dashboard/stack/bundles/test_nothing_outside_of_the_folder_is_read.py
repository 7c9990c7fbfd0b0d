"""A stack may be somebody else's work: it must not make this machine's other files readable."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.stack.bundles.reading import read_path

SECRET = "password: hunter2\n"


def refused(path: Path, **given: Any) -> str:
    with pytest.raises(Refused) as caught:
        read_path(path, **given)
    assert "hunter2" not in caught.value.sentence
    return caught.value.sentence


def test_a_link_out_of_a_plain_folder_is_refused(write: Any, tmp_path: Path) -> None:
    (tmp_path / "private").write_text(SECRET)
    folder = write("shop", {})
    (folder / "a.yaml").symlink_to(tmp_path / "private")

    assert refused(folder) == "shop/a.yaml: it leads out of the folder shop; put a copy into the folder."


def test_a_link_within_the_folder_is_followed(write: Any, config_map: Any) -> None:
    folder = write("shop", {"..data/a.yaml": config_map("linked")})
    (folder / "a.yaml").symlink_to(Path("..data", "a.yaml"))

    assert read_path(folder).objects[0]["metadata"]["name"] == "linked"


@pytest.mark.parametrize("kustomization", [
    "resources: [../private]", "resources: [{top}/private]", "resources: [inner/../../private]", "resources: [link]",
    "resources: [folder]", "patches: [{{path: ../private}}]", "configMapGenerator: [{{name: a, files: [../private]}}]",
    "configMapGenerator: [{{name: a, files: [k=link]}}]", "openapi: {{path: ../private}}",
])  # fmt: skip
def test_a_kustomization_cannot_name_files_outside(
    write: Any, tmp_path: Path, kubectl: Any, kustomization: str
) -> None:
    (tmp_path / "private").write_text(SECRET)
    write("other", {"kustomization.yaml": "resources: []"})
    folder = write("shop", {"kustomization.yaml": kustomization.format(top=tmp_path), "inner/x": ""})
    (folder / "link").symlink_to(tmp_path / "private")
    (folder / "folder").symlink_to(tmp_path / "other")

    assert "leads out of the folder" in refused(folder, run=kubectl)
    assert kubectl.asked == []


def test_folders_beside_are_allowed_for_a_person_and_not_beyond_the_configured_folder(
    write: Any, tmp_path: Path, config_map: Any
) -> None:
    write("base", {"kustomization.yaml": "resources: [a.yaml]", "a.yaml": config_map()})
    folder = write("stacks/shop", {"kustomization.yaml": "resources: [../../base]"})

    assert len(read_path(folder).objects) == 1
    assert "leads out of the folder" in refused(folder, within=tmp_path / "stacks")


def test_links_in_a_circle_and_pipes_are_refused_not_waited_for(write: Any) -> None:
    folder = write("shop", {})
    (folder / "a.yaml").symlink_to(folder / "a.yaml")
    os.mkfifo(folder / "b.yaml")

    sentence = refused(folder)

    assert "shop/a.yaml: it leads out of the folder" in sentence
    assert "shop/b.yaml: it is no regular file." in sentence


@pytest.mark.parametrize("entry", ['"a\\0b"', '"a\\nb"', "x" * 300, "x" * 5000])
def test_what_can_be_no_path_is_refused(write: Any, entry: str) -> None:
    sentence = refused(write("shop", {"kustomization.yaml": f"resources: [{entry}]"}))

    assert "no path of a file" in sentence or "cannot be read" in sentence
