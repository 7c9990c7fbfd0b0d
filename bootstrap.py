"""Makes a fresh machine ready: virtual environment, locked packages, front-end assets, mongod, Chromium.

`python3 bootstrap.py run` is for the local cluster, `remote` for another one, `test` for the tests, `scan` for the
scanners of others, which have an environment of their own. It says what it does while it does it, does nothing that is
done already, and stops with one sentence when something is missing.
Standard library only.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
SCANNERS = ROOT / ".scanners"
LOCKS = {"run": "run.lock.txt", "remote": "run.lock.txt", "test": "test.lock.txt", "scan": "scan.lock.txt"}
INSTALLED_FROM = ("pyproject.toml", "package.json", "package-lock.json", "hatch_build.py")
PACKAGES = ("dashboard", "localcluster", "sampleapp", "swarm")
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


class Missing(Exception):
    """Something this machine lacks; the text is the sentence to show."""


def main(argv: list[str]) -> int:
    """Prepares the machine for a profile; returns the exit code (0 ready, 1 something is missing, 2 usage)."""
    if len(argv) != 1 or argv[0] not in LOCKS:
        print(f"usage: python3 bootstrap.py {'|'.join(LOCKS)}", file=sys.stderr)
        return 2
    try:
        prepare(argv[0])
    except Missing as missing:
        print(f"surgeboard: {missing}", file=sys.stderr)
        return 1
    return 0


def prepare(profile: str) -> None:
    """Runs every step that `profile` needs."""
    check_python()
    if profile == "scan":
        make_environment()
        install_scanners()
        return
    if profile != "remote" and platform.system() != "Linux":
        raise Missing(
            f"the local cluster needs Linux, this is {platform.system()}; "
            "use another cluster with `make up KUBECONFIG=… CONTEXT=…`, or a Linux virtual machine."
        )
    make_environment()
    install_packages(profile)
    compile_sources()
    if profile != "remote":
        check_mongod()
    if profile == "test":
        check_chromium()


def check_python() -> None:
    """The language features used need 3.11."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs before anything has checked the version
        raise Missing(f"Python 3.11 or newer is needed, this is {platform.python_version()}; try PYTHON=python3.11.")


def make_environment() -> None:
    """Creates `.venv` with pip; on Debian as root it installs python3-venv when that is what is missing."""
    if PYTHON.exists() and UV.exists():
        return
    say("making the virtual environment in .venv")
    if not can_make_environments():
        debian_install(f"python3.{sys.version_info.minor}-venv", why="Python's venv module")
    run([sys.executable, "-m", "venv", "--clear", str(VENV)], failure="the virtual environment could not be made")
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    run([*install, "-r", str(ROOT / "requirements" / "uv.lock.txt")], failure="pip could not install uv")


def can_make_environments() -> bool:
    """Whether `ensurepip` is there; Debian splits it off into python3-venv."""
    return subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True, check=False).returncode == 0


def install_packages(profile: str) -> None:
    """Installs the locked packages and this project, unless exactly these are installed already."""
    lock = ROOT / "requirements" / LOCKS[profile]
    stamp = VENV / f".surgeboard-{lock.name}"
    wanted = fingerprint(lock)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"installing the locked packages for '{profile}'")
    # Pods see these packages but may not write beside them: uncompiled ones would be compiled at each start.
    install = [str(UV), "pip", "install", "--quiet", "--compile-bytecode", "--python", str(PYTHON)]
    run([*install, "--require-hashes", "-r", str(lock)], failure=f"the packages of {lock.name} could not be installed")
    say("building the front-end assets and installing surgeboard")
    run([*install, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], failure="surgeboard could not be installed")
    stamp.write_text(wanted)


def compile_sources() -> None:
    """What has changed of our own packages, for the same reason."""
    command = [str(PYTHON), "-m", "compileall", "-q", *PACKAGES]
    run(command, failure="the project's modules could not be compiled")


def install_scanners() -> None:
    """Beside the virtual environment, for what they depend on does not fit what we depend on."""
    lock = ROOT / "requirements" / LOCKS["scan"]
    stamp = SCANNERS / ".surgeboard"
    wanted = fingerprint(lock)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("installing the scanners in .scanners")
    run([str(UV), "venv", "--quiet", "--clear", "--python", str(PYTHON), str(SCANNERS)], failure="no .scanners")
    install = [str(UV), "pip", "install", "--quiet", "--python", str(SCANNERS / "bin" / "python"), "--require-hashes"]
    run([*install, "-r", str(lock)], failure=f"the packages of {lock.name} could not be installed")
    stamp.write_text(wanted)


def fingerprint(lock: Path) -> str:
    """A digest of everything the installation is made from."""
    digest = hashlib.sha256(sys.version.encode())
    for path in (lock, *(ROOT / name for name in INSTALLED_FROM)):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def check_mongod() -> None:
    """The local cluster runs a real mongod: one on PATH, else the one in the virtual environment."""
    on_path = shutil.which("mongod")
    bundled = next(VENV.glob("lib/python3*/site-packages/fiftyone/db/bin/mongod"), None)
    mongod = on_path or (str(bundled) if bundled else None)
    if mongod is None:
        raise Missing(
            f"there is no mongod for {platform.system()} {platform.machine()} among the packages; "
            "install MongoDB so that `mongod` is on PATH, then run this again."
        )
    if starts(mongod):
        return
    debian_install("libcurl4", why=f"a library that {mongod} needs")
    if not starts(mongod):
        raise Missing(f"{mongod} does not start on this machine; install MongoDB so that `mongod` is on PATH.")


def starts(program: str) -> bool:
    """Whether `program --version` works, so that its shared libraries are there."""
    return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0


def check_chromium() -> None:
    """The browser tests drive a real Chromium through Playwright's own node."""
    if not any(shutil.which(name) for name in CHROMIUM_NAMES):
        debian_install("chromium-headless-shell", why="Chromium, which the browser tests drive")
    driver = next(VENV.glob("lib/python3*/site-packages/playwright/driver/node"))
    if not starts(str(driver)):
        debian_install("libatomic1", why=f"a library that {driver} needs")
    if not starts(str(driver)):
        raise Missing(f"{driver} does not start on this machine, so the browser tests cannot run.")


def debian_install(package: str, *, why: str) -> None:
    """Installs a Debian package as root; anywhere else says what to install."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Missing(f"{why} is missing; install it (on Debian: sudo apt-get install {package}), then run this again.")
    say(f"installing {package} with apt-get ({why})")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], failure="apt-get update failed", env=environment)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    run(install, failure=f"apt-get could not install {package}", env=environment)


def run(command: list[str], *, failure: str, env: dict[str, str] | None = None) -> None:
    """Runs `command`; its output goes to stderr, so that stdout stays free for what comes after."""
    if subprocess.run(command, cwd=ROOT, stdout=sys.stderr, env=env, check=False).returncode != 0:
        raise Missing(f"{failure}; the lines above say why.")


def say(what: str) -> None:
    """One line of progress."""
    print(f"surgeboard: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
