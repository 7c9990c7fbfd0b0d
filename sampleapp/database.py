"""The guestbook in MongoDB. The only module of the web process that speaks to the database; it knows nothing of HTTP.

An entry counts as stored when a majority of the members acknowledged it, and not before. Every failure of the
driver leaves here as `Unavailable`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pymongo
from bson import ObjectId
from bson.codec_options import CodecOptions
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from sampleapp.entries import Entry, NewEntry
from sampleapp.markers import Marker
from sampleapp.settings import Settings

Document = dict[str, Any]

DEADLINE_S = 5.0
"""The most one operation may take, its retries included: an election (2 s) and a second try fit."""

PING_DEADLINE_S = 3.0
"""For the readiness probe, which must answer before the kubelet gives up."""

MARK_DEADLINE_S = 1.0
"""For a marker, so that ten of them a second never hold more than ten threads while there is no primary."""

MARKERS_MAX = 10_000
"""The most markers of one series that are told."""

EXACT_UP_TO = 20_000
"""Entries are counted one by one up to here. Beyond, the estimate is good enough and costs nothing."""

_ROLES = {"RSPrimary": "primary", "RSSecondary": "secondary"}


class Unavailable(Exception):
    """The database did not answer or did not confirm. The message is a sentence for people.

    `sent`: a member was reached, so that a write which was not confirmed may be stored all the same.
    """

    def __init__(self, sentence: str, *, sent: bool = True) -> None:
        super().__init__(sentence)
        self.sent = sent


@dataclass(frozen=True, kw_only=True)
class Member:
    """A member of the replica set as this process sees it."""

    name: str
    role: str | None


def connect(settings: Settings) -> pymongo.MongoClient[Document]:
    """A client that finds the members in the background. Returns at once, also when no member answers."""
    account: dict[str, Any] = {}
    if settings.username:
        account = {
            "username": settings.username,
            "password": settings.password,
            "authSource": settings.database,
            "authMechanism": "SCRAM-SHA-256",
        }
    return pymongo.MongoClient(
        host=list(settings.hosts),
        replicaSet=settings.replica_set,
        appname="guestbook",
        retryWrites=True,
        retryReads=True,
        serverSelectionTimeoutMS=settings.selection_timeout_ms,
        connectTimeoutMS=2000,
        heartbeatFrequencyMS=2000,  # a member that comes back is found within 2 s
        maxPoolSize=settings.threads,
        **account,
    )


def short_name(host: str) -> str:
    """`mongo-1` for `mongo-1.mongo.mongodb.svc.cluster.local`; an address stays as it is."""
    return host if host.replace(".", "").isdigit() else host.split(".", 1)[0]


def _now() -> datetime:
    return datetime.now(UTC)


class Guestbook:
    """Entries, and who keeps them. Safe to share between threads."""

    def __init__(
        self, client: pymongo.MongoClient[Document], *, database: str, now: Callable[[], datetime] = _now
    ) -> None:
        self._client = client
        self._now = now
        self._away: set[bool] = set()
        # Majority reads never show an entry that a new primary could roll back; while there is no primary,
        # a secondary answers, so that the book stays open for reading.
        kept = client.get_database(
            database,
            codec_options=CodecOptions(tz_aware=True),
            read_preference=ReadPreference.PRIMARY_PREFERRED,
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern(w="majority", j=True),
        )
        self._entries = kept.get_collection("entries")
        # Whether every confirmed marker is there is for the primary to say: a secondary may lag.
        self._markers = kept.get_collection("markers", read_preference=ReadPreference.PRIMARY)

    def add(self, entry: NewEntry, *, pod: str) -> Entry:
        """Store the entry. Returns only when a majority holds it."""
        moment = self._now()
        moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)  # what BSON keeps
        document = {"_id": ObjectId(), "text": entry.text, "name": entry.name, "pod": pod, "created_at": moment}
        with self._speaking(writing=True):
            self._entries.insert_one(document)
        return _entry(document)

    def newest(self, *, limit: int) -> list[Entry]:
        """The newest entries, newest first."""
        with self._speaking():
            found = self._entries.find(sort=[("created_at", -1), ("_id", -1)], limit=limit)
            return [_entry(document) for document in found]

    def count(self) -> int:
        """How many entries there are."""
        with self._speaking():
            estimate = self._entries.estimated_document_count()
            return estimate if estimate > EXACT_UP_TO else self._entries.count_documents({}, hint="_id_")

    def ping(self) -> None:
        """Fail unless the database answers a question that needs this app's account."""
        with self._speaking(deadline_s=PING_DEADLINE_S):
            self._entries.find_one({}, {"_id": 1})

    def mark(self, marker: Marker) -> None:
        """Store a marker, just as an entry is stored, but waiting less. mongod removes it after ten minutes."""
        document = {"_id": marker.id, "at": self._now()}
        with self._speaking(writing=True, deadline_s=MARK_DEADLINE_S, patient=False):
            self._markers.insert_one(document)

    def marked(self, series: str) -> list[int]:
        """The numbers of a series that a majority holds, in order."""
        within = {"_id": {"$gte": f"{series}:", "$lt": f"{series};"}}
        with self._speaking():
            found = self._markers.find(within, {"_id": 1}, sort=[("_id", 1)], limit=MARKERS_MAX)
            return [int(document["_id"].rpartition(":")[2]) for document in found]

    def members(self) -> list[Member]:
        """The members and their roles, as last heard in the background. Asks nobody."""
        servers = self._client.topology_description.server_descriptions()
        return [
            Member(name=short_name(address[0]), role=_ROLES.get(server.server_type_name))
            for address, server in sorted(servers.items())
        ]

    def close(self) -> None:
        """Leave the database."""
        self._client.close()

    @contextmanager
    def _speaking(
        self, *, writing: bool = False, deadline_s: float = DEADLINE_S, patient: bool = True
    ) -> Iterator[None]:
        """`patient`: waiting in vain is reason enough for the next ones not to wait."""
        if writing in self._away and not self._selectable(writing=writing):
            # Somebody already waited in vain. Waiting again would only fill the threads and starve the probes.
            raise Unavailable(_sentence(writing=writing), sent=False)
        try:
            with pymongo.timeout(deadline_s):
                yield
        except ServerSelectionTimeoutError as error:
            if patient:
                self._away.add(writing)
            raise Unavailable(_sentence(writing=writing), sent=False) from error
        except PyMongoError as error:
            raise Unavailable(_sentence(writing=writing)) from error
        self._away.discard(writing)

    def _selectable(self, *, writing: bool) -> bool:
        topology = self._client.topology_description
        if writing:
            return topology.has_writable_server()
        return topology.has_readable_server(ReadPreference.PRIMARY_PREFERRED)


def _sentence(*, writing: bool) -> str:
    if writing:
        return "The database did not confirm the entry. It may be electing a new primary; try again in a moment."
    return "The database does not answer. It may be electing a new primary; try again in a moment."


def _entry(document: Document) -> Entry:
    return Entry(
        id=str(document["_id"]),
        text=document["text"],
        name=document.get("name", ""),
        pod=document.get("pod", ""),
        created_at=document["created_at"],
    )
