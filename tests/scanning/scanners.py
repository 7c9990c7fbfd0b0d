"""Runs each scanner and reads what it says. What is kept all the same is decided in `kept.py`."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.scanning import kept

CODE = ("dashboard", "sampleapp", "swarm", "localcluster", "bootstrap.py", "hatch_build.py")
KUBERNETES = "1.36.0"
NO_OBJECTS = frozenset({"kustomization.yaml", "generated-secrets.yaml"})


@dataclass(frozen=True, slots=True)
class Report:
    """`wrong`: what has to be mended, a line each; `sentence`: how much was looked at."""

    scanner: str
    sentence: str
    wrong: tuple[str, ...] = ()


def hadolint(root: Path) -> Report:
    files = sorted(path.name for path in root.glob("Dockerfile.*"))
    said = _said(root, ".scanners/bin/hadolint", "--format", "json", *files)
    wrong = [f"{each['file']}:{each['line']} {each['code']} {each['message']}" for each in json.loads(said)]
    return Report("hadolint", f"{len(files)} Dockerfiles", tuple(wrong))


def bandit(root: Path) -> Report:
    document = json.loads(_said(root, ".scanners/bin/bandit", "-q", "-f", "json", "-r", *CODE))
    found = [
        f"{each['test_id']} {each['filename']}:{each['line_number']} {each['issue_text']}"
        for each in document["results"]
    ]
    lines = document["metrics"]["_totals"]["loc"]
    return Report("bandit", f"{lines:,} lines", tuple(kept.sorted_out(found, kept.BANDIT)))


def checkov(root: Path) -> Report:
    options = ("--framework", "kubernetes", "--skip-download", "--quiet", "--compact", "-o", "json")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(root / "manifests", Path(folder), dirs_exist_ok=True)
        _render_overlays(root, Path(folder))
        document: Any = json.loads(_said(root, ".scanners/bin/checkov", "-d", folder, *options))
    failed = [f"{each['check_id']} {each['resource']} {each['check_name']}" for each in _failed(document)]
    passed = document["summary"]["passed"]
    return Report("checkov", f"{passed} checks passed", tuple(kept.sorted_out(failed, kept.CHECKOV)))


def _render_overlays(root: Path, folder: Path) -> None:
    """What an overlay comes to is in no file, so it is written into some."""
    for each in sorted((root / "manifests").glob("*/overlays/*/kustomization.yaml")):
        rendered = _said(root, ".venv/bin/kubectl", "kustomize", str(each.parent))
        (folder / f"{each.parent.name}.yaml").write_text(rendered)


def _failed(document: Any) -> list[dict[str, Any]]:
    failed: list[dict[str, Any]] = document["results"]["failed_checks"]
    return failed


def kubernetes_validate(root: Path) -> Report:
    """Against Kubernetes' own schema, with unknown fields refused."""
    files = sorted(path for path in (root / "manifests").rglob("*.yaml") if path.name not in NO_OBJECTS)
    names = [str(each.relative_to(root)) for each in files]
    command = [".venv/bin/kubernetes-validate", "-k", KUBERNETES, "--strict", "--quiet", *names]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    wrong = (ended.stdout + ended.stderr).strip().splitlines() if ended.returncode else []
    return Report("kubernetes-validate", f"{len(files)} files against {KUBERNETES}", tuple(wrong))


def pip_audit(root: Path) -> Report:
    lock = ("-r", "requirements/test.lock.txt", "--disable-pip", "--no-deps", "-f", "json", "--progress-spinner", "off")
    said = _said(root, ".scanners/bin/pip-audit", *lock)
    if not said.startswith("{"):
        return Report("pip-audit", "not audited: its data cannot be reached")
    packages = json.loads(said)["dependencies"]
    audited = [each for each in packages if "vulns" in each]
    wrong = [
        f"{each['name']} {each['version']}: {vulnerability['id']}, mended in {vulnerability['fix_versions']}"
        for each in audited
        for vulnerability in each["vulns"]
    ]
    if not audited:
        return Report("pip-audit", f"not audited: it could look up none of {len(packages)} packages")
    return Report("pip-audit", f"{len(audited)} of {len(packages)} packages audited", tuple(wrong))


def _said(root: Path, *command: str) -> str:
    ended = subprocess.run([root / command[0], *command[1:]], cwd=root, capture_output=True, text=True, check=False)
    if not ended.stdout.strip() and ended.returncode:
        raise SystemExit(f"{command[0]} failed: {ended.stderr.strip()[-500:]}")
    return ended.stdout
