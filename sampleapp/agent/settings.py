"""The agent's settings. The only place that knows the names of its environment variables; it opens nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sampleapp.settings import SettingsError

_REQUIRED = ("POD_NAME", "MONGODB_HOSTS", "MONGODB_SOCKET", "MONGODB_ROOT_PASSWORD", "MONGODB_PASSWORD")


@dataclass(frozen=True, kw_only=True)
class AgentSettings:
    """Everything the agent is told from outside."""

    pod: str
    hosts: tuple[str, ...]
    """All members as host:port, by the pods' own DNS names, in the order of their ordinals."""

    socket: str
    """Path of the Unix socket of the mongod in the same pod. Only over it is the first account made."""

    root_password: str = field(repr=False)
    password: str = field(repr=False)
    username: str = "guestbook"
    database: str = "guestbook"
    replica_set: str = "rs0"
    bind: str = "0.0.0.0:8081"
    election_timeout_ms: int = 2000
    """How long the members miss a primary before they elect another. MongoDB's own default is 10000."""

    heartbeat_interval_ms: int = 500
    """Well below the election timeout, or one late heartbeat would cause an election. MongoDB's default is 2000."""

    @property
    def ordinal(self) -> int:
        """The pod's number in its StatefulSet."""
        return int(self.pod.rsplit("-", 1)[1])


def from_environment(environ: Mapping[str, str]) -> AgentSettings:
    """Read the settings, or refuse with a sentence."""
    absent = [name for name in _REQUIRED if not environ.get(name, "").strip()]
    if absent:
        raise SettingsError(f"{', '.join(absent)} not set. See manifests/mongodb/statefulset.yaml for what they hold.")
    settings = AgentSettings(
        pod=environ["POD_NAME"],
        hosts=tuple(host.strip() for host in environ["MONGODB_HOSTS"].split(",") if host.strip()),
        socket=environ["MONGODB_SOCKET"],
        root_password=environ["MONGODB_ROOT_PASSWORD"],
        password=environ["MONGODB_PASSWORD"],
        username=environ.get("MONGODB_USERNAME", AgentSettings.username),
        database=environ.get("MONGODB_DATABASE", AgentSettings.database),
        replica_set=environ.get("MONGODB_REPLICA_SET", AgentSettings.replica_set),
        bind=environ.get("AGENT_BIND", AgentSettings.bind),
        election_timeout_ms=_milliseconds(environ, "ELECTION_TIMEOUT_MS", AgentSettings.election_timeout_ms),
        heartbeat_interval_ms=_milliseconds(environ, "HEARTBEAT_INTERVAL_MS", AgentSettings.heartbeat_interval_ms),
    )
    _check(settings)
    return settings


def _milliseconds(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default)).strip()
    if not (text.isdecimal() and 100 <= int(text) <= 60_000):
        raise SettingsError(f"{name} is {text!r}. Set it to milliseconds from 100 to 60000.")
    return int(text)


def _check(settings: AgentSettings) -> None:
    stem, _, ordinal = settings.pod.rpartition("-")
    if not (stem and ordinal.isdecimal()):
        raise SettingsError(f"POD_NAME is {settings.pod!r}. A pod of a StatefulSet, such as mongo-0, is needed.")
    if settings.ordinal >= len(settings.hosts):
        raise SettingsError(f"MONGODB_HOSTS names {len(settings.hosts)} members, too few for {settings.pod}.")
