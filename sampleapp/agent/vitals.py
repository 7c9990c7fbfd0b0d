"""What mongod tells of itself beyond its place in the set: version, age, data, oplog, votes, elections. Pure.

Each answer may be missing, as from a member that is just starting; then the figure is `None`, never zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Document = Mapping[str, Any]

SERVER_STATUS: dict[str, Any] = {
    "serverStatus": 1,
    "oplog": 1,
    **dict.fromkeys(("metrics", "wiredTiger", "locks", "tcmalloc", "logicalSessionRecordCache", "repl", "security"), 0),
}
"""Without the large sections, which nobody here reads."""


@dataclass(frozen=True, kw_only=True)
class Oplog:
    """From the first entry to the last: how long a member may be away and still catch up."""

    first: str | None = None
    last: str | None = None
    hours: float | None = None
    used_bytes: int | None = None
    max_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Vitals:
    """Slow figures of one member."""

    version: str | None = None
    uptime_seconds: int | None = None
    data_bytes: int | None = None
    """What the documents of the app's database take, uncompressed; `storage_bytes` is what its files take."""

    storage_bytes: int | None = None
    oplog: Oplog = Oplog()


@dataclass(frozen=True, kw_only=True)
class Election:
    """The last election this member stood in as a candidate; mongod tells it while the member is primary."""

    at: str | None
    term: int | None
    reason: str | None
    votes_needed: int | None
    prior: int | None
    """The `_id` of the member that was primary before, as the configuration numbers them."""

    took_ms: int | None
    """Until a majority had confirmed a write of the new term."""


def vitals(server: Document | None, database: Document | None, log: Document | None) -> Vitals:
    """From serverStatus, dbStats of the app's database and collStats of the oplog."""
    server, database = server or {}, database or {}
    return Vitals(
        version=_text(server.get("version")),
        uptime_seconds=_whole(server.get("uptime")),
        data_bytes=_whole(database.get("dataSize")),
        storage_bytes=_total(database.get("storageSize"), database.get("indexSize")),
        oplog=_oplog(server.get("oplog") or {}, log or {}),
    )


def election(status: Document) -> Election | None:
    """From replSetGetStatus."""
    told = status.get("electionCandidateMetrics")
    if not told:
        return None
    begun, available = told.get("lastElectionDate"), told.get("wMajorityWriteAvailabilityDate")
    took = (available - begun).total_seconds() if begun and available else None
    return Election(
        at=iso(begun),
        term=_whole(told.get("electionTerm")),
        reason=_text(told.get("lastElectionReason")),
        votes_needed=_whole(told.get("numVotesNeeded")),
        prior=_whole(told.get("priorPrimaryMemberId")),
        took_ms=None if took is None else round(1000 * took),
    )


def iso(moment: datetime | None) -> str | None:
    """A moment as text with milliseconds; mongod's times come without a zone and are UTC."""
    if moment is None:
        return None
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _oplog(ends: Document, log: Document) -> Oplog:
    first, last = _moment(ends.get("earliestOptime")), _moment(ends.get("latestOptime"))
    hours = (last - first).total_seconds() / 3600 if first and last else None
    return Oplog(
        first=iso(first),
        last=iso(last),
        hours=None if hours is None else round(hours, 4),
        used_bytes=_whole(log.get("size")),
        max_bytes=_whole(log.get("maxSize")),
    )


def _moment(timestamp: Any) -> datetime | None:
    """A BSON timestamp's time; an empty one, as of an oplog without entries, is unknown."""
    seconds = getattr(timestamp, "time", None)
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) and seconds else None


def _total(*values: Any) -> int | None:
    known = [_whole(value) for value in values]
    return None if None in known else sum(value for value in known if value is not None)


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value[:200] if isinstance(value, str) and value else None
