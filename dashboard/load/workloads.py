"""The objects of one swarm, made from the bundle's templates by setting fields. Pure, but for reading the templates."""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from dashboard.load.locustfiles import Locustfiles
from dashboard.load.request import GUESTBOOK, SwarmRequest

NAMESPACE = "load"
EXAMPLE = "swarm-example"
GRACE_S = 60
"""Seconds past its duration after which the cluster ends a swarm by itself (Job activeDeadlineSeconds)."""

STARTED_BY = "surgeboard.dev/started-by"
NOTE = "surgeboard.dev/note"
SCENARIO_FOLDER, SCENARIO_FILE = "/scenario", "locustfile.py"
"""Where the pods look for a scenario of one's own (`swarm/settings.py`)."""
RESTARTS_MIN = 3
_MASTER_JOB = re.compile(r"swarm-([a-z0-9]+)-master")


@dataclass(frozen=True, slots=True)
class Templates:
    """The template objects of `manifests/load/swarm`, in the order they are created, and the scenarios of one's own.

    The master's Job comes first, since all others belong to it; its pod waits for its Secret.
    """

    objects: tuple[Mapping[str, Any], ...]
    locustfiles: Locustfiles = field(default_factory=Locustfiles)

    @classmethod
    def read(cls, bundles_dir: Path, locustfiles_dir: Path | None = None) -> Templates:
        """All YAML of the folder, in that order."""
        files = sorted((bundles_dir / "load" / "swarm").glob("*.yaml"))
        found = [each for file in files for each in yaml.safe_load_all(file.read_text(encoding="utf-8")) if each]
        return cls(tuple(sorted(found, key=_in_order)), Locustfiles(locustfiles_dir))


def build(
    templates: Templates, request: SwarmRequest, *, swarm_id: str, target_url: str, token: str, started_by: str,
    pinned: str = "",
) -> list[dict[str, Any]]:  # fmt: skip
    """The objects of the swarm `swarm_id`, aimed at `target_url`, which means the addresses `pinned`.

    Raises Refused for a scenario that there is not.
    """
    settings = {
        "SWARM_TARGET": target_url,
        "SWARM_PINNED": pinned,
        "SWARM_USERS": str(request.users),
        "SWARM_SPAWN_RATE": str(request.spawn_rate),
        "SWARM_DURATION_S": str(request.duration_s),
        "SWARM_PROFILE": request.profile,
        "SWARM_EXPECT_WORKERS": str(request.workers),
        "SWARM_KEEP_ALIVE": "true" if request.keep_alive else "false",
        "SWARM_SCENARIO": request.scenario,
        "SWARM_P95_LIMIT_MS": str(request.p95_limit_ms),
        "SWARM_FAILED_LIMIT_PERCENT": str(request.failed_limit_percent),
    }
    own = None if request.scenario == GUESTBOOK else templates.locustfiles.text(request.scenario)
    built: list[dict[str, Any]] = []
    for template in templates.objects:
        each = _renamed(copy.deepcopy(dict(template)), swarm_id)
        annotations = each["metadata"].setdefault("annotations", {})
        annotations[STARTED_BY] = started_by
        if request.note:
            annotations[NOTE] = request.note
        if each["kind"] == "Secret":
            each.pop("stringData", None)
            each["data"] = {"token": base64.b64encode(token.encode()).decode()}
        else:
            _configure(each, settings, request)
            if own is not None:
                _mount_scenario(each, swarm_id)
        built.append(each)
    if own is not None:
        built.insert(1, _scenario(own, request.scenario, swarm_id, started_by))
    return built


def master_job(swarm_id: str) -> str:
    """Name of the Job whose pod answers for the swarm."""
    return f"swarm-{swarm_id}-master"


def is_experiment(holder: str) -> bool:
    """Whether who has the turn is a blast-radius experiment (dashboard/limits/blast) and no swarm."""
    return holder.startswith("blast-")


def holding_job(holder: str) -> str:
    """Name of the Job for whose life the turn is held."""
    return f"{holder}-watch" if is_experiment(holder) else master_job(holder)


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


def scenario_path(swarm_id: str) -> str:
    """Where the swarm's own scenario is, if it has one."""
    return f"/api/v1/namespaces/{NAMESPACE}/configmaps/swarm-{swarm_id}"


def owned_by(job: Mapping[str, Any], manifest: Mapping[str, Any]) -> dict[str, Any]:
    """An object that ends with `job`."""
    metadata = job["metadata"]
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": metadata["name"], "uid": metadata["uid"]}
    return {**manifest, "metadata": {**manifest["metadata"], "ownerReferences": [owner]}}


def job_path(name: str) -> str:
    """Where a Job of the namespace is."""
    return f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs/{name}"


def paths(swarm_id: str) -> list[str]:
    """Where the swarm's objects are, in the order they are deleted."""
    return [job_path(f"swarm-{swarm_id}-worker"), job_path(master_job(swarm_id)), secret_path(swarm_id)]


def _in_order(template: Mapping[str, Any]) -> int:
    if template["kind"] == "Job":
        return 0 if template["metadata"]["name"] == master_job(EXAMPLE.removeprefix("swarm-")) else 2
    return 1


def _configure(workload: dict[str, Any], settings: Mapping[str, str], request: SwarmRequest) -> None:
    spec = workload["spec"]
    if workload["kind"] == "Job":
        spec["activeDeadlineSeconds"] = request.duration_s + GRACE_S
    if workload["metadata"]["name"].endswith("-worker"):
        # The Job counts the restarts of all workers together: many of them may well lose a few.
        restarts = max(RESTARTS_MIN, request.workers)
        spec.update(parallelism=request.workers, completions=request.workers, backoffLimit=restarts)
    for container in spec["template"]["spec"]["containers"]:
        for variable in _env(container):
            if variable["name"] in settings:
                variable["value"] = settings[variable["name"]]


def _scenario(text: str, name: str, swarm_id: str, started_by: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": f"swarm-{swarm_id}",
            "namespace": NAMESPACE,
            "labels": {"app": "swarm", "app.kubernetes.io/part-of": "surgeboard", "surgeboard.dev/swarm": swarm_id},
            "annotations": {STARTED_BY: started_by, "surgeboard.dev/scenario": name},
        },
        "immutable": True,
        "data": {SCENARIO_FILE: text},
    }


def _mount_scenario(workload: dict[str, Any], swarm_id: str) -> None:
    pod = workload["spec"]["template"]["spec"]
    pod.setdefault("volumes", []).append({"name": "scenario", "configMap": {"name": f"swarm-{swarm_id}"}})
    for container in pod["containers"]:
        mount = {"name": "scenario", "mountPath": SCENARIO_FOLDER, "readOnly": True}
        container.setdefault("volumeMounts", []).append(mount)


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
