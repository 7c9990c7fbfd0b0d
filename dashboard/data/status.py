"""What a replica-set agent answers at /status, as values. Decoding only; an older agent tells less."""

from __future__ import annotations

import msgspec
from msgspec import field

BYTES_MAX = 256 * 1024
"""Far more than an agent ever says; what is longer is not one's answer."""


class Neighbour(msgspec.Struct):
    """A member as another one sees it. `number` is its `_id` in the set's configuration."""

    name: str
    state: str | None = None
    lag_seconds: float | None = None
    host: str | None = None
    number: int | None = None
    last_heartbeat: str | None = None
    trouble: str | None = None
    sync_source: str | None = None
    votes: int | None = None
    priority: float | None = None


class Oplog(msgspec.Struct):
    first: str | None = None
    last: str | None = None
    hours: float | None = None
    used_bytes: int | None = None
    max_bytes: int | None = None


class Vitals(msgspec.Struct):
    version: str | None = None
    uptime_seconds: int | None = None
    data_bytes: int | None = None
    storage_bytes: int | None = None
    oplog: Oplog = field(default_factory=Oplog)


class Election(msgspec.Struct):
    """The election that a primary won."""

    at: str | None = None
    term: int | None = None
    reason: str | None = None
    votes_needed: int | None = None
    prior: int | None = None
    took_ms: int | None = None


class Resolved(msgspec.Struct):
    """A name and what it led to, asked inside the cluster."""

    name: str
    addresses: list[str] = field(default_factory=list)
    error: str | None = None
    at: str | None = None


class Status(msgspec.Struct):
    """One agent's answer. `at` and every other time in it are by its own clock."""

    member: str
    state: str
    primary: str | None = None
    members: list[Neighbour] = field(default_factory=list)
    set: str | None = None
    detail: str = ""
    at: str | None = None
    term: int | None = None
    election: Election | None = None
    vitals: Vitals | None = None
    resolved: list[Resolved] = field(default_factory=list)

    def of(self, name: str) -> Neighbour | None:
        """What it says of a member."""
        return next((each for each in self.members if each.name == name), None)


_DECODER = msgspec.json.Decoder(Status)


def decode(body: bytes) -> Status:
    """Raises msgspec.DecodeError (or its ValidationError) for what is no agent's answer."""
    return _DECODER.decode(body)
