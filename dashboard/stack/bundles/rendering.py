"""Runs `kubectl kustomize` for kustomizations that do more than list files.

The only place where the dashboard starts a process; docs/architecture.md says why. It must only be called for a
folder whose references are known to be local (`kustomization`).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from dashboard.errors import Refused

TIMEOUT_S = 30.0
ERROR_MAX = 1000
"""Characters of what kubectl says that are passed on."""

Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]
"""Runs a command and returns when it has ended. Raises OSError or subprocess.TimeoutExpired."""

_ALONE = {
    "PATH": "",
    "HOME": "/nonexistent",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}
"""Without git on its path and without a way to any web server: whatever the check of references should overlook."""


def run_alone(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Runs without shell, network and the environment's variables, for a limited time."""
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", timeout=TIMEOUT_S, check=False,
        env=_ALONE, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def rendered(folder: Path, *, label: str, run: Run = run_alone) -> str:
    """The YAML that the kustomization in `folder` comes to. Raises Refused with what kubectl says."""
    command = [find_kubectl(label), "kustomize", str(folder.resolve())]
    try:
        done = run(command)
    except subprocess.TimeoutExpired:
        raise Refused(f"{label}: kubectl kustomize took longer than {TIMEOUT_S:.0f} s.", status=422) from None
    except OSError as error:
        raise Refused(f"{label}: kubectl cannot be run: {error.strerror or error}.", status=422) from error
    if done.returncode != 0:
        said = " ".join(done.stderr.split())[:ERROR_MAX] or f"it ended with {done.returncode} and said nothing"
        raise Refused(f"{label}: kubectl kustomize says: {said.rstrip('.')}.", status=422)
    return done.stdout


def kubectl() -> str | None:
    """Where kubectl is, None when there is none."""
    return shutil.which("kubectl") or shutil.which("kubectl", path=str(Path(sys.executable).parent))


def find_kubectl(label: str) -> str:
    """The one on PATH, else the one beside this interpreter. Raises Refused when there is none."""
    found = kubectl()
    if found is None:
        raise Refused(
            f"{label} uses more than `resources`, for which kubectl is needed and not found; install kubectl "
            "(https://kubernetes.io/docs/tasks/tools/) or render the folder elsewhere: "
            "kubectl kustomize FOLDER > stack.yaml.",
            status=422,
        )
    return found
