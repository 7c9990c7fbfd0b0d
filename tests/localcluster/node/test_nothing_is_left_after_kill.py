"""kill -9 of the cluster ends every process it started, its cgroups are reused, its claims stay."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from localcluster.node.sandbox import Orders, probe

ROOT = Path(__file__).parents[3]
PROGRAM = """
import asyncio, sys
from pathlib import Path
from localcluster.node.limits.choice import choose
from localcluster.node.limits.protocol import Limits
from localcluster.node.sandbox import Orders, probe

async def main(directory, marker):
    sandbox, text = await probe(directory)
    assert sandbox is not None, text
    limiter = choose("auto", name=f"surgeboard-test-{marker}")
    script = f"sleep {marker} & sleep {marker} & wait"
    for number in range(2):
        home = directory / str(number)
        (home / "etc").mkdir(parents=True)
        group = limiter.create(str(number), Limits(cpu_limit=0.5))
        orders = Orders(home / "root", ["/bin/sh", "-c", script], {"PATH": "/usr/bin:/bin"}, "h", home / "etc",
                        cgroups=group.join_files, user=1234 if number and not sandbox.user_namespace else 0)
        await sandbox.start(orders)
    print("started", flush=True)
    await asyncio.sleep(600)

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


def processes_with(marker: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                arguments = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if arguments[:2] == [b"sleep", marker.encode()]:
                found.append(int(entry.name))
    return found


def test_every_process_ends_with_the_cluster(tmp_path: Path) -> None:
    """Also those of containers that run as another user, and the children of first processes."""
    marker = f"7{os.getpid()}"
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), marker]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as cluster:
        try:
            assert cluster.stdout is not None
            assert cluster.stdout.readline() == "started\n"
            deadline = time.monotonic() + 30
            while len(processes_with(marker)) < 4 and time.monotonic() < deadline:
                time.sleep(0.01)
            assert len(processes_with(marker)) == 4
        finally:
            cluster.send_signal(signal.SIGKILL)
    while processes_with(marker) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert processes_with(marker) == []
    remove_groups(marker)


def remove_groups(marker: str) -> None:
    """A cluster that starts again under the same name removes the old groups by itself; so does this."""
    from localcluster.node.limits.choice import choose

    choose("auto", name=f"surgeboard-test-{marker}").close()


@pytest.mark.parametrize("moment", [number * 0.006 for number in range(10)])
async def test_whoever_leaves_while_a_container_starts_leaves_nothing(tmp_path: Path, moment: float) -> None:
    """At whatever moment: before its first process knows whose end is its own, or after."""
    sandbox, text = await probe(tmp_path)
    assert sandbox is not None, text
    marker = f"6{os.getpid()}{int(moment * 1000)}"
    etc = tmp_path / "etc"
    etc.mkdir()
    orders = Orders(tmp_path / "root", ["sleep", marker], {"PATH": "/usr/bin:/bin"}, "h", etc)
    starting = asyncio.create_task(sandbox.start(orders))
    await asyncio.sleep(moment)
    starting.cancel()
    async with asyncio.timeout(20):
        await asyncio.wait([starting])
        if not starting.cancelled():  # it was faster
            starting.result().signal(signal.SIGKILL)
            await starting.result().process.communicate()
        while processes_with(marker):  # noqa: ASYNC110 - the kernel tells nobody
            await asyncio.sleep(0.01)
