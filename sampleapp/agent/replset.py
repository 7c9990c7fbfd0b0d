"""What the replica set should be and what the answers of mongod mean. Pure: documents in, documents out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sampleapp.agent import vitals
from sampleapp.agent.settings import AgentSettings
from sampleapp.agent.vitals import Election, Vitals

Document = Mapping[str, Any]

NOT_INITIATED = "NOT_INITIATED"
UNKNOWN = "UNKNOWN"
SERVING = frozenset({"PRIMARY", "SECONDARY"})


@dataclass(frozen=True, kw_only=True)
class MemberStatus:
    """A member as its neighbour sees it. `None` means not known."""

    name: str
    state: str | None
    lag_seconds: float | None
    host: str | None = None
    """The name by which the set reaches the member, without its port."""

    number: int | None = None
    """The member's `_id` in the configuration."""

    last_heartbeat: str | None = None
    """When this neighbour last heard of it. Nobody sends itself heartbeats, so it is unknown of the member itself."""

    trouble: str | None = None
    sync_source: str | None = None
    votes: int | None = None
    priority: float | None = None


@dataclass(frozen=True, kw_only=True)
class Observation:
    """The set as seen from one member at one moment."""

    state: str
    primary: str | None = None
    members: tuple[MemberStatus, ...] = ()
    set: str | None = None
    detail: str = ""
    at: str | None = None
    """When it was made, by this member's clock, as are all times in it."""

    term: int | None = None
    election: Election | None = None
    vitals: Vitals | None = None

    @property
    def ready(self) -> bool:
        """Whether this member may count as ready.

        A mongod that waits for the set to be initiated is ready: the StatefulSet starts its pods in order, and the
        set is only initiated when the last of them answers. Nothing is misled, since the app's own readiness asks
        the database. Once there is a set, only a primary or a secondary is ready.
        """
        return self.state == NOT_INITIATED or self.state in SERVING


def short_name(host: str) -> str:
    """`mongo-1` for `mongo-1.mongo.mongodb.svc.cluster.local:27017`; an address keeps its numbers."""
    name = host.rsplit(":", 1)[0]
    return name if name.replace(".", "").isdigit() else name.split(".", 1)[0]


def wanted_config(settings: AgentSettings) -> dict[str, Any]:
    """The configuration with which the set is initiated."""
    return {
        "_id": settings.replica_set,
        "members": [{"_id": number, "host": host} for number, host in enumerate(settings.hosts)],
        "settings": {
            "electionTimeoutMillis": settings.election_timeout_ms,
            "heartbeatIntervalMillis": settings.heartbeat_interval_ms,
        },
    }


def difference(wanted: Document, actual: Document) -> str:
    """A sentence about how the set's members differ from the wanted ones; empty when they do not."""
    hosts = {member["host"] for member in wanted["members"]}
    found = {member["host"] for member in actual["members"]}
    if hosts == found:
        return ""
    return (
        f"The set {actual['_id']} has the members {_listed(found)} and MONGODB_HOSTS names {_listed(hosts)}. "
        "Reconfigure the set by hand, or put the former names back: members are never added or removed automatically."
    )


def _listed(hosts: Iterable[str]) -> str:
    return ", ".join(sorted(hosts))


def is_initiated(hello: Document) -> bool:
    """Whether the member that said this hello belongs to a set."""
    return "setName" in hello


def observe(hello: Document, status: Document | None, *, config: Document | None = None) -> Observation:
    """What hello says, which needs no account, made more exact by replSetGetStatus where it could be had.

    `config` is the set's configuration, which alone tells votes and priorities.
    """
    if not is_initiated(hello):
        return Observation(state=NOT_INITIATED)
    if status is not None:
        return _from_status(status, config or {})
    primary = hello.get("primary")
    return Observation(
        state=_state_of(hello),
        primary=short_name(primary) if primary else None,
        members=tuple(
            MemberStatus(name=short_name(host), state=None, lag_seconds=None, host=_without_port(host))
            for host in hello.get("hosts", ())
        ),
        set=hello["setName"],
    )


def _state_of(hello: Document) -> str:
    if hello.get("isWritablePrimary"):
        return "PRIMARY"
    return "SECONDARY" if hello.get("secondary") else "STARTUP2"


def _from_status(status: Document, config: Document) -> Observation:
    members = status["members"]
    primary = next((member for member in members if member["stateStr"] == "PRIMARY"), None)
    newest = primary["optimeDate"] if primary else None
    configured = {member["host"]: member for member in config.get("members", ())}
    return Observation(
        state=next((member["stateStr"] for member in members if member.get("self")), UNKNOWN),
        primary=short_name(primary["name"]) if primary else None,
        members=tuple(_member(member, configured.get(member["name"], {}), newest) for member in members),
        set=status["set"],
        at=vitals.iso(status.get("date")),
        term=status.get("term"),
        election=vitals.election(status),
    )


def _member(member: Document, configured: Document, newest: datetime | None) -> MemberStatus:
    source = member.get("syncSourceHost")
    return MemberStatus(
        name=short_name(member["name"]),
        state=_word(member),
        lag_seconds=_lag(member, newest),
        host=_without_port(member["name"]),
        number=member.get("_id"),
        last_heartbeat=vitals.iso(member.get("lastHeartbeat")),
        trouble=str(member["lastHeartbeatMessage"])[:200] if member.get("lastHeartbeatMessage") else None,
        sync_source=short_name(source) if source else None,
        votes=configured.get("votes"),
        priority=configured.get("priority"),
    )


def _without_port(host: str) -> str:
    return host.rsplit(":", 1)[0]


def _word(member: Document) -> str:
    return "DOWN" if member.get("health") == 0 else str(member["stateStr"])


def _lag(member: Document, newest: datetime | None) -> float | None:
    """Seconds behind the primary. Unknown without a primary and for a member that is not heard."""
    if newest is None or member.get("health") == 0 or member["stateStr"] not in SERVING:
        return None
    # A heartbeat may bring a secondary's newer time than the primary's own entry holds: that is no lag.
    behind: datetime = member["optimeDate"]
    return max(0.0, round((newest - behind).total_seconds(), 1))
