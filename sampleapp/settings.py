"""The guestbook's settings. The only place that knows the names of its environment variables; it opens nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}


class SettingsError(Exception):
    """A setting is missing or cannot be used. The message names it and says what to do."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the guestbook is told from outside."""

    hosts: tuple[str, ...]
    """Members of the replica set as host:port, by the pods' own DNS names."""

    database: str = "guestbook"
    username: str = ""
    """Empty only in tests: a mongod without users."""

    password: str = field(default="", repr=False)

    replica_set: str = "rs0"
    pod: str = "unknown"
    """Name of the pod that answers; shown on the page and kept with each entry."""

    bind: str = "0.0.0.0:8080"
    allow_work: bool = False
    """Whether /work may burn CPU."""

    allow_leak: bool = False
    """Whether /leak may hold memory."""

    threads: int = 16
    """Requests in flight. More than the CPU needs, since most of their time goes into waiting for the database."""

    drain_seconds: float = 3.0
    """How long a stopping pod goes on accepting. The endpoints need about a second or two to forget it."""

    selection_timeout_ms: int = 3000
    """How long a request waits for a primary. An election takes about 2 s with the set's 2 s election timeout."""


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read the settings, or refuse with a sentence."""
    return Settings(
        hosts=_hosts(environ),
        database=environ.get("MONGODB_DATABASE", "guestbook"),
        username=environ.get("MONGODB_USERNAME", ""),
        password=environ.get("MONGODB_PASSWORD", ""),
        replica_set=environ.get("MONGODB_REPLICA_SET", "rs0"),
        pod=environ.get("POD_NAME", "unknown"),
        bind=environ.get("BIND", Settings.bind),
        allow_work=_switch(environ, "ALLOW_WORK"),
        allow_leak=_switch(environ, "ALLOW_LEAK"),
        threads=int(_number(environ, "THREADS", default=Settings.threads, lowest=1, highest=64)),
        drain_seconds=_number(environ, "DRAIN_SECONDS", default=Settings.drain_seconds, lowest=0, highest=20),
    )


def _hosts(environ: Mapping[str, str]) -> tuple[str, ...]:
    hosts = tuple(host.strip() for host in environ.get("MONGODB_HOSTS", "").split(",") if host.strip())
    if not hosts:
        raise SettingsError("MONGODB_HOSTS is empty. Set it to the members of the replica set, host:port by commas.")
    return hosts


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "").strip().lower()
    if text not in _WORDS:
        raise SettingsError(f"{name} is {text!r}. Set it to true or false.")
    return _WORDS[text]


def _number(environ: Mapping[str, str], name: str, *, default: float, lowest: float, highest: float) -> float:
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not lowest <= number <= highest:
        raise SettingsError(f"{name} is {text!r}. Set it to a number from {lowest:g} to {highest:g}.")
    return number
