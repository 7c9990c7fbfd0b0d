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
STARTED_BY = "surgeboard.dev/started-by"
_ORDER = ("Secret", "Service", "NetworkPolicy", "Job")
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
        """The templates of one variant, in the order in which they are created."""
        wanted = [each for name, each in self.files.items() if not name.startswith("subject-")]
        wanted.append(self.files[f"subject-{variant.id}"])
        return sorted(copy.deepcopy(wanted), key=lambda each: _ORDER.index(each["kind"]))


def build(templates: Templates, variant: Variant, *, blast_id: str, token: str, by: str) -> list[Manifest]:
    """The objects of the experiment `blast_id` (without the prefix `blast-`)."""
    built = []
    for template in templates.of(variant):
        each = _renamed(template, blast_id)
        each["metadata"].setdefault("annotations", {})[STARTED_BY] = by
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


def owned_by(job: Mapping[str, Any]) -> Manifest:
    """The patch that makes an object end with `job`."""
    metadata = job["metadata"]
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": metadata["name"], "uid": metadata["uid"]}
    return {"metadata": {"ownerReferences": [owner]}}


def memory_limit(templates: Templates, variant: Variant) -> str | None:
    """The limit that the manifest itself sets on the container in which it leaks; None: it sets none."""
    containers = templates.files[f"subject-{variant.id}"]["spec"]["template"]["spec"]["containers"]
    limits = (containers[0].get("resources") or {}).get("limits") or {}
    found: str | None = limits.get("memory")
    return found


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
