"""Removes what a bundle made, in reverse order; namespaces, Secrets and volumes stay, as they cannot be remade."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.applying.progress import Progress, Step, step_for
from dashboard.stack.applying.stages import in_stages
from dashboard.stack.bundles.bundle import Bundle
from dashboard.stack.cluster import Cluster, Locator, Manifest

KEPT = frozenset({"Namespace", "Secret", "PersistentVolumeClaim"})
DEADLINE_S = 120
POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class Teardown:
    """Deletes from one cluster. `clock` counts seconds, `sleep` waits."""

    cluster: Cluster
    progress: Progress
    clock: Callable[[], float]
    sleep: Callable[[float], Any]

    def remove(self, bundle: Bundle) -> None:
        """Deletes what is there of the bundle, waits until it and its pods are gone. The outcome is in `progress`."""
        stages = reversed(in_stages(bundle.objects))
        work = [(step_for(bundle.name, stage.name, each), each) for stage, held in stages for each in reversed(held)]
        self.progress.start([step for step, _ in work], state="deleting")
        try:
            locator = Locator(self.cluster)
            waiting = [pair for pair in work if self._delete(locator, *pair)]
            self._wait_until_gone(locator, waiting)
        except Refused as refused:
            self.progress.finish("failed", refused.sentence)
        except errors.ApiError as error:
            self.progress.finish("failed", f"The cluster did not answer as expected: {error.message}. Run it again.")
        else:
            self.progress.finish("done")

    def _delete(self, locator: Locator, step: Step, manifest: Manifest) -> bool:
        """Whether its end is to be waited for."""
        if manifest["kind"] in KEPT:
            self.progress.mark(step, "kept")
            return False
        path = locator.path(manifest)
        try:
            # In the foreground, so that a workload is gone only when its pods are.
            uid = self.cluster.get(path)["metadata"]["uid"]
            self.cluster.delete(path, uid=uid, propagation_policy="Foreground")
        except errors.NotFound:
            self.progress.mark(step, "deleted")
            return False
        self.progress.mark(step, "waiting", "is being deleted")
        return True

    def _wait_until_gone(self, locator: Locator, waiting: Sequence[tuple[Step, Manifest]]) -> None:
        deadline = self.clock() + DEADLINE_S
        while waiting:
            waiting = [pair for pair in waiting if not self._is_gone(locator, *pair)]
            if waiting and self.clock() > deadline:
                named = waiting[0][0].object
                raise Refused(
                    f"{named['kind']} {named['name']} is still there after {DEADLINE_S} s; a finalizer may hold it.",
                    status=504,
                )
            if waiting:
                self.sleep(POLL_S)

    def _is_gone(self, locator: Locator, step: Step, manifest: Manifest) -> bool:
        try:
            self.cluster.get(locator.path(manifest))
        except errors.NotFound:
            self.progress.mark(step, "deleted")
            return True
        return False
