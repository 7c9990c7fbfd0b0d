"""The agents' answers and the pods → the replica set as one picture: rows of the views `members` and `data`. Pure.

The primary is believed first, then whoever knows the newest term. A member that says nothing itself is told of by the
one that is believed, and the row says so; what was heard of a pod that is gone says nothing about the one that took its
place. What nobody tells is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from dashboard.data import words
from dashboard.data.asking import NAMESPACE, WORKLOAD, Answer, ordinal
from dashboard.data.status import Neighbour, Status

Row = Mapping[str, Any]
SECOND = timedelta(seconds=1)
OVERLAP = timedelta(seconds=15)
"""For so long, at most, the mongod of a pod deleted without grace still answers heartbeats beside its successor."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its pod (None while there is none), what its agent says, and what is told of it."""

    name: str
    pod: Row | None
    answer: Answer
    told: Neighbour | None

    @property
    def own(self) -> Status | None:
        """Its own agent's word, unless that agent knows nothing itself."""
        status = self.answer.status
        return status if status is not None and status.state != "UNKNOWN" else None

    @property
    def state(self) -> str | None:
        """In mongod's word; None when nobody knows."""
        if self.own is not None:
            return self.own.state
        return self.told.state if self.told is not None else None

    @property
    def lag(self) -> float | None:
        """Seconds behind the primary, the less of what the believed one and the member itself say.

        Each knows of the other by heartbeats only: while nobody writes, the primary makes an entry every ten seconds,
        and until the next heartbeat believes the others to be ten seconds behind.
        """
        itself = self.own.of(self.name) if self.own is not None else None
        said = [each.lag_seconds for each in (self.told, itself) if each is not None]
        return min((lag for lag in said if lag is not None), default=None)

    @property
    def votes(self) -> int:
        """One, unless the configuration says otherwise."""
        return 1 if self.told is None or self.told.votes is None else self.told.votes

    @property
    def host(self) -> str:
        """The name by which the set reaches it."""
        return (self.told.host if self.told else None) or f"{self.name}.{WORKLOAD}.{NAMESPACE}.svc.cluster.local"


@dataclass(frozen=True, slots=True)
class Picture:
    """The set at one moment. `witness` is the answer that is believed, None when no agent answers."""

    members: tuple[Member, ...]
    witness: Status | None

    @property
    def primary(self) -> Member | None:
        """The one member that is primary; None when there is none, and while two say that they are."""
        found = [member for member in self.members if member.own is not None and member.own.state == "PRIMARY"]
        newest = max((member.own.term or 0 for member in found if member.own), default=0)
        newest_found = [member for member in found if member.own and (member.own.term or 0) == newest]
        return newest_found[0] if len(newest_found) == 1 else None

    @property
    def alive(self) -> tuple[Member, ...]:
        """Those that can confirm a write."""
        return tuple(member for member in self.members if member.state in words.ALIVE)

    @property
    def majority(self) -> int:
        """Votes that a primary needs."""
        return sum(member.votes for member in self.members) // 2 + 1

    @property
    def votes(self) -> int:
        """Votes of those that are alive."""
        return sum(member.votes for member in self.alive)

    def find(self, name: str) -> Member | None:
        """A member by its name."""
        return next((member for member in self.members if member.name == name), None)


def picture(pods: Sequence[Row], answers: Mapping[str, Answer]) -> Picture:
    """`pods`: the database's rows of the view `pods`; of two with one name the younger one counts."""
    by_name = {str(pod["name"]): pod for pod in sorted(pods, key=lambda pod: str(pod.get("created_at") or ""))}
    statuses = [answer.status for answer in answers.values() if answer.status is not None]
    witness = _witness([status for status in statuses if status.state != "UNKNOWN"])
    members = witness.members if witness else ()
    told = {each.name: _of_this_pod(each, by_name.get(each.name)) for each in members}
    names = sorted({*by_name, *told}, key=lambda name: (ordinal(name), name))
    found = tuple(
        Member(name, by_name.get(name), answers.get(name, Answer(trouble="Its pod is not there.")), told.get(name))
        for name in names
    )
    return Picture(found, witness)


def _of_this_pod(told: Neighbour, pod: Row | None) -> Neighbour:
    """Without what was heard of a former pod of the same name; its place in the configuration stays true.

    Until its next heartbeat fails, the one that tells believes a killed member to be what it was.
    """
    if told.state == "DOWN":
        return told
    heard = words.parsed(told.last_heartbeat)
    made = words.parsed(pod.get("created_at")) if pod else None
    # A pod that is ready has proved that it is there itself. The API server cuts the time of its making to the second.
    margin = SECOND if pod and pod.get("ready_at") else OVERLAP
    is_current = pod is not None and (heard is None or made is None or heard >= made + margin)
    return told if is_current else msgspec.structs.replace(
        told, state=None, lag_seconds=None, last_heartbeat=None, sync_source=None
    )  # fmt: skip


def _witness(statuses: Sequence[Status]) -> Status | None:
    return max(
        statuses, key=lambda each: (each.term or 0, each.state == "PRIMARY", bool(each.members), each.member),
        default=None,
    )  # fmt: skip


def why_no_kill(seen: Picture) -> str | None:
    """Why the primary may not be killed now; None when it may. Two of three members must be left to elect another."""
    primary = seen.primary
    if not seen.members:
        return "No member of a database is seen here."
    if seen.witness is None:
        return "No agent answers, so nobody can tell who is primary."
    if primary is None:
        return "There is no primary now; wait until the members have elected one."
    if primary.pod is None or not primary.pod.get("uid"):
        return f"The pod of {primary.name} is not known yet."
    left = seen.votes - primary.votes
    if left < seen.majority:
        lacking = [member.name for member in seen.members if member not in seen.alive]
        away = (
            f"{words.listed(lacking)} {'is' if len(lacking) == 1 else 'are'} not there" if lacking else "too few vote"
        )
        return (
            f"{away}: without {primary.name} there would be {left} of the {seen.majority} votes that a new primary "
            "needs, and nothing could be written. Wait until every member is primary or secondary."
        )
    return None
