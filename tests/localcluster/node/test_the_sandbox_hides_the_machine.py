"""What a container may see and do, with root's rights outside and without them."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from localcluster.node.places import Places
from localcluster.node.sandbox import Mount, Orders, Running, Sandbox, probe

ROOT = Path(__file__).parents[3]
AS_ORDINARY_USER = """
import asyncio, sys
from pathlib import Path
from localcluster.node.sandbox import Orders, probe

async def main(directory):
    sandbox, text = await probe(directory)
    assert sandbox is not None, text
    (directory / "etc").mkdir()
    (directory / "etc" / "hosts").write_text("127.64.9.9 far.away\\n")
    script = "getent hosts far.away; echo $$; hostname"
    orders = Orders(directory / "root", ["/bin/sh", "-c", script], {"PATH": "/usr/bin:/bin"}, "inside",
                    directory / "etc", user=1234)
    running = await sandbox.start(orders)
    print((await running.stdout.read()).decode(), (await running.stderr.read()).decode(), await running.wait(), text)

asyncio.run(main(Path(sys.argv[1])))
"""


def orders(directory: Path, script: str, **more: object) -> Orders:
    (directory / "etc").mkdir(exist_ok=True)
    environment = {"PATH": "/usr/bin:/bin"}
    return Orders(directory / "c" / "root", ["/bin/sh", "-c", script], environment, "h", directory / "etc", **more)  # type: ignore[arg-type]


async def output(running: Running) -> list[str]:
    text = (await running.stdout.read() + await running.stderr.read()).decode()
    await running.wait()
    return text.splitlines()


@pytest.mark.parametrize("user_namespace", [False, True])
@pytest.mark.usefixtures("as_root")
async def test_shown_places_are_read_only_and_hidden_ones_empty(tmp_path: Path, *, user_namespace: bool) -> None:
    """A secret directory under the project shows nothing; a volume may be written to, and covers no project."""
    shown = tmp_path / "project"
    for part in (shown / "secret", tmp_path / "volume"):
        part.mkdir(parents=True)
    (shown / "file").write_text("shown")
    (shown / "secret" / "key").write_text("private")
    places = Places(((shown, Path("/shown")),))
    sandbox = Sandbox(places=places, hidden=[shown / "secret"], user_namespace=user_namespace)
    script = (
        "cat /shown/file; echo; cat /shown/secret/key 2>/dev/null || echo hidden; "
        "touch /shown/x 2>/dev/null || echo kept; echo written > /data/x; ls /home /root 2>/dev/null | wc -l; "
        "mkdir /sys/fs/cgroup/memory/mine 2>/dev/null || echo nothing"
    )
    over_the_checkout = Mount(tmp_path / "volume", tempfile.gettempdir())
    mounts = [Mount(tmp_path / "volume", "/data"), over_the_checkout]
    running = await sandbox.start(orders(tmp_path, script, mounts=mounts))
    assert await output(running) == ["shown", "hidden", "kept", "0", "nothing"]
    assert (tmp_path / "volume" / "x").read_text() == "written\n"


async def test_commands_run_inside_with_the_same_eyes(tmp_path: Path) -> None:
    """A further command sees the container's root and processes, and its end is told."""
    from localcluster.node.commands import run_command

    sandbox, text = await probe(tmp_path)
    assert sandbox is not None, text
    running = await sandbox.start(orders(tmp_path, "echo here > /tmp/x; echo up; sleep 600"))
    assert await running.stdout.readline() == b"up\n"
    assert await run_command(sandbox, running, ["sh", "-c", "cat /tmp/x; exit 7"], timeout_seconds=10) == (7, "here\n")
    assert await run_command(sandbox, running, ["sleep", "9"], timeout_seconds=0.2) is None
    running.signal(9)
    assert await running.wait() == 137


@pytest.mark.usefixtures("as_root")
def test_an_ordinary_user_gets_names_too(tmp_path: Path) -> None:
    """Without root a user namespace gives the same root and hosts file, and says what it does not enforce."""
    python = "/usr/bin/python3"  # this one's own may lie where other users cannot look
    if _run_as_nobody(tmp_path, python, "import localcluster.node.sandbox").returncode != 0:
        pytest.skip("no Python for other users, or this checkout lies where they may not look")
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)  # noqa: S103  (another user writes here)
        ended = _run_as_nobody(Path(directory), python, AS_ORDINARY_USER)
    if "namespaces may not be had" in ended.stderr:
        pytest.skip("this machine lets no ordinary user make namespaces")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split()[:4] == ["127.64.9.9", "far.away", "1", "inside"]
    assert "runAsUser, runAsGroup and fsGroup are not enforced" in ended.stdout


def _run_as_nobody(directory: Path, python: str, program: str) -> subprocess.CompletedProcess[str]:
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", python, "-c", program, str(directory)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
