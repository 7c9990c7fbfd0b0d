"""One swarm in the cluster at a time and ten starts an hour, for all dashboards together: the Lease `swarm` (L4, L10).

A blast-radius experiment takes the same turn, since each would do the other harm; it counts its starts by itself.
It is held for as long as the holder's Job lives, so nobody has to renew it and nobody's death leaves it held. Who comes
first wins by the API server's word alone: it is created once, and changed only by whoever read its newest version.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.load import workloads
from dashboard.load.workloads import NAMESPACE

log = logging.getLogger(__name__)

NAME = "swarm"
COLLECTION = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases"
PATH = f"{COLLECTION}/{NAME}"
CREATING_S = 120
"""Seconds that whoever took it may need to create the Job by which it is held from then on."""
STARTS_MAX = 10
HOUR = timedelta(hours=1)
STARTS = "surgeboard.dev/starts"
"""Annotation: when swarms were started within the last hour."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What takes turns: how it is called, and where its starts are counted."""

    words: str
    starts: str


SWARM = Kind("swarms", STARTS)
EXPERIMENT = Kind("blast-radius experiments", "surgeboard.dev/blast-starts")


@dataclass(frozen=True, slots=True)
class Turn:
    """`now` is the wall clock. Raises ApiError when the cluster does not answer or does not allow it."""

    cluster: Any
    now: Callable[[], datetime]
    kind: Kind = SWARM

    def take(self, swarm_id: str, *, by: str, counted: Sequence[datetime] = ()) -> None:
        """Takes it for a swarm. Raises Refused: 409 while another one has it, 429 after ten starts in an hour.

        `counted`: starts that are known from elsewhere; the longer list counts.
        """
        for _ in range(3):  # whoever comes first wins; the others look again at who it is
            try:
                self._try_to_take(swarm_id, by, counted)
            except errors.Conflict:
                continue
            return
        raise Refused("Another swarm is being started at this very moment.", status=409)

    def release(self, swarm_id: str) -> None:
        """After the swarm's end. One that cannot be given back is free once the swarm's Job is gone."""
        try:
            found = self.cluster.get(PATH)
            if _swarm_of(found) == swarm_id:
                nobody = dict.fromkeys(("holderIdentity", "acquireTime", "renewTime"))
                self._patch(found, {"spec": nobody})
        except errors.ApiError as error:
            log.warning("the lease for swarms was not released: %s", error)

    def _try_to_take(self, swarm_id: str, by: str, counted: Sequence[datetime]) -> None:
        try:
            found = self.cluster.get(PATH)
        except errors.NotFound:
            self.cluster.create(COLLECTION, self._newborn(swarm_id, by, self._allowed([], counted)))
            return
        if _swarm_of(found) == swarm_id:
            return  # an answer was lost, and this is the retry
        self._refuse_if_held(found)
        starts = self._allowed(_starts(found, self.kind), counted)
        self._patch(
            found, {"metadata": {"annotations": {self.kind.starts: _told(starts)}}, "spec": self._spec(swarm_id, by)}
        )

    def _refuse_if_held(self, found: Mapping[str, Any]) -> None:
        holder = _swarm_of(found)
        if holder is None:
            return
        taken = _moment((found.get("spec") or {}).get("acquireTime"))
        fresh = taken is not None and abs((self.now() - taken).total_seconds()) < CREATING_S
        by = found["spec"]["holderIdentity"].rpartition(" · ")[0]
        lives = self._lives(holder)
        if lives:
            if workloads.is_experiment(holder):
                raise Refused(
                    f"A blast-radius experiment runs, started by {by}. Wait until it is over, or stop it on the page "
                    "Limits first.",
                    status=409,
                )
            raise Refused(f"A swarm is active already, started by {by}; stop it first.", status=409)
        if lives is None and fresh:
            what = "a blast-radius experiment" if workloads.is_experiment(holder) else "a swarm"
            raise Refused(f"{by} is starting {what} right now; look again in a moment.", status=409)

    def _lives(self, swarm_id: str) -> bool | None:
        """None: it has no Job, as before its beginning and some time after its end."""
        try:
            return not workloads.is_over(self.cluster.get(workloads.job_path(workloads.holding_job(swarm_id))))
        except errors.NotFound:
            return None

    def _allowed(self, recorded: Sequence[datetime], counted: Sequence[datetime]) -> list[datetime]:
        """The starts of the last hour, this one too."""
        since = self.now() - HOUR
        recent = max(([each for each in some if each > since] for some in (recorded, counted)), key=len)
        if len(recent) >= STARTS_MAX:
            free = sorted(recent)[-STARTS_MAX] + HOUR
            raise Refused(
                f"{len(recent)} {self.kind.words} were started within the last hour; {STARTS_MAX} are the most there "
                f"may be. The next one can start at {free.strftime('%H:%M:%S')} (UTC).",
                status=429,
            )
        return [*recent, self.now()]

    def _newborn(self, swarm_id: str, by: str, starts: Sequence[datetime]) -> dict[str, Any]:
        labels = {"app": "swarm", "app.kubernetes.io/part-of": "surgeboard"}
        metadata = {
            "name": NAME,
            "namespace": NAMESPACE,
            "labels": labels,
            "annotations": {self.kind.starts: _told(starts)},
        }
        spec = self._spec(swarm_id, by)
        return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}

    def _spec(self, swarm_id: str, by: str) -> dict[str, Any]:
        moment = self.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return {
            "holderIdentity": f"{by} · {swarm_id}",
            "leaseDurationSeconds": CREATING_S,
            "acquireTime": moment,
            "renewTime": moment,
        }

    def _patch(self, found: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        metadata = {**body.get("metadata", {}), "resourceVersion": found["metadata"]["resourceVersion"]}
        self.cluster.patch(PATH, {**body, "metadata": metadata})


def _swarm_of(lease: Mapping[str, Any]) -> str | None:
    holder = (lease.get("spec") or {}).get("holderIdentity") or ""
    return holder.rpartition(" · ")[2] or None


def _starts(lease: Mapping[str, Any], kind: Kind) -> list[datetime]:
    text = (lease["metadata"].get("annotations") or {}).get(kind.starts) or ""
    return [moment for moment in map(_moment, text.split(",")) if moment is not None]


def _told(starts: Sequence[datetime]) -> str:
    return ",".join(each.strftime("%Y-%m-%dT%H:%M:%SZ") for each in starts)


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
