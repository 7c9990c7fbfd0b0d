"""Locustfiles of the configured folder: listed, mounted by ConfigMap, and nothing else of the disk can be asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from dashboard.errors import Refused
from dashboard.load import workloads
from dashboard.load.locustfiles import BYTES_MAX, Locustfiles
from dashboard.load.request import SwarmRequest
from dashboard.load.workloads import Templates
from dashboard.settings import Settings, WrongSetting, default_bundles_dir


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "scenarios"
    made.mkdir()
    (made / "buy.py").write_text("# buys\n")
    (made / "browse-2.py").write_text("# browses\n")
    (made / "guestbook.py").write_text("# hides nothing\n")
    (made / "Not_A_Label.py").write_text("")
    (made / "notes.txt").write_text("")
    (made / "huge.py").write_bytes(b"#" * (BYTES_MAX + 1))
    (made / "latin.py").write_bytes(b"# \xe9\n")
    (tmp_path / "outside.py").write_text("# secret\n")
    return made


def test_those_that_can_be_used_are_listed(folder: Path) -> None:
    assert Locustfiles(folder).names() == ["browse-2", "buy", "latin"]
    assert Locustfiles(None).names() == []
    assert Locustfiles(folder / "gone").names() == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("sell", "There is no scenario 'sell'; there are guestbook, browse-2, buy"),
        ("../outside", "no scenario"), ("guestbook", "no scenario"), ("Not_A_Label", "no scenario"),
        ("", "no scenario"),
        ("huge", "fit into a ConfigMap"), ("latin", "no text in UTF-8"),
    ],
)  # fmt: skip
def test_any_other_is_refused_with_a_sentence(folder: Path, name: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        Locustfiles(folder).text(name)


def built(folder: Path, scenario: str) -> list[dict[str, Any]]:
    templates = Templates.read(default_bundles_dir(), folder)
    request = SwarmRequest(scenario=scenario, keep_alive=False, note="why not", workers=20)
    return workloads.build(
        templates, request, swarm_id="abc123", target_url="http://x", token="canary", started_by="a person"
    )


def test_the_file_is_mounted_into_master_and_workers(folder: Path) -> None:
    master, scenario, secret, worker = built(folder, "buy")
    for each in (scenario, secret, master, worker):
        kubernetes_validate.validate(each, "1.36", strict=True)
    assert (scenario["kind"], scenario["data"]) == ("ConfigMap", {"locustfile.py": "# buys\n"})
    for job in (master, worker):
        pod = job["spec"]["template"]["spec"]
        assert {"name": "scenario", "configMap": {"name": "swarm-abc123"}} in pod["volumes"]
        mount = {"name": "scenario", "mountPath": "/scenario", "readOnly": True}
        assert mount in pod["containers"][0]["volumeMounts"]
        assert workloads.settings_of(job)["SWARM_SCENARIO"] == "buy"
        assert job["metadata"]["annotations"]["surgeboard.dev/note"] == "why not"
    assert workloads.settings_of(worker)["SWARM_KEEP_ALIVE"] == "false"
    assert worker["spec"]["backoffLimit"] == 20


def test_the_guestbook_needs_no_file(folder: Path) -> None:
    assert [each["kind"] for each in built(folder, "guestbook")] == ["Job", "Secret", "Job"]


def test_a_folder_that_is_not_there_is_refused_at_start(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="LOCUSTFILES_DIR"):
        Settings.from_environment({"SURGEBOARD_LOCUSTFILES_DIR": str(tmp_path / "gone")})
    assert Settings.from_environment({"SURGEBOARD_LOCUSTFILES_DIR": str(tmp_path)}).locustfiles_dir == tmp_path


TEMPLATES = Templates.read(default_bundles_dir())


def test_it_is_planned_created_and_removed_with_the_swarm(driver: Any, folder: Path) -> None:
    creation = replace(driver.starting.creation, templates=replace(TEMPLATES, locustfiles=Locustfiles(folder)))
    starting = replace(driver.starting, creation=creation)
    driver.swarms.creation = creation
    with pytest.raises(Refused, match="There is no scenario 'sell'"):
        starting.plan(SwarmRequest(scenario="sell"), by="operator", session="s")
    plan = starting.plan(SwarmRequest(scenario="buy"), by="operator", session="s")
    path = f"/api/v1/namespaces/load/configmaps/swarm-{plan.swarm_id}"
    assert f"ConfigMap swarm-{plan.swarm_id}" in plan.objects

    starting.start(plan.nonce, by="operator", session="s")
    assert driver.cluster.objects[path]["metadata"]["ownerReferences"][0]["kind"] == "Job"
    assert driver.row["scenario"] == "buy"
    driver.cluster.running()
    driver.tick()
    driver.swarms.stop(by="operator")
    driver.tick(2)
    assert driver.cluster.objects == {}
