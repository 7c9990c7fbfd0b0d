"""Startup, readiness and liveness probes: one attempt, its outcome as kubelet words it, and the loop of one probe.

Must not restart anything; the loop tells its verdicts to a callback.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from localcluster.client import Object
from localcluster.controllers.clock import Clock

_OUTPUT_LIMIT = 10 * 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt; `message` says why it failed."""

    ok: bool
    message: str = ""


class RunCommand(Protocol):
    """Runs a command inside the container: its exit code and output, or None when time ran out."""

    async def __call__(self, command: list[str], *, timeout_seconds: float) -> tuple[int, str] | None: ...


@dataclass(frozen=True, slots=True)
class Target:
    """What probes are sent to."""

    address: str
    ports: Mapping[str, int]
    run_command: RunCommand


async def attempt(probe: Object, target: Target) -> Outcome:
    """One try of `probe`, never longer than its `timeoutSeconds`."""
    timeout = float(probe.get("timeoutSeconds") or 1)
    if "httpGet" in probe:
        return await _http(probe["httpGet"], target, timeout)
    if "tcpSocket" in probe:
        return await _tcp(probe["tcpSocket"], target, timeout)
    if "exec" in probe:
        return await _exec(probe["exec"]["command"], target, timeout)
    return Outcome(False, "grpc probes are not known to the local cluster; use httpGet, tcpSocket or exec")


def port_number(port: int | str, ports: Mapping[str, int]) -> int:
    """A port by number, or by the name a container gives it."""
    if isinstance(port, int) or port.isdigit():
        return int(port)
    return ports[port]


async def _http(action: Mapping[str, Any], target: Target, timeout: float) -> Outcome:  # noqa: ASYNC109
    host = action.get("host") or target.address
    try:
        port = port_number(action["port"], target.ports)
    except KeyError:
        return Outcome(False, f"couldn't find port: {action['port']}")
    scheme = (action.get("scheme") or "HTTP").lower()
    path = action.get("path") or "/"
    url = f"{scheme}://{host}:{port}{path if path.startswith('/') else '/' + path}"
    headers = {"User-Agent": "kube-probe/1.36", "Accept": "*/*"}
    headers |= {header["name"]: header["value"] for header in action.get("httpHeaders") or ()}
    try:
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False, force_close=True)) as session,
            session.get(url, headers=headers, timeout=aiohttp.ClientTimeout(total=timeout)) as response,
        ):
            if 200 <= response.status < 400:
                return Outcome(True)
            return Outcome(False, f"HTTP probe failed with statuscode: {response.status}")
    except TimeoutError:
        reason = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        return Outcome(False, f'Get "{url}": {reason}')
    except aiohttp.ClientConnectorError as error:
        return Outcome(False, f'Get "{url}": dial tcp {host}:{port}: connect: {_told(error.os_error)}')
    except (aiohttp.ClientError, OSError) as error:
        return Outcome(False, f'Get "{url}": {str(error) or "EOF"}')


async def _tcp(action: Mapping[str, Any], target: Target, timeout: float) -> Outcome:  # noqa: ASYNC109
    host = action.get("host") or target.address
    try:
        port = port_number(action["port"], target.ports)
        async with asyncio.timeout(timeout):
            _, writer = await asyncio.open_connection(host, port)
    except KeyError:
        return Outcome(False, f"couldn't find port: {action['port']}")
    except TimeoutError:
        return Outcome(False, f"dial tcp {host}:{port}: i/o timeout")
    except OSError as error:
        return Outcome(False, f"dial tcp {host}:{port}: connect: {_told(error)}")
    writer.close()
    return Outcome(True)


async def _exec(command: list[str], target: Target, timeout: float) -> Outcome:  # noqa: ASYNC109
    result = await target.run_command(command, timeout_seconds=timeout)
    if result is None:
        return Outcome(False, f'command timed out: "{" ".join(command)}" timed out after {timeout:g}s')
    code, output = result
    return Outcome(code == 0, output[:_OUTPUT_LIMIT])


def _told(error: OSError) -> str:
    names = {
        errno.ECONNREFUSED: "connection refused",
        errno.ECONNRESET: "connection reset by peer",
        errno.EHOSTUNREACH: "no route to host",
    }
    return names.get(error.errno or 0, (error.strerror or str(error)).lower())


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ok` has just been reached (after `successThreshold`) or lost (after `failureThreshold`)."""

    ok: bool
    message: str = ""


async def watch(
    probe: Object, target: Target, *, clock: Clock, on_failure: Callable[[str], None],
    on_verdict: Callable[[Verdict], Awaitable[None]], born: float | None = None,
) -> None:  # fmt: skip
    """Tries for ever. `on_failure` hears of each failed try, `on_verdict` of each time a threshold is reached.

    `born`: from when periods are counted; without it the first try is at once.
    """
    successes = failures = 0
    needed = int(probe.get("successThreshold") or 1)
    allowed = int(probe.get("failureThreshold") or 3)
    delay, period = float(probe.get("initialDelaySeconds") or 0), float(probe.get("periodSeconds") or 10)
    await clock.sleep(delay if born is None else delay + to_next_tick(clock.monotonic() + delay - born, period=period))
    while True:
        outcome = await attempt(probe, target)
        if outcome.ok:
            successes, failures = successes + 1, 0
            if successes == needed:
                await on_verdict(Verdict(True))
        else:
            successes, failures = 0, failures + 1
            on_failure(outcome.message)
            if failures == allowed:
                await on_verdict(Verdict(False, outcome.message))
        await clock.sleep(period)


def to_next_tick(elapsed: float, *, period: float) -> float:
    """Seconds until the next whole number of periods."""
    return -elapsed % period
