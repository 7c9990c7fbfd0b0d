"""One writer at a time: the Lease `deploy` in the records' namespace, taken, renewed, lost, released.

It is renewed by `keep`, which whoever writes calls before each write and while waiting, so that a holder that hangs
loses it. Whether a Lease has run out is judged by this machine's wall clock, as its holder has written it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.applying import records
from dashboard.stack.applying.process import has_ended, name_of_this
from dashboard.stack.cluster import Cluster

log = logging.getLogger(__name__)

NAME = "deploy"
DURATION_S = 30
RENEW_S = 10.0
"""A third of the duration: two renewals may fail before it is lost."""

PROCESS = "surgeboard.dev/process"
"""Annotation: the holder's process, so that one that was killed on this machine need not be waited for."""


class LeaseLost(Refused):
    """Another one writes now, or might: not one more write."""


@dataclass(slots=True)
class Lease:
    """`clock` counts seconds, `now` is the wall clock.

    `holder` is readable and ends with ` · <random>`: whoever ends with the same is the same, which begins anew after it
    could not release what it held.
    """

    cluster: Cluster
    namespace: str
    holder: str
    clock: Callable[[], float]
    now: Callable[[], datetime]
    process: str | None = field(default_factory=name_of_this)
    has_ended: Callable[[str], bool] = has_ended
    _version: str | None = None
    """Of the Lease as this holder wrote it last; None: not held."""
    _renewed: tuple[float, datetime] | None = None
    """When it was written last, by both clocks: the first stands still while a machine sleeps, the second may jump."""

    @contextmanager
    def held(self) -> Iterator[Lease]:
        """Holds it while the block runs. Raises Refused: 409 while another one does, 403 with the missing rule."""
        self._take()
        try:
            yield self
        finally:
            self._release()

    def refuse_if_held(self) -> None:
        """Raises Refused 409 while another one holds it. Writes nothing."""
        try:
            with records.allowed("leases", self.namespace):
                self._refuse_if_held(self.cluster.get(self._path))
        except errors.NotFound:
            return

    def keep(self) -> None:
        """Renews it when it is time. Raises LeaseLost when another one took it or it may have run out."""
        if self._version is None:
            raise LeaseLost("The lease for deploying is not held.", status=409)
        age = self._age()
        if age < RENEW_S:
            return
        try:
            self._write(self._version, {"renewTime": self._time()})
        except errors.Conflict as error:
            self._renew_if_still_ours(error)
        except errors.NotFound as error:
            raise self._lost("somebody deleted it") from error
        except errors.ApiError as error:
            if age >= DURATION_S:
                raise self._lost(f"it could not be renewed for {age:.0f} s: {error.message}") from error
            log.warning("the lease could not be renewed: %s", error)

    @property
    def _path(self) -> str:
        return f"{self._collection}/{NAME}"

    @property
    def _collection(self) -> str:
        return f"/apis/coordination.k8s.io/v1/namespaces/{self.namespace}/leases"

    def _take(self) -> None:
        with records.allowed("leases", self.namespace):
            for _ in range(3):  # whoever comes first wins; the others look again at who it is
                try:
                    self._try_to_take()
                except errors.Conflict:
                    continue
                return
        raise Refused("Others begin to deploy at this very moment; try again.", status=409)

    def _try_to_take(self) -> None:
        began = self.clock(), self.now()
        try:
            found = self.cluster.get(self._path)
        except errors.NotFound:
            records.ensure_namespace(self.cluster, self.namespace)
            written = self.cluster.create(self._collection, self._newborn())
        else:
            self._refuse_if_held(found)
            transitions = (found.get("spec") or {}).get("leaseTransitions") or 0
            body = {"spec": {**self._spec(), "leaseTransitions": transitions + 1}}
            written = self._patch(found["metadata"]["resourceVersion"], body, process=self.process)
        self._version, self._renewed = written["metadata"]["resourceVersion"], began

    def _refuse_if_held(self, found: Mapping[str, Any]) -> None:
        spec = found.get("spec") or {}
        holder, until = spec.get("holderIdentity"), _runs_out(spec)
        if not holder or _tail(holder) == _tail(self.holder) or until is None or until <= self.now():
            return
        told = (found["metadata"].get("annotations") or {}).get(PROCESS)
        if told and self.has_ended(told):
            return
        since = _moment(spec.get("acquireTime"))
        raise Refused(
            f"{holder.rpartition(' · ')[0] or holder} has been deploying since "
            f"{since.strftime('%H:%M') if since else 'an unknown time'} (UTC); wait for it, or stop it there. "
            f"If it does not live any more, the way is free at {until.strftime('%H:%M:%S')}.",
            status=409,
        )

    def _renew_if_still_ours(self, error: errors.Conflict) -> None:
        found = self.cluster.get(self._path)
        holder = (found.get("spec") or {}).get("holderIdentity")
        if holder != self.holder:
            raise self._lost(f"{(holder or 'somebody').rpartition(' · ')[0] or 'somebody'} took it") from error
        self._write(found["metadata"]["resourceVersion"], {"renewTime": self._time()})

    def _lost(self, why: str) -> LeaseLost:
        self._version = None
        return LeaseLost(
            f"Stopped: the lease for deploying was lost, {why.rstrip('.')}. What is applied stays; "
            "deploy again to complete it.",
            status=409,
        )

    def _release(self) -> None:
        """At the end; one that cannot be given back runs out by itself."""
        if self._version is None:
            return
        version, self._version = self._version, None
        nobody = dict.fromkeys(("holderIdentity", "acquireTime", "renewTime"))
        try:
            self._patch(version, {"spec": nobody}, process=None)
        except errors.ApiError as error:
            log.warning("the lease could not be released, it runs out in %s s: %s", DURATION_S, error)

    def _age(self) -> float:
        assert self._renewed is not None  # noqa: S101 - set with the version
        clock, moment = self._renewed
        return max(self.clock() - clock, (self.now() - moment).total_seconds())

    def _write(self, version: str, spec: Mapping[str, Any]) -> None:
        began = self.clock(), self.now()
        written = self._patch(version, {"spec": spec}, process=self.process)
        self._version, self._renewed = written["metadata"]["resourceVersion"], began

    def _patch(self, version: str, body: Mapping[str, Any], *, process: str | None) -> Any:
        metadata = {"resourceVersion": version, "annotations": {PROCESS: process}}
        return self.cluster.patch(self._path, {**body, "metadata": metadata})

    def _newborn(self) -> dict[str, Any]:
        annotations = {PROCESS: self.process} if self.process else {}
        metadata = {"name": NAME, "namespace": self.namespace, "labels": records.MANAGED_BY, "annotations": annotations}
        return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": self._spec()}

    def _spec(self) -> dict[str, Any]:
        moment = self._time()
        return {
            "holderIdentity": self.holder,
            "leaseDurationSeconds": DURATION_S,
            "acquireTime": moment,
            "renewTime": moment,
        }

    def _time(self) -> str:
        return self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _tail(holder: str) -> str:
    return holder.rpartition(" · ")[2]


def _runs_out(spec: Mapping[str, Any]) -> datetime | None:
    renewed = _moment(spec.get("renewTime"))
    return renewed + timedelta(seconds=spec.get("leaseDurationSeconds") or DURATION_S) if renewed else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
