"""Starts a container's first process in its own root and namespaces, and runs further commands in it.

Knows how a root is put together; must not know pods, only the plain orders it is given.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcluster.node.places import Places
from localcluster.node.racing import cancelled, ended, first_of

_SHIM = Path(__file__).with_name("shim.py")
_UNSHARE = ("unshare", "--mount", "--uts", "--ipc", "--pid", "--")
_DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")
_USER_NAMESPACE = ("unshare", "--user", "--map-root-user")
_TOOLS = ("unshare", "setpriv", "nsenter")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_ETC = ("ssl", "ca-certificates", "pki", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone",
        "alternatives", "services", "protocols", "mime.types", "host.conf", "gai.conf", "openssl")  # fmt: skip
_SYSTEM = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32")
_NOWHERE = Places(())
_MINIMAL_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}


_NOT_STARTED = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
    "unable to start container process: "
)
"""What stands before the reason on other clusters, so that a search for the message finds what it is about."""


class StartError(Exception):
    """The program could not be started; the text says why."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A path of this machine shown at `target` inside the container."""

    source: Path
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Orders:
    """All that makes up one container's first process."""

    root: Path
    arguments: Sequence[str]
    environment: dict[str, str]
    hostname: str
    etc: Path
    working_directory: str = "/"
    mounts: Sequence[Mount] = ()
    cgroups: Sequence[str] = ()
    user: int = 0
    group: int = 0
    groups: Sequence[int] = ()
    read_only_root: bool = False
    no_new_privileges: bool = False
    drop_capabilities: bool = False
    stdin: bool = False


@dataclass(slots=True)
class Running:
    """A started container: `process` ends when it ends, `pid` is its first process as seen from outside."""

    process: asyncio.subprocess.Process
    pid: int
    stdout: asyncio.StreamReader
    stderr: asyncio.StreamReader
    orders: Orders = field(repr=False)
    stdin: asyncio.StreamWriter | None = None

    def signal(self, number: int) -> None:
        """To the first process; one that has gone is no error, and its number may be another's by now."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def wait(self) -> int:
        """The exit code as a shell tells it: 128 + n for signal n."""
        code = await self.process.wait()
        return code if code >= 0 else 128 - code


class Sandbox:
    """Makes containers. `places` are shown read-only in every one, `hidden` directories of this machine never."""

    def __init__(
        self, *, places: Places = _NOWHERE, hidden: Sequence[Path] = (), user_namespace: bool = False
    ) -> None:  # fmt: skip
        self._shown = places.shown
        self._covered = [target for path in hidden for target in places.all_inside(path)]
        self.user_namespace = user_namespace

    async def start(self, orders: Orders) -> Running:
        """Returns once the program runs; raises StartError when it could not be."""
        report = _make_places(orders)
        try:
            process = await asyncio.create_subprocess_exec(
                *self._prefix(), *_UNSHARE, sys.executable, "-I", "-S", str(_SHIM), str(report), str(os.getpid()),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
                env=_MINIMAL_ENVIRONMENT, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise StartError(f"{error.filename}: {error.strerror}") from error
        stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
        if stdin is None or stdout is None or stderr is None:
            raise StartError("the sandbox was started without its pipes")
        stdin.write(json.dumps(self._spelled(orders)).encode() + b"\n")
        if not orders.stdin:
            stdin.close()
        try:
            reports = await _read_reports(report, process)
        except BaseException:
            await _end(process)  # whoever wanted it has left
            raise
        if "pid" not in reports or "error" in reports:
            await _end(process)
            raise StartError(f"{_NOT_STARTED}{reports.get('error') or await _complaint(stderr)}")
        return Running(process, reports["pid"], stdout, stderr, orders, stdin if orders.stdin else None)

    def command_in(self, running: Running, arguments: Sequence[str]) -> list[str]:
        """The argument list that runs `arguments` inside `running`, under its user and in its cgroups."""
        orders = running.orders
        join = 'while [ "$1" != -- ]; do echo 0 > "$1"; shift; done; shift; exec "$@"'
        enter = ["nsenter", f"--target={running.pid}", "--mount", "--uts", "--ipc", "--pid", "--root", "--wd"]
        if self.user_namespace:
            enter += ["--user", "--preserve-credentials"]
        become = ["setpriv", "--pdeathsig", "KILL"]
        if not self.user_namespace:
            groups = ",".join(str(group) for group in orders.groups)
            become += [f"--reuid={orders.user}", f"--regid={orders.group}"]
            become += [f"--groups={groups}"] if groups else ["--clear-groups"]
        if orders.no_new_privileges:
            become.append("--no-new-privs")
        return [
            "/bin/sh",
            "-c",
            join,
            "sh",
            *orders.cgroups,
            "--",
            *_DIE_WITH_PARENT,
            *enter,
            *become,
            "--",
            *arguments,
        ]

    def _prefix(self) -> tuple[str, ...]:
        # Entering a user namespace clears the death signal, so it is set after it.
        return (*_USER_NAMESPACE, *_DIE_WITH_PARENT) if self.user_namespace else _DIE_WITH_PARENT

    def _spelled(self, orders: Orders) -> dict[str, Any]:
        return {
            "root": str(orders.root),
            "mounts": self._root(orders),
            "read_only_root": orders.read_only_root,
            "cgroups": list(orders.cgroups),
            "hostname": orders.hostname,
            "change_user": not self.user_namespace,
            "user": orders.user,
            "group": orders.group,
            "groups": list(orders.groups),
            "keep_capabilities": not orders.drop_capabilities,
            "no_new_privileges": orders.no_new_privileges,
            "working_directory": orders.working_directory,
            "arguments": list(orders.arguments),
            "environment": orders.environment,
            "stdin": orders.stdin,
        }

    def _root(self, orders: Orders) -> list[dict[str, Any]]:
        """The root's entries in the order they are made: system, devices, ours, the pod's volumes."""
        items: list[dict[str, Any]] = [_system(name) for name in _SYSTEM if Path("/", name).exists()]
        items += [_directory("/tmp", 0o1777), _directory("/run", 0o755), _directory("/var/tmp", 0o1777)]  # noqa: S108
        items += [_bind(Path("/etc", name), f"/etc/{name}") for name in _ETC if Path("/etc", name).exists()]
        items += [_bind(path, f"/etc/{path.name}", read_only=False) for path in sorted(orders.etc.iterdir())]
        items.append({"type": "proc", "target": "/proc"})
        # Without its submounts, so that cgroups stay out of reach; a user namespace may only cover them.
        items.append(_bind(Path("/sys"), "/sys", recursive=self.user_namespace))
        if self.user_namespace:
            items.append({"type": "tmpfs", "target": "/sys/fs/cgroup", "options": "mode=555,size=4k"})
        items += [_bind(Path("/dev", name), f"/dev/{name}", read_only=False) for name in _DEVICES]
        items.append({"type": "tmpfs", "target": "/dev/shm", "options": "mode=1777,size=64m"})  # noqa: S108
        items += [_link("/proc/self/fd", "/dev/fd"), _link("/proc/self/fd/1", "/dev/stdout")]
        items += [_link("/proc/self/fd/2", "/dev/stderr"), _link("/proc/self/fd/0", "/dev/stdin")]
        items += [_bind(source, str(target)) for source, target in self._shown]
        items += [{"type": "tmpfs", "target": str(path), "options": "mode=000,size=4k"} for path in self._covered]
        for mount in sorted(orders.mounts, key=lambda item: item.target.count("/")):
            items.append(_bind(mount.source, mount.target, read_only=mount.read_only))
        return items


async def probe(
    directory: Path, *, places: Places = _NOWHERE, hidden: Sequence[Path] = ()
) -> tuple[Sandbox | None, str]:  # fmt: skip
    """The sandbox this machine allows and a sentence about it; None when namespaces may not be had."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        return None, f"refused: {', '.join(missing)} not found; install util-linux"
    reason = ""
    for user_namespace in (False, True) if os.geteuid() == 0 else (True,):
        sandbox = Sandbox(places=places, hidden=hidden, user_namespace=user_namespace)
        etc = directory / "probe" / "etc"
        etc.mkdir(parents=True, exist_ok=True)
        orders = Orders(directory / "probe" / "root", ["/bin/true"], {}, "probe", etc)
        try:
            running = await sandbox.start(orders)
        except StartError as error:
            reason = str(error)
            continue
        await running.process.communicate()
        if user_namespace:
            return sandbox, "mount, PID and user namespaces; runAsUser, runAsGroup and fsGroup are not enforced"
        return sandbox, "mount and PID namespaces"
    return None, f"refused: namespaces may not be had ({reason}); names could not resolve inside pods"


