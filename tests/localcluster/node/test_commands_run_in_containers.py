"""Further commands in a running container: their ends, with and without a terminal, and listening to the container."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from localcluster.errors import ApiError

pytestmark = pytest.mark.cluster


def _is_running(pod: Any) -> bool:
    return bool(pod["status"].get("containerStatuses", [{}])[0].get("state", {}).get("running"))


async def _started(cluster: Any, script: str, **container: Any) -> None:
    await cluster.shell("box", script, **container)
    await cluster.until("box", _is_running)


async def _told(stream: asyncio.StreamReader) -> bytes:
    return await asyncio.wait_for(stream.read(), 20)


async def test_a_command_has_its_own_ends(cluster: Any) -> None:
    await _started(cluster, "sleep 3600")
    arguments = ["sh", "-c", "cat; echo problem >&2; exit 9"]
    command = await cluster.agent.open_command("test", "box", "main", arguments, stdin=True, tty=False)
    command.stdin.write(b"hello")
    command.end_input()
    assert (await _told(command.stdout), await _told(command.stderr)) == (b"hello", b"problem\n")
    assert await command.wait() == 9
    command.close()


async def test_a_terminal_has_a_size_and_one_output(cluster: Any) -> None:
    await _started(cluster, "sleep 3600")
    arguments = ["sh", "-c", "test -t 0 && echo $TERM; read line; stty size; echo $line >&2"]
    command = await cluster.agent.open_command("test", "box", "main", arguments, stdin=True, tty=True)
    command.resize(columns=101, rows=33)
    command.resize(columns=-1, rows=10**9)
    command.stdin.write(b"typed\n")
    text = await _told(command.stdout)
    assert b"xterm" in text
    assert text.split()[-3:] == [b"33", b"101", b"typed"]
    assert await command.wait() == 0
    command.close()
    command.close()


async def test_a_command_ends_when_its_holder_leaves(cluster: Any) -> None:
    await _started(cluster, "sleep 3600")
    command = await cluster.agent.open_command("test", "box", "main", ["sleep", "3600"], stdin=False, tty=False)
    command.close()
    assert await asyncio.wait_for(command.wait(), 20) == 137


async def test_a_program_or_container_that_is_not_there_is_told(cluster: Any) -> None:
    await _started(cluster, "sleep 3600")
    for program, text in (("nope", "executable file not found in $PATH"), ("/nope", "no such file or directory")):
        with pytest.raises(ApiError, match="exec: ") as refusal:
            await cluster.agent.open_command("test", "box", "main", [program], stdin=False, tty=False)
        assert text in refusal.value.message
    with pytest.raises(ApiError, match="not found"):
        await cluster.agent.open_command("test", "other", "main", ["true"], stdin=False, tty=False)


async def test_attaching_hears_what_follows_and_speaks_to_the_container(cluster: Any) -> None:
    await _started(cluster, "read line; echo heard $line; read more", stdin=True, stdinOnce=True)
    attached = await cluster.agent.attach("test", "box", "main", stdin=True)
    attached.stdin.write(b"this\n")
    attached.end_input()
    assert await _told(attached.stdout) == b"heard this\n"
    assert await attached.wait() == 0
    attached.close()
