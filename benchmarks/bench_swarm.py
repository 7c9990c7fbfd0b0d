"""Requests a second of one swarm worker beside those of plain Locust with the same users, in alternating turns.

Both run the guestbook's scenario without pauses against the same small server, which does the counting, and take turns
in going first. For the swarm the ceiling of requests a second is lifted in its processes here, since it lies far below
what a worker can do; everything else that our worker does for each request is done. The first argument chooses the part
that this process plays; without one it is the benchmark itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from tables import show

USERS = 20
TURNS = 4
WARM_UP_S, MEASURED_S = 2.0, 6.0
TARGET = 0.95
"""What is promised of the ratio."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def serve(port: str) -> None:
    """Answers every request with a short page; /count tells how many there were."""
    counted = 0
    page = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Pod: guestbook-7d9f-x2kqp\r\nContent-Length: 512\r\n%s\r\n"
        + b"x" * 512
    )

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal counted
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.lower().split(b"\r\n")
                length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
                if length:
                    await reader.readexactly(length)
                if lines[0].startswith(b"get /count "):
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\n%12d" % counted)
                    break
                counted += 1
                closes = b"connection: close" in lines
                writer.write(page % (b"Connection: close\r\n" if closes else b""))
                if closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # the load generator has ended this connection
        finally:
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", int(port), backlog=512)
        await server.serve_forever()

    asyncio.run(run())


def scenario() -> type:
    """The guestbook's users without their pauses, so that the worker is what limits them."""
    from locust import constant

    from swarm.scenario import GuestbookUser

    GuestbookUser.wait_time = constant(0)
    return GuestbookUser


def master() -> None:
    """A master whose ceiling nothing reaches."""
    from swarm import ceilings
    from swarm.master import main

    ceilings.MAX_REQUESTS_PER_S = 1_000_000.0
    sys.exit(main())


def worker() -> None:
    """One swarm worker."""
    scenario()
    from swarm.worker import main

    sys.exit(main())


def plain(target: str) -> None:
    """Locust by itself: one process, the same users."""
    user = scenario()
    from locust.env import Environment

    environment = Environment(user_classes=[user], host=target)
    runner = environment.create_local_runner()
    runner.start(USERS, spawn_rate=50)
    runner.greenlet.join()


@contextmanager
def part(*arguments: str, **environment: str) -> Iterator[psutil.Process]:
    """A process for as long as the block runs."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(arguments, env={**os.environ, **environment}, stdout=quiet, stderr=quiet)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


@contextmanager
def swarm(target: str) -> Iterator[psutil.Process]:
    """A master and one worker; gives the worker."""
    port, control = free_port(), free_port()
    token = secrets.token_urlsafe(16)
    settings = {
        "SWARM_TARGET": target, "SWARM_USERS": str(USERS), "SWARM_SPAWN_RATE": "50", "SWARM_DURATION_S": "120",
        "SWARM_BIND": f"127.0.0.1:{control}", "SWARM_MASTER_BIND": "127.0.0.1", "SWARM_MASTER_PORT": str(port),
        "SWARM_TOKEN": token,
    }  # fmt: skip
    with (
        part(sys.executable, __file__, "master", **settings),
        part(sys.executable, __file__, "worker", SWARM_MASTER=f"127.0.0.1:{port}", SWARM_TARGET=target) as carrying,
    ):
        state = urllib.request.Request(f"http://127.0.0.1:{control}/state", headers={"X-Swarm-Token": token})
        deadline = time.monotonic() + 30
        while not _has_all_users(state):
            assert time.monotonic() < deadline, "the swarm did not start"
            time.sleep(0.2)
        yield carrying


def _has_all_users(state: urllib.request.Request) -> bool:
    try:
        with urllib.request.urlopen(state, timeout=5) as answer:  # noqa: S310
            return bool(json.load(answer)["users"] == USERS)
    except OSError:
        return False


def measured(target: str, process: psutil.Process) -> tuple[float, float]:
    """Requests that arrive a second, and for each second of CPU that the process takes, after a while of warming up."""
    time.sleep(WARM_UP_S)
    before, used, began = count(target), cpu_seconds(process), time.monotonic()
    time.sleep(MEASURED_S)
    arrived = count(target) - before
    return arrived / (time.monotonic() - began), arrived / (cpu_seconds(process) - used)


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def count(target: str) -> int:
    with urllib.request.urlopen(f"{target}/count", timeout=10) as answer:  # noqa: S310
        return int(answer.read())


def swarm_turn(target: str) -> tuple[float, float]:
    with swarm(target) as process:
        return measured(target, process)


def plain_turn(target: str) -> tuple[float, float]:
    with part(sys.executable, __file__, "plain", target) as process:
        return measured(target, process)


def main() -> None:
    port = free_port()
    target = f"http://127.0.0.1:{port}"
    turns = []
    with part(sys.executable, __file__, "serve", str(port)):
        for turn in range(TURNS):
            if turn % 2:
                theirs, ours = plain_turn(target), swarm_turn(target)
            else:
                ours, theirs = swarm_turn(target), plain_turn(target)
            turns.append((*ours, *theirs))
    turns.append(tuple(statistics.median(column) for column in zip(*turns, strict=True)))
    names = [*(str(turn) for turn in range(1, TURNS + 1)), "median"]
    rows = [(name, *row(*numbers)) for name, numbers in zip(names, turns, strict=True)]
    head = ("turn", "swarm worker", "plain Locust", "ratio", "a CPU second", "plain", "ratio")
    show(f"requests a second, {USERS} users of the guestbook's scenario without pauses", head, rows)
    each = statistics.median(ours / theirs for ours, _, theirs, _ in turns[:-1])
    print(f"median of the ratios: {each:.2f}, promised: at least {TARGET:.2f}")


def row(ours: float, ours_a_cpu: float, theirs: float, theirs_a_cpu: float) -> tuple[str, ...]:
    """On a busy machine the second half, for a second of CPU, tells more than the first."""
    first = (f"{ours:.0f}", f"{theirs:.0f}", f"{ours / theirs:.2f}")
    return (*first, f"{ours_a_cpu:.0f}", f"{theirs_a_cpu:.0f}", f"{ours_a_cpu / theirs_a_cpu:.2f}")


if __name__ == "__main__":
    roles = {"serve": serve, "master": master, "worker": worker, "plain": plain}
    if len(sys.argv) > 1:
        roles[sys.argv[1]](*sys.argv[2:])
    else:
        main()
