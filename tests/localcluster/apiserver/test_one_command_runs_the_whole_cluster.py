"""`python -m localcluster`: ready line, files, refusals, and an end that leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.cluster
ROOT = Path(__file__).resolve().parents[3]
START_S = 60


class Command:
    """Starts `python -m localcluster …` and remembers what to end."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.started: list[asyncio.subprocess.Process] = []

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "localcluster", *arguments, "--dir", str(self.directory), cwd=ROOT,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self.started.append(process)
        return process

    async def up(self, *arguments: str) -> tuple[asyncio.subprocess.Process, str]:
        """A running cluster and its ready line."""
        process = await self.start("up", "--port", "0", *arguments)
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), START_S)
        return process, line.decode().strip()

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        process = await self.start(*arguments)
        out, err = await asyncio.wait_for(process.communicate(), START_S)
        return process.returncode or 0, out.decode(), err.decode()


@pytest.fixture
async def command(tmp_path: Path) -> AsyncIterator[Command]:
    found = Command(tmp_path / "cluster")
    yield found
    for process in found.started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_it_says_where_it_is_and_leaves_when_told(command: Command) -> None:
    process, line = await command.up()
    assert line.startswith("ready https://127.0.0.1:")
    assert line.endswith(f" kubeconfig {command.directory / 'kubeconfig'}")
    mode = stat.S_IMODE((command.directory / "kubeconfig").stat().st_mode)
    assert mode == 0o600
    code, out, _ = await command.run("kubeconfig")
    assert (code, "current-context" in out) == (0, True)
    code, _, err = await command.run("up", "--port", "0")
    assert (code, f"already runs from {command.directory} (process {process.pid})" in err) == (1, True)
    assert (command.directory / "pid").read_text() == f"{process.pid}\n"
    assert (await command.run("down"))[0] == 0
    assert await asyncio.wait_for(process.wait(), START_S) == 0
    assert not (command.directory / "pid").exists()


async def test_a_folder_that_cannot_be_is_told_in_one_sentence(command: Command) -> None:
    command.directory.write_text("a file")
    code, out, err = await command.run("up", "--port", "0")
    assert (code, out) == (1, "")
    assert err.startswith(f"localcluster: {command.directory} cannot be written to (File exists)")


async def test_a_taken_port_is_told_in_one_sentence(command: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = await command.run("up", "--port", str(port))
    last = err.strip().splitlines()[-1]
    assert code == 1
    assert last == (
        f"localcluster: port {port} on 127.0.0.1 is taken: stop what listens there, or choose another with --port"
    )


async def test_it_ends_with_the_process_that_started_it(command: Command, tmp_path: Path) -> None:
    script = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-m', 'localcluster', 'up', '--port', '0', '--exit-with-parent',"
        f" '--dir', {str(tmp_path / 'other')!r}], stdout=subprocess.PIPE)\n"
        "print(child.pid, child.stdout.readline(), flush=True)\n"
        "child.wait()\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    command.started.append(parent)
    assert parent.stdout is not None
    child = int((await asyncio.wait_for(parent.stdout.readline(), START_S)).split()[0])
    parent.kill()
    async with asyncio.timeout(START_S):
        while _alive(child):  # noqa: ASYNC110 - the process is not ours to wait for
            await asyncio.sleep(0.1)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


async def test_an_interrupt_ends_it_like_a_request_to_stop(command: Command) -> None:
    process, _ = await command.up()
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), START_S) == 0
