"""The command line: `python -m localcluster up | kubeconfig | down`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import signal
import sys
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

from localcluster.claim import Claimed, claim
from localcluster.settings import Settings, parse
from localcluster.wiring import CannotStart, Cluster

_STOP_WAIT_S = 30.0
_PARENT_CHECK_S = 0.5
_OPEN_FILES = 65536
_LOG_BYTES = 10_000_000
"""The log and the one before it take at most twice this."""


def main() -> int:
    settings = parse()
    commands = {"up": _up, "kubeconfig": _kubeconfig, "down": _down}
    try:
        return commands[settings.command](settings)
    except CannotStart as error:
        print(f"localcluster: {error}", file=sys.stderr)
        return 1


def _up(settings: Settings) -> int:
    if sys.platform != "linux":
        raise CannotStart(f"the local cluster runs on Linux only, not on {sys.platform}: use a real cluster there")
    _allow_many_files()
    with contextlib.ExitStack() as held:
        try:
            settings.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            held.enter_context(claim(settings.pid_file))
            _log_to(settings)
        except Claimed as error:
            raise CannotStart(
                f"a cluster already runs from {settings.directory} (process {_running(settings)}): "
                f"stop it with `python -m localcluster down --dir {settings.directory}`"
            ) from error
        except OSError as error:
            raise CannotStart(
                f"{settings.directory} cannot be written to ({error.strerror}): make room, or choose another folder "
                "with --dir"
            ) from error
        if not settings.keep:
            print("localcluster: objects are in memory only: --dir D keeps them for the next start", file=sys.stderr)
        asyncio.run(_run(settings))
    return 0


def _log_to(settings: Settings) -> None:
    """Everything goes to the file of this run; the terminal gets warnings, or everything when it is asked for."""
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.DEBUG if settings.verbose else logging.WARNING)
    file = RotatingFileHandler(settings.log_file, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8")
    level = logging.DEBUG if settings.verbose else logging.INFO
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=[terminal, file]
    )


def _allow_many_files() -> None:
    """A thousand silent connections must not keep the next one out."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


async def _run(settings: Settings) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    parent = asyncio.create_task(_until_parent_ends(os.getppid(), stopping)) if settings.exit_with_parent else None
    cluster = Cluster(settings)
    starting = asyncio.create_task(cluster.start())
    ended = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({starting, ended}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            api = starting.result()
            print(f"ready {api.url} kubeconfig {settings.kubeconfig}", flush=True)
            await stopping.wait()
    finally:
        for task in (starting, ended, parent):
            if task is not None:
                task.cancel()
        with contextlib.suppress(asyncio.CancelledError, CannotStart):
            await starting
        await cluster.stop()


async def _until_parent_ends(parent: int, stopping: asyncio.Event) -> None:
    """The kernel's own death signal follows the thread that started us, which may end long before its process."""
    while os.getppid() == parent:  # noqa: ASYNC110 - the kernel tells this to nobody who waits
        await asyncio.sleep(_PARENT_CHECK_S)
    stopping.set()


def _kubeconfig(settings: Settings) -> int:
    try:
        sys.stdout.write(settings.kubeconfig.read_text())
    except FileNotFoundError as error:
        raise CannotStart(
            f"there is no kubeconfig in {settings.directory}: start a cluster with `python -m localcluster up`"
        ) from error
    return 0


def _down(settings: Settings) -> int:
    running = _running(settings)
    if not running:
        print(f"no cluster runs from {settings.directory}", file=sys.stderr)
        return 0
    os.kill(running, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_WAIT_S
    while _is_cluster(running):
        if time.monotonic() > deadline:
            raise CannotStart(f"process {running} did not stop within {_STOP_WAIT_S:.0f} s: look at its log")
        time.sleep(0.1)
    return 0


def _running(settings: Settings) -> int:
    """The process of a cluster that runs from the directory, or 0."""
    try:
        process = int(settings.pid_file.read_text())
    except (FileNotFoundError, ValueError):
        return 0
    return process if process != os.getpid() and _is_cluster(process) else 0


def _is_cluster(process: int) -> bool:
    """Whether the process is a cluster: after a crash its number may belong to somebody else."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z" and b"localcluster" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
