"""The objects of one swarm, made from the bundle's templates by setting fields. Pure, but for reading the templates."""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dashboard.load.request import SwarmRequest

NAMESPACE = "load"
EXAMPLE = "swarm-example"
GRACE_S = 60
"""Seconds past its duration after which the cluster ends a swarm by itself (Job activeDeadlineSeconds)."""

STARTED_BY = "surgeboard.dev/started-by"
_MASTER_JOB = re.compile(r"swarm-([a-z0-9]+)-master")


@dataclass(frozen=True, slots=True)
class Templates:
    """The template objects of `manifests/load/swarm`, in the order they are created."""

    objects: tuple[Mapping[str, Any], ...]

    @classmethod
    def read(cls, bundles_dir: Path) -> Templates:
        """All YAML of the folder; Secrets first, since the pods need them."""
        files = sorted((bundles_dir / "load" / "swarm").glob("*.yaml"))
        found = [each for file in files for each in yaml.safe_load_all(file.read_text(encoding="utf-8")) if each]
        return cls(tuple(sorted(found, key=lambda each: each["kind"] != "Secret")))


def build(
    templates: Templates, request: SwarmRequest, *, swarm_id: str, target_url: str, token: str, started_by: str,
    pinned: str = "",
) -> list[dict[str, Any]]:  # fmt: skip
    """The objects of the swarm `swarm_id`, aimed at `target_url`, which means the addresses `pinned`."""
    settings = {
        "SWARM_TARGET": target_url,
        "SWARM_PINNED": pinned,
        "SWARM_USERS": str(request.users),
        "SWARM_SPAWN_RATE": str(request.spawn_rate),
        "SWARM_DURATION_S": str(request.duration_s),
        "SWARM_PROFILE": request.profile,
        "SWARM_EXPECT_WORKERS": str(request.workers),
    }
    built = []
    for template in templates.objects:
        each = _renamed(copy.deepcopy(dict(template)), swarm_id)
        each["metadata"].setdefault("annotations", {})[STARTED_BY] = started_by
        if each["kind"] == "Secret":
            each.pop("stringData", None)
            each["data"] = {"token": base64.b64encode(token.encode()).decode()}
        else:
            _configure(each, settings, request)
        built.append(each)
    return built


def master_job(swarm_id: str) -> str:
    """Name of the Job whose pod answers for the swarm."""
    return f"swarm-{swarm_id}-master"


def swarm_of(job: str) -> str | None:
    """The swarm whose master's Job has this name; None for any other Job."""
    match = _MASTER_JOB.fullmatch(job)
    return match[1] if match else None


def is_over(job: Mapping[str, Any]) -> bool:
    """Complete or failed. A Job that its controller has not seen yet has no status at all."""
    conditions = job.get("status", {}).get("conditions") or ()
    return any(each["type"] in ("Complete", "Failed") and each["status"] == "True" for each in conditions)


def settings_of(job: Mapping[str, Any]) -> dict[str, str]:
    """The plain values of the environment in a Job's pods."""
    containers = job["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each["value"] for container in containers for each in _env(container) if "value" in each}


def secret_path(swarm_id: str) -> str:
    """Where the swarm's token is."""
    return f"/api/v1/namespaces/{NAMESPACE}/secrets/swarm-{swarm_id}"


def owned_by(job: Mapping[str, Any]) -> dict[str, Any]:
    """The patch that makes an object end with `job`."""
    metadata = job["metadata"]
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": metadata["name"], "uid": metadata["uid"]}
    return {"metadata": {"ownerReferences": [owner]}}


def job_path(name: str) -> str:
    """Where a Job of the namespace is."""
    return f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs/{name}"


def paths(swarm_id: str) -> list[str]:
    """Where the swarm's objects are, in the order they are deleted."""
    return [job_path(f"swarm-{swarm_id}-worker"), job_path(master_job(swarm_id)), secret_path(swarm_id)]


def _configure(workload: dict[str, Any], settings: Mapping[str, str], request: SwarmRequest) -> None:
    spec = workload["spec"]
    if workload["kind"] == "Job":
        spec["activeDeadlineSeconds"] = request.duration_s + GRACE_S
    if workload["metadata"]["name"].endswith("-worker"):
        spec.update(parallelism=request.workers, completions=request.workers)
    for container in spec["template"]["spec"]["containers"]:
        for variable in _env(container):
            if variable["name"] in settings:
                variable["value"] = settings[variable["name"]]


def _env(container: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    env: Sequence[dict[str, Any]] = container.get("env", [])
    return env


def _renamed(value: Any, swarm_id: str) -> Any:
    """Every name and label of the example, given the swarm's own id."""
    if isinstance(value, dict):
        return {key: _renamed(each, swarm_id) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, swarm_id) for each in value]
    if isinstance(value, str):
        return swarm_id if value == "example" else value.replace(EXAMPLE, f"swarm-{swarm_id}")
    return value
