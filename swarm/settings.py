"""Settings of master and worker from the environment, the only reader of it; wrong ones are refused at start."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from swarm import ceilings
from swarm.ceilings import Refused
from swarm.pinning import Pin, pin_of
from swarm.profiles import PROFILES, ProfileName

CLUSTER_SUFFIXES = (".svc", ".svc.cluster.local")
FORBIDDEN_NAMESPACES = ("default", "kube-system", "kube-public")
"""Namespaces of the cluster itself: the API server is no target."""
LEAST_TOKEN = 16
GUESTBOOK = "guestbook"
"""The scenario that needs no file."""
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port to bind or to reach."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the load users do: the one that comes with the swarm, or a file that is mounted into the pod."""

    name: str = GUESTBOOK
    file: Path = Path("/scenario/locustfile.py")


@dataclass(frozen=True, slots=True)
class MasterSettings:
    """What a master needs to know. Times in seconds; `token` never appears in a repr."""

    target: str
    users: int
    spawn_rate: float
    duration: float
    profile: ProfileName
    expect_workers: int
    bind: Address
    workers_bind: Address
    token: str = field(repr=False)
    silence: float = ceilings.MAX_SILENCE_S
    linger: float = ceilings.MAX_LINGER_S
    worker_patience: float = 25.0
    p95_limit_ms: float = 1000.0
    failed_limit_percent: float = 1.0
    scenario: Scenario = field(default_factory=Scenario)


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Where the worker finds its master, how long it looks for it, and how long it lives without it (seconds).

    `pin`: the only place its load may go to. `keep_alive`: False opens a new connection for each request. `pod`,
    `node`: where it runs. `cores`: the most CPU it may use.
    """

    master: Address
    pin: Pin
    patience: float = 60.0
    master_silence: float = 8.0
    keep_alive: bool = True
    scenario: Scenario = field(default_factory=Scenario)
    pod: str = ""
    node: str = ""
    cores: float = 1.0


def master_settings(environment: Mapping[str, str]) -> MasterSettings:
    """Reads SWARM_*; raises Refused with the name of the first variable that is wrong."""
    profile = environment.get("SWARM_PROFILE", "steady")
    if profile not in PROFILES:
        raise Refused(f"SWARM_PROFILE is {profile!r}: give one of {', '.join(PROFILES)}")
    token = environment.get("SWARM_TOKEN", "")
    if len(token) < LEAST_TOKEN:
        raise Refused(f"SWARM_TOKEN is shorter than {LEAST_TOKEN} characters: give the key `token` of the Secret")
    return MasterSettings(
        target=checked_target(environment.get("SWARM_TARGET", "")),
        users=ceilings.users(_number(environment, "SWARM_USERS")),
        spawn_rate=ceilings.spawn_rate(_number(environment, "SWARM_SPAWN_RATE")),
        duration=_ranged(environment, "SWARM_DURATION_S", least=1, most=ceilings.MAX_DURATION_S),
        profile=cast("ProfileName", profile),
        expect_workers=_workers(environment),
        bind=_address(environment.get("SWARM_BIND", "0.0.0.0:8090"), name="SWARM_BIND"),
        workers_bind=_workers_bind(environment),
        token=token,
        silence=_ranged(environment, "SWARM_SILENCE_S", least=1, most=ceilings.MAX_SILENCE_S, default="25"),
        linger=_ranged(environment, "SWARM_LINGER_S", least=0, most=ceilings.MAX_LINGER_S, default="30"),
        worker_patience=_ranged(environment, "SWARM_WORKER_PATIENCE_S", least=1, most=60, default="25"),
        p95_limit_ms=_ranged(
            environment,
            "SWARM_P95_LIMIT_MS",
            least=ceilings.MIN_P95_LIMIT_MS,
            most=ceilings.MAX_P95_LIMIT_MS,
            default="1000",
        ),
        failed_limit_percent=_ranged(
            environment,
            "SWARM_FAILED_LIMIT_PERCENT",
            least=ceilings.MIN_FAILED_LIMIT_PERCENT,
            most=ceilings.MAX_FAILED_LIMIT_PERCENT,
            default="1",
        ),
        scenario=_scenario(environment),
    )


def worker_settings(environment: Mapping[str, str]) -> WorkerSettings:
    """Reads SWARM_MASTER (host:port), the target with its pinned addresses, and the worker's two times."""
    return WorkerSettings(
        master=_address(environment.get("SWARM_MASTER", ""), name="SWARM_MASTER"),
        pin=pin_of(checked_target(environment.get("SWARM_TARGET", "")), environment.get("SWARM_PINNED", "")),
        patience=_ranged(environment, "SWARM_PATIENCE_S", least=1, most=300, default="60"),
        master_silence=_ranged(environment, "SWARM_MASTER_SILENCE_S", least=2, most=15, default="8"),
        keep_alive=_switch(environment, "SWARM_KEEP_ALIVE", default="true"),
        scenario=_scenario(environment),
        pod=environment.get("POD_NAME", "")[:63],
        node=environment.get("NODE_NAME", "")[:253],
        cores=_ranged(environment, "SWARM_CPU_MILLICORES", least=1, most=1_000_000, default="1000") / 1000,
    )


