"""The objects of a swarm, built from the templates that ship in manifests/load/swarm."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import kubernetes_validate

from dashboard.load import workloads
from dashboard.load.request import SwarmRequest
from dashboard.load.workloads import Templates
from dashboard.settings import default_bundles_dir


def built(bundles_dir: Path, **asked: int) -> list[dict[str, object]]:
    templates = Templates.read(bundles_dir)
    request = SwarmRequest(**asked)  # type: ignore[arg-type]
    return workloads.build(
        templates, request, swarm_id="abc123", target_url="http://x", token="canary", started_by="a person"
    )


def test_each_is_valid_and_nothing_of_the_example_is_left() -> None:
    objects = built(default_bundles_dir(), workers=2)

    for each in objects:
        kubernetes_validate.validate(each, "1.36", strict=True)
    assert "example" not in json.dumps(objects)
    assert [each["kind"] for each in objects] == ["Job", "Secret", "Job"]


def test_the_token_is_in_the_secret_alone() -> None:
    token = base64.b64encode(b"canary").decode()
    holders = [each["kind"] for each in built(default_bundles_dir()) if token in json.dumps(each)]

    assert holders == ["Secret"]


def test_every_object_is_found_again_for_deletion() -> None:
    names = {str(each["metadata"]["name"]) for each in built(default_bundles_dir())}  # type: ignore[index]

    assert names == {path.rpartition("/")[2] for path in workloads.paths("abc123")}
