"""`make images-check`: builds both images, looks at what is inside, and starts each the way its pods do."""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.images import inside, stand_in, starting
from tests.images.builder import Builder, CannotBuild, check_programs

ROOT = Path(__file__).resolve().parents[2]
NEEDED = {
    "app": ("opt/surgeboard/sampleapp/templates", "opt/venv/bin/gunicorn"),
    "dashboard": (
        "opt/surgeboard/dashboard/static/vendor/htmx.min.js", "opt/surgeboard/dashboard/templates/stage",
        "opt/surgeboard/manifests/flask/kustomization.yaml", "opt/surgeboard/swarm/master.py", "opt/venv/bin/gunicorn",
    ),
}  # fmt: skip
KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: nowhere, cluster: {server: "https://127.0.0.1:9"}}]
contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody}}]
users: [{name: nobody, user: {token: none}}]
current-context: nowhere
"""


def main() -> int:
    given = _arguments()
    try:
        check_programs()
        if os.geteuid() != 0:
            raise CannotBuild("root is needed, for the file trees belong to root; try sudo")
        with tempfile.TemporaryDirectory(prefix="surgeboard-images-") as folder:
            return _check(Builder(Path(folder)), given.base or Path(folder) / "base")
    except CannotBuild as error:
        print(f"images-check: {error}", file=sys.stderr)
        return 1


def _check(builder: Builder, tree: Path) -> int:
    base = re.findall(r"^ARG PYTHON=(\S+)$", (ROOT / "Dockerfile.app").read_text(), re.MULTILINE)[0]
    stand_in_name = f"docker.io/library/{base}"
    print(f"stand-in for {base}: {stand_in.make(tree)} of Debian {stand_in.SUITE}", flush=True)
    builder.base(tree, stand_in_name)
    wrong = 0
    for name in ("app", "dashboard"):
        image = f"localhost/surgeboard/{name}:check"
        builder.build(ROOT / f"Dockerfile.{name}", image, arguments={"VERSION": _version(), "REVISION": _revision()})
        problems = list(inside.of_config(builder.config(image), builder.config(stand_in_name)))
        with builder.opened(image) as root:
            problems += inside.of_files(root, needed=NEEDED[name])
            problems += [each for each in _starts(name, root) if each]
            print(f"{name}: {inside.size(root) / 2**20:.0f} MiB on top of the base; wrong: {len(problems)}", flush=True)
        for each in problems[:20]:
            print(f"  {each}")
        wrong += len(problems)
    return 1 if wrong else 0


def _starts(name: str, root: Path) -> Iterator[str | None]:
    """What is wrong with how the image's programs start; None for each that starts."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}/healthz"
    python = ("python", "-m")
    if name == "app":
        hosts = {"MONGODB_HOSTS": "127.0.0.1:9", "BIND": f"127.0.0.1:{port}"}
        yield starting.answer(root, *python, "sampleapp", url=url, **hosts)
        yield _refused(root, "sampleapp.agent", "not set")
        return
    serve = 'printf %s "$CONFIG" >/tmp/kubeconfig; exec python -m dashboard serve --data-dir /tmp/surgeboard'
    environment = {"CONFIG": KUBECONFIG, "SURGEBOARD_KUBECONFIG": "/tmp/kubeconfig", "SURGEBOARD_PORT": str(port)}
    yield starting.answer(root, "sh", "-c", serve, url=url, **environment)
    yield _refused(root, "swarm.master", "SWARM_")
    yield _refused(root, "swarm.worker", "SWARM_")


def _refused(root: Path, module: str, word: str) -> str | None:
    """Without its settings a program says which one it lacks: then all it imports is there."""
    code, line = starting.said(root, "python", "-m", module)
    return None if code == 2 and word in line else f"python -m {module} ended with {code}: {line}"


def _version() -> str:
    found: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return found


def _revision() -> str:
    told = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make images-check", description=__doc__)
    parser.add_argument("--base", type=Path, help="folder that keeps the stand-in's file tree for the next time")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