def checked_target(url: str) -> str:
    """The base URL of a Service inside the cluster, or of this machine; anything else is not ours to burden."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "http" or parts.username or parts.query or parts.fragment or parts.path.strip("/"):
        raise Refused(f"SWARM_TARGET is {url!r}: give http://SERVICE.NAMESPACE.svc.cluster.local and nothing after it")
    namespace = [*host.split("."), ""][1]
    inside = host.endswith(CLUSTER_SUFFIXES) and namespace not in FORBIDDEN_NAMESPACES
    if not inside and not _is_loopback(host):
        raise Refused(f"SWARM_TARGET {host!r} is no Service of an application in this cluster: nothing else is loaded")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _scenario(environment: Mapping[str, str]) -> Scenario:
    name = environment.get("SWARM_SCENARIO", GUESTBOOK)
    if not _LABEL.fullmatch(name):
        raise Refused(f"SWARM_SCENARIO is {name[:80]!r}: give small letters, digits and hyphens, 63 at most")
    file = Path(environment.get("SWARM_SCENARIO_FILE", str(Scenario().file)))
    if not file.is_absolute() or file.suffix != ".py":
        raise Refused(f"SWARM_SCENARIO_FILE is {str(file)[:80]!r}: give the whole path of a .py file")
    return Scenario(name, file)


def _switch(environment: Mapping[str, str], name: str, *, default: str) -> bool:
    text = environment.get(name, default)
    if text not in ("true", "false"):
        raise Refused(f"{name} is {text[:80]!r}: give true or false")
    return text == "true"


def _workers(environment: Mapping[str, str]) -> int:
    return int(_ranged(environment, "SWARM_EXPECT_WORKERS", least=1, most=ceilings.MAX_WORKERS, default="1"))


def _workers_bind(environment: Mapping[str, str]) -> Address:
    host = environment.get("SWARM_MASTER_BIND", "0.0.0.0")  # noqa: S104 - the pod's address; a policy guards the port
    port = _ranged(environment, "SWARM_MASTER_PORT", least=1, most=65535, default="5557")
    return Address(host, int(port))


def _address(text: str, *, name: str) -> Address:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise Refused(f"{name} is {text!r}: give HOST:PORT")
    return Address(host, int(port))


def _ranged(
    environment: Mapping[str, str], name: str, *, least: float, most: float, default: str | None = None
) -> float:
    return ceilings.within(name, _number(environment, name, default=default), least=least, most=most)


def _number(environment: Mapping[str, str], name: str, *, default: str | None = None) -> float:
    text = environment.get(name, default)
    if text is None:
        raise Refused(f"{name} is not set: give a number")
    try:
        return float(text)
    except ValueError:
        raise Refused(f"{name} is {text!r}: give a number") from None
