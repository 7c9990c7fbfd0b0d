"""The objects of one experiment, made from the bundle's templates by setting names. Pure, but for reading the files."""

from __future__ import annotations

import base64
import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dashboard.limits.blast.variants import DEADLINE_S, LEAK_MB, LEAK_S, RATE_MB_S, Variant

NAMESPACE = "load"
EXAMPLE = "blast-example"
LABEL = "surgeboard.dev/blast"
ROLE = "surgeboard.dev/role"
OWNER, WATCH = "owner", "watch"
STARTED_BY = "surgeboard.dev/started-by"
VARIANT, BOUND, BOUND_GIVER = (f"surgeboard.dev/blast-{each}" for each in ("variant", "bound", "bound-giver"))
"""On the prober's Job: what another process of the dashboard has to know to take it up."""
_ORDER = ("NetworkPolicy", "Service", "Secret", "Job")
Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Templates:
    """The files of `manifests/load/blast`, by name without ending."""

    files: Mapping[str, Manifest]
    rate_mb_s: int = RATE_MB_S

    @classmethod
    def read(cls, bundles_dir: Path) -> Templates:
        """All of them; an empty folder means that the bundles are older than this dashboard."""
        files = sorted((bundles_dir / "load" / "blast").glob("*.yaml"))
        return cls({each.stem: yaml.safe_load(each.read_text(encoding="utf-8")) for each in files})

    def of(self, variant: Variant) -> list[Manifest]:
        """The templates of one variant, in the order in which they are created: first the Job that owns the rest and
        ends with its deadline, so that nothing is left whoever dies in between; last the Jobs that run something."""
        wanted = [each for name, each in self.files.items() if not name.startswith("subject-")]
        wanted.append(self.files[f"subject-{variant.id}"])
        return sorted(copy.deepcopy(wanted), key=lambda each: (not _is(each, OWNER), _ORDER.index(each["kind"])))


def build(
    templates: Templates,
    variant: Variant,
    *,
    blast_id: str,
    token: str,
    by: str,
    notes: Mapping[str, str] | None = None,
) -> list[Manifest]:
    """The objects of the experiment `blast_id` (without the prefix `blast-`), the one that owns the others first.

    `notes`: annotations of the prober's Job.
    """
    built = []
    for template in templates.of(variant):
        each = _renamed(template, blast_id)
        each["metadata"].setdefault("annotations", {})[STARTED_BY] = by
        if _is(each, WATCH):
            each["metadata"]["annotations"] |= notes or {}
        if each["kind"] == "Secret":
            each.pop("stringData", None)
            each["data"] = {"token": base64.b64encode(token.encode()).decode()}
        elif each["kind"] == "Job":
            each["spec"]["activeDeadlineSeconds"] = DEADLINE_S
            _bound(each, templates.rate_mb_s)
        built.append(each)
    return built


def collection(manifest: Mapping[str, Any]) -> str:
    """Where an object is created."""
    version, kind = manifest["apiVersion"], str(manifest["kind"]).lower()
    plural = "networkpolicies" if kind == "networkpolicy" else f"{kind}s"
    return f"{'/api' if version == 'v1' else '/apis'}/{version}/namespaces/{NAMESPACE}/{plural}"


def path(manifest: Mapping[str, Any]) -> str:
    """Where an object is."""
    return f"{collection(manifest)}/{manifest['metadata']['name']}"


def jobs_path() -> str:
    """Where Jobs are listed."""
    return f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs"


def name_of(blast_id: str) -> str:
    """What all objects of an experiment are called, or begin with."""
    return f"blast-{blast_id}"


def owned_by(job: Mapping[str, Any], manifest: Mapping[str, Any]) -> Manifest:
    """The same object, which ends with `job`."""
    metadata = job["metadata"]
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": metadata["name"], "uid": metadata["uid"]}
    return {**manifest, "metadata": {**manifest["metadata"], "ownerReferences": [owner]}}


def memory_limit(templates: Templates, variant: Variant) -> str | None:
    """The limit that the manifest itself sets on the container in which it leaks; None: it sets none."""
    containers = templates.files[f"subject-{variant.id}"]["spec"]["template"]["spec"]["containers"]
    limits = (containers[0].get("resources") or {}).get("limits") or {}
    found: str | None = limits.get("memory")
    return found


def _is(manifest: Manifest, role: str) -> bool:
    return bool(manifest["metadata"]["labels"].get(ROLE) == role)


def _bound(job: Manifest, rate_mb_s: int) -> None:
    values = {"BLAST_RATE_MB_S": rate_mb_s, "BLAST_CEILING_MB": LEAK_MB, "BLAST_SECONDS": LEAK_S}
    for container in job["spec"]["template"]["spec"]["containers"]:
        for variable in container.get("env", ()):
            if variable["name"] in values:
                variable["value"] = str(values[variable["name"]])


def _renamed(value: Any, blast_id: str) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(each, blast_id) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, blast_id) for each in value]
    if isinstance(value, str):
        return blast_id if value == "example" else value.replace(EXAMPLE, f"blast-{blast_id}")
    return value
