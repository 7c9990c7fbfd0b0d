"""Writers that do not apply own what they changed, as recorded."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from localcluster.apiserver.admission.defaulting import apply_defaults
from localcluster.apiserver.patching.apply import server_side_apply
from localcluster.apiserver.patching.managed import track_update
from localcluster.resources import CONFIG_MAPS, DEPLOYMENTS, STORED

RECORDINGS = Path(__file__).parents[4] / "shared" / "golden"
BY_KIND = {(resource.api_version, resource.kind): resource for resource in STORED}


def without_times(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in entry.items() if key != "time"} for entry in entries]


def test_a_new_object_belongs_to_its_writer_as_recorded(creating: list[dict[str, Any]]) -> None:
    for step in creating:
        body = copy.deepcopy(step["body"])
        resource = BY_KIND[body["apiVersion"], body["kind"]]
        if step["applied"]:
            obj = server_side_apply(None, body, resource=resource, manager="golden", force=False, now="T")
        else:
            apply_defaults(resource, body)
            obj = track_update(None, body, resource=resource, manager="python-urllib3", now="T")
        assert without_times(obj["metadata"].get("managedFields", [])) == step["managed"], step["kind"]


def test_a_scale_takes_replicas_from_the_one_who_applied_them() -> None:
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 1}}
    live = server_side_apply(None, body, resource=DEPLOYMENTS, manager="golden", force=False, now="T")
    scaled = {**live, "spec": {"replicas": 3}}
    after = track_update(live, scaled, resource=DEPLOYMENTS, manager="autoscaler", subresource="scale", now="T2")
    assert [(e["manager"], e["subresource"]) for e in after["metadata"]["managedFields"]] == [("autoscaler", "scale")]


def test_a_write_that_changes_nothing_keeps_entries_and_times() -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1"}}
    live = track_update(None, body, resource=CONFIG_MAPS, manager="m", now="T1")
    assert track_update(live, copy.deepcopy(live), resource=CONFIG_MAPS, manager="m", now="T2") == live


def test_a_removed_field_has_no_owner_left() -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1"}}
    live = track_update(None, body, resource=CONFIG_MAPS, manager="m", now="T")
    emptied = {key: value for key, value in live.items() if key != "data"}
    after = track_update(live, emptied, resource=CONFIG_MAPS, manager="other", now="T")
    assert "managedFields" not in after["metadata"]


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="skipped: no recordings")
def test_every_recorded_change_gives_the_recorded_owners() -> None:
    compared = 0
    for path in sorted(RECORDINGS.glob("*.jsonl")):
        last: dict[str, dict[str, Any]] = {}
        for before, after in _changes(path, last):
            resource = BY_KIND[after["apiVersion"], after["kind"]]
            old = {_writer(entry): entry for entry in before["metadata"].get("managedFields", [])}
            new = {_writer(entry): entry for entry in after["metadata"].get("managedFields", [])}
            changed = [writer for writer in new if new[writer] != old.get(writer)]
            if not old or len(changed) != 1 or changed[0][1] != "Update":
                continue  # more than one write between two events
            manager, _, subresource = changed[0]
            metadata = {key: value for key, value in after["metadata"].items() if key != "managedFields"}
            tracked = track_update(
                before, {**after, "metadata": metadata}, resource=resource, manager=manager,
                subresource=subresource, now=new[changed[0]].get("time", "T"),
            )  # fmt: skip
            told = without_times(tracked["metadata"].get("managedFields", []))
            assert told == without_times(after["metadata"]["managedFields"])
            compared += 1
    assert compared > 600


def _changes(path: Path, last: dict[str, dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    found = []
    for line in path.read_text().splitlines():
        event = json.loads(line).get("event") or {}
        obj = event.get("object") or {}
        if (obj.get("apiVersion"), obj.get("kind")) not in BY_KIND or event.get("type") not in ("ADDED", "MODIFIED"):
            continue
        uid = obj["metadata"]["uid"]
        if event["type"] == "MODIFIED" and uid in last:
            found.append((last[uid], obj))
        last[uid] = obj
    return found


def _writer(entry: dict[str, Any]) -> tuple[str, str, str]:
    return entry["manager"], entry["operation"], entry.get("subresource", "")
