"""Takes up an experiment that another process of the dashboard began, and removes what one left when it died."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dashboard.kube import errors
from dashboard.limits.blast import adoption, objects
from dashboard.limits.blast.adoption import Found
from dashboard.limits.blast.experiment import Experiment
from dashboard.limits.blast.objects import Templates
from dashboard.limits.blast.plan import BlastPlan

log = logging.getLogger(__name__)
EVERY_S = 3.0
SWEEP_EVERY_S = 150.0


@dataclass(slots=True)
class TakingUp:
    """`is_there()`: whether a Job of an experiment is seen at all, so that the cluster is asked only then; `now` the
    wall clock, `clock` seconds."""

    cluster: Any
    experiment: Experiment
    templates: Templates
    is_there: Callable[[], bool]
    note: Callable[..., None]
    now: Callable[[], datetime]
    clock: Callable[[], float]
    _looked_at: float | None = None
    _swept_at: float | None = None

    def tick(self) -> None:
        """Looks when it is time to; called every second."""
        if self.experiment.is_active:
            return
        now = self.clock()
        if self._looked_at is None or now - self._looked_at >= EVERY_S:
            self._looked_at = now
            self._look()
        if self.experiment.only_reads:
            return  # whatever has no owner any more is left to a person, since nobody asks for it here
        if self._swept_at is None or now - self._swept_at >= SWEEP_EVERY_S:
            self._swept_at = now
            self._sweep()

    def forget(self) -> None:
        """Another cluster."""
        self._looked_at = self._swept_at = None

    def _look(self) -> None:
        if not self.is_there():
            return
        try:
            found = adoption.running(self.cluster)
        except errors.ApiError as error:
            log.info("whether an experiment runs is not told: %s", error)
            return
        if found is not None and found.variant.id in {each.removeprefix("subject-") for each in self.templates.files}:
            self._take_up(found)

    def _take_up(self, found: Found) -> None:
        made = objects.build(self.templates, found.variant, blast_id=found.id, token="", by=found.by)
        plan = BlastPlan(
            "", "", found.by, found.id, found.variant, found.bound, (), "", datetime.fromtimestamp(found.born, UTC)
        )
        age_s = max(0.0, self.now().timestamp() - found.born)
        if self.experiment.take_up(found, plan, made, age_s=age_s):
            what = f"Blast radius {found.variant.title}, started by {found.by},"
            self.note("experiment", f"{what} was found in the cluster and is followed here", key=f"found-{found.id}")

    def _sweep(self) -> None:
        try:
            left = adoption.left_over(self.cluster, now=self.now().timestamp())
        except errors.ApiError as error:
            log.info("what an experiment may have left is not told: %s", error)
            return
        gone = [path for path in left if self._is_removed(path)]
        if gone:
            names = ", ".join(f"{path.split('/')[-2]} {path.split('/')[-1]}" for path in gone)
            self.note("experiment", f"Removed what a blast radius left whose dashboard died at its beginning: {names}")

    def _is_removed(self, path: str) -> bool:
        try:
            self.cluster.delete(path)
        except errors.ApiError as error:
            log.warning("%s is left over and could not be removed: %s", path, error)
            return isinstance(error, errors.NotFound)
        return True