def _system(name: str) -> dict[str, Any]:
    path = Path("/", name)
    return _link(os.readlink(path), str(path)) if path.is_symlink() else _bind(path, str(path))


def _bind(source: Path, target: str, *, read_only: bool = True, recursive: bool = True) -> dict[str, Any]:
    return {"type": "bind", "source": str(source), "target": target, "read_only": read_only, "recursive": recursive}


def _directory(target: str, mode: int) -> dict[str, Any]:
    return {"type": "directory", "target": target, "mode": mode}


def _link(source: str, target: str) -> dict[str, Any]:
    return {"type": "link", "source": source, "target": target}


async def _read_reports(path: Path, process: asyncio.subprocess.Process) -> dict[str, Any]:
    """The shim's lines until its end of the pipe closes: by the program's start, or by its own end.

    A pipe nobody has opened for writing reads as ended, so one end is held here until the shim has spoken or died.
    """
    reader = asyncio.StreamReader()
    stream = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0)
    held = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), stream
    )
    with contextlib.closing(transport):
        first = asyncio.ensure_future(reader.readline())
        try:
            await first_of(asyncio.shield(first), process.wait())
        except BaseException:
            await cancelled([first])
            raise
        finally:
            os.close(held)
        text = await first + await reader.read()
    reports: dict[str, Any] = {}
    for line in text.splitlines():
        reports.update(json.loads(line))
    return reports


def _make_places(orders: Orders) -> Path:
    """The root's empty directory, and the named pipe beside it."""
    orders.root.mkdir(parents=True, exist_ok=True)
    report = orders.root.parent / "report"
    report.unlink(missing_ok=True)
    os.mkfifo(report, 0o600)
    return report


async def _end(process: asyncio.subprocess.Process) -> None:
    """With what it has forked so far: all of it is one group, whose pipes would be waited for."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await ended([asyncio.create_task(process.wait())])


async def _complaint(stderr: asyncio.StreamReader) -> str:
    text = (await stderr.read()).decode(errors="replace").strip()
    return text or "the sandbox ended without a word"
