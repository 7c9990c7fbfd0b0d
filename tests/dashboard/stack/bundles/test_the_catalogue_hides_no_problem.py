"""All bundles there are: ours, own ones, and those that cannot be read beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.settings import default_bundles_dir
from dashboard.stack.bundles import reading
from dashboard.stack.bundles.catalogue import Catalogue

LISTED = "resources: [a.yaml]\n"


@pytest.fixture
def catalogue(write: Any, config_map: Any) -> Catalogue:
    for name in ("load", "flask", "mongodb"):
        write(f"ours/{name}", {"kustomization.yaml": LISTED, "a.yaml": config_map(name)})
    for name in ("zoo", "bakery"):
        write(f"stacks/{name}", {"a.yaml": config_map(name)})
    top = write("stacks", {})
    return Catalogue(top.parent / "ours", [top])


def test_ours_come_first_in_order_of_dependency_then_own_ones_by_name(catalogue: Catalogue) -> None:
    found = catalogue.all()

    assert [(each.name, each.own) for each in found] == [
        ("mongodb", False), ("flask", False), ("load", False), ("bakery", True), ("zoo", True),
    ]  # fmt: skip
    assert catalogue.problems() == {}


def test_those_that_come_with_surgeboard_have_no_problem() -> None:
    catalogue = Catalogue(default_bundles_dir())

    assert [each.name for each in catalogue.all()] == list(reading.ORDER)
    assert catalogue.problems() == {}


def test_a_folder_that_cannot_be_read_is_a_problem_and_spoils_nothing(catalogue: Catalogue, write: Any) -> None:
    write("stacks/broken", {"a.yaml": "kind: [\n"})
    write("stacks/Wrong_Name", {"a.yaml": ""})
    write("stacks/.git", {"a.yaml": "kind: [\n"})
    write("ours/flask", {"a.yaml": "- 1\n"})

    assert [each.name for each in catalogue.all()] == ["mongodb", "load", "bakery", "zoo"]
    problems = catalogue.problems()
    assert set(problems) == {"broken", "Wrong_Name", "flask"}
    assert problems["broken"].startswith("broken/a.yaml line 2, column 1: ")
    assert "rename the folder" in problems["Wrong_Name"]


def test_an_own_stack_must_not_hide_one_of_ours(catalogue: Catalogue, write: Any, config_map: Any) -> None:
    folder = write("stacks/flask", {"a.yaml": config_map("fake")})

    assert not catalogue.get("flask").own
    assert catalogue.problems() == {
        str(folder): "flask is the name of a bundle that comes with Surgeboard; rename the folder."
    }


def test_a_stack_that_would_hide_behind_a_page_is_told(catalogue: Catalogue, write: Any, config_map: Any) -> None:
    write("stacks/plan", {"a.yaml": config_map("hidden")})

    assert catalogue.problems() == {"plan": "plan is the name of a page; rename the folder of the stack."}


def test_not_even_one_of_ours_that_cannot_be_read(catalogue: Catalogue, write: Any, config_map: Any) -> None:
    write("stacks/flask", {"a.yaml": config_map("fake")})
    write("ours/flask", {"a.yaml": "- 1\n"})

    with pytest.raises(Refused, match=r"flask cannot be used: flask/a\.yaml line 1") as refused:
        catalogue.get("flask")
    assert refused.value.status == 422


def test_the_same_name_in_two_folders_is_a_problem(catalogue: Catalogue, write: Any, config_map: Any) -> None:
    more = write("more/zoo", {"a.yaml": config_map("other")})
    both = Catalogue(catalogue.bundles_dir, [*catalogue.own_dirs, more.parent])

    assert "zoo is there twice" in "".join(both.problems().values())
    assert [each.name for each in both.all()].count("zoo") == 1


def test_a_link_out_of_the_configured_folder_is_a_problem(
    catalogue: Catalogue, write: Any, config_map: Any, tmp_path: Path
) -> None:
    (tmp_path / "stacks" / "linked").symlink_to(write("elsewhere", {"a.yaml": config_map()}))

    assert "linked is a link that leads out of" in catalogue.problems()["linked"]


def test_an_unknown_name_is_refused_with_those_there_are(catalogue: Catalogue) -> None:
    with pytest.raises(
        Refused, match=r"There is no bundle shop; there are mongodb, flask, load, bakery, zoo\."
    ) as told:
        catalogue.get("shop")
    assert told.value.status == 404


def test_a_change_of_a_file_is_seen_at_the_next_call_and_nothing_is_read_without_one(
    write: Any, config_map: Any, kubectl: Any
) -> None:
    kubectl.answer = config_map()
    folder = write("stacks/shop", {"kustomization.yaml": LISTED + "namePrefix: a-\n", "a.yaml": config_map()})
    ours = write("ours", {})
    catalogue = Catalogue(ours, [folder.parent], run=kubectl)

    before = catalogue.get("shop").revision
    assert catalogue.all() == catalogue.all()
    assert len(kubectl.asked) == 1

    kubectl.answer = config_map("two")
    (folder / "a.yaml").write_text(config_map("two") + "# longer\n")
    assert catalogue.get("shop").revision != before
    assert len(kubectl.asked) == 2

    write("stacks/new", {"a.yaml": config_map()})
    assert [each.name for each in catalogue.all()] == ["new", "shop"]


def test_a_kubectl_that_was_installed_meanwhile_is_found(
    write: Any, config_map: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = write("stacks/shop", {"kustomization.yaml": LISTED + "namePrefix: a-\n", "a.yaml": config_map()})
    programs = write("programs", {})
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr("sys.executable", str(programs / "python"))
    catalogue = Catalogue(write("ours", {}), [folder.parent])
    assert "install kubectl" in catalogue.problems()["shop"]

    (programs / "kubectl").write_text(f"#!/bin/sh\necho '{config_map('rendered')}'\n")
    (programs / "kubectl").chmod(0o755)

    assert catalogue.get("shop").objects[0]["metadata"]["name"] == "rendered"


def test_a_folder_that_was_not_meant_is_a_problem_not_a_wait(
    catalogue: Catalogue, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.stack.bundles.catalogue.FILES_MAX", 3)

    assert "more than 3 files" in catalogue.problems()["folders"]


def test_whether_own_stacks_may_be_cluster_scoped_is_handed_on(catalogue: Catalogue) -> None:
    wide = Catalogue(catalogue.bundles_dir, catalogue.own_dirs, cluster_scoped=True)

    assert not catalogue.get("zoo").cluster_scoped
    assert wide.get("zoo").cluster_scoped


def test_folders_that_are_gone_hold_nothing(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "gone", [tmp_path / "gone too"])

    assert (catalogue.all(), catalogue.problems()) == ((), {})


def test_the_bundle_that_surgeboard_is_installed_by_is_no_part_of_the_stack(tmp_path: Path) -> None:
    offered = Catalogue(default_bundles_dir())
    by_name = Catalogue(default_bundles_dir(), itself=True)

    assert reading.ITSELF not in [each.name for each in offered.all()]
    with pytest.raises(Refused) as refusal:
        offered.get(reading.ITSELF)
    assert refusal.value.status == 404
    assert by_name.get(reading.ITSELF).title == "Dashboard"
    assert [each.name for each in by_name.all()] == [*reading.ORDER, reading.ITSELF]


def test_no_own_stack_takes_the_name_of_surgeboard_s_own_bundle(
    catalogue: Catalogue, write: Any, config_map: Any
) -> None:
    write(f"stacks/{reading.ITSELF}", {"a.yaml": config_map("fake")})

    assert reading.ITSELF not in [each.name for each in catalogue.all()]
    assert "comes with Surgeboard" in catalogue.problems()[reading.ITSELF]
