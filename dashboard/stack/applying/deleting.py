"""Deletes objects, each only if it is the very one that is meant, and waits until they and their pods are gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.kube.requests import FIELD_MANAGER
from dashboard.stack.applying.progress import Progress, Step
from dashboard.stack.applying.waiting import PASSING, POLL_S, Pace
from dashboard.stack.bundles.bundle import ObjectRef
from dashboard.stack.cluster import Cluster, Locator, Manifest

OTHER = "another object by this name was made since; it is not the one that was deployed, so it stays"
NOT_OURS = "no record of it, and Surgeboard owns none of its fields; it stays"
ENDING = "is being deleted"
NO_SUCH_KIND = "the cluster does not serve this kind any more"
GONE_BEFORE = "was not there any more"
FOREGROUND = "foregroundDeletion"


@dataclass(frozen=True, slots=True)
class Target:
    """One object to go. `uid`: as recorded. `is_claim`: a controller made it for one of ours; a person ticked it."""

    step: Step
    ref: ObjectRef
    uid: str | None = None
    is_claim: bool = False


@dataclass(frozen=True, slots=True)
class Deleting:
    """`keep` is called before every write and raises when this process may not write any more."""

    cluster: Cluster
    locator: Locator
    progress: Progress
    pace: Pace
    keep: Callable[[], None]

    def delete(self, targets: Sequence[Target]) -> list[str]:
        """Deletes them in order, then waits; the ids of those that are gone. Raises Refused when one does not go."""
        waiting = {target.ref.id: uid for target in targets if (uid := self._delete(target))}
        self._wait_until_gone([target for target in targets if target.ref.id in waiting], waiting)
        return [target.ref.id for target in targets if target.step.result == "deleted"]

    def _delete(self, target: Target) -> str | None:
        """The UID whose end is to be waited for."""
        self.pace.check()
        try:
            path = self.locator.path(named(target.ref))
            live = self.cluster.get(path)
        except Refused:
            self.progress.mark(target.step, "deleted", NO_SUCH_KIND)
            return None
        except errors.NotFound:
            self.progress.mark(target.step, "deleted", GONE_BEFORE)
            return None
        why = why_not(target, live)
        if why is not None:
            self.progress.mark(target.step, "kept", why)
            return None
        return self._send(target, path, live)

    def _send(self, target: Target, path: str, live: Manifest) -> str | None:
        uid: str = live["metadata"]["uid"]
        try:
            if "deletionTimestamp" not in live["metadata"]:
                self.keep()
                # In the foreground, so that a workload is gone only when its pods are.
                self.cluster.delete(path, uid=uid, propagation_policy="Foreground")
        except errors.NotFound:
            self.progress.mark(target.step, "deleted")
            return None
        except errors.Conflict:
            self.progress.mark(target.step, "kept", OTHER)
            return None
        except errors.Forbidden as error:
            self.progress.mark(target.step, "failed", error.message)
            raise Refused(f"{target.ref}: {error.message}", status=403) from error
        self.progress.mark(target.step, "waiting", ENDING)
        return uid

    def _wait_until_gone(self, targets: Sequence[Target], uids: dict[str, str]) -> None:
        deadline = self.pace.clock() + self.pace.deadline_s
        waiting = list(targets)
        while waiting:
            self.pace.check()
            self.keep()
            waiting = [target for target in waiting if not self._is_gone(target, uids[target.ref.id])]
            if waiting and self.pace.clock() > deadline:
                late = waiting[0]
                self.progress.mark(late.step, "failed", late.step.detail)
                raise Refused(
                    f"{late.ref} is still there after {self.pace.deadline_s:.0f} s: {late.step.detail}. Run it again.",
                    status=504,
                )
            if waiting:
                self.pace.sleep(POLL_S)

    def _is_gone(self, target: Target, uid: str) -> bool:
        try:
            live = self.cluster.get(self.locator.path(named(target.ref)))
        except errors.NotFound:
            live = None
        except PASSING:
            return False
        if live is None or live["metadata"]["uid"] != uid:
            self.progress.mark(target.step, "deleted")
            return True
        held_by = [each for each in live["metadata"].get("finalizers") or [] if each != FOREGROUND]
        if held_by:
            self.progress.mark(target.step, "waiting", f"{ENDING}; waits for the finalizer {', '.join(held_by)}")
        return False


def why_not(target: Target, live: Manifest) -> str | None:
    """What speaks against deleting this live object; None: nothing."""
    if target.is_claim:
        return None
    if target.uid is not None:
        return None if live["metadata"]["uid"] == target.uid else OTHER
    return None if is_owned(live) else NOT_OURS


def is_owned(live: Manifest) -> bool:
    """Whether an apply of ours owns any field of it."""
    return any(each.get("manager") == FIELD_MANAGER for each in live["metadata"].get("managedFields") or [])


def named(ref: ObjectRef) -> dict[str, Any]:
    """As much of a manifest as tells where the object lives."""
    metadata = {"name": ref.name, **({"namespace": ref.namespace} if ref.namespace else {})}
    return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": metadata}
