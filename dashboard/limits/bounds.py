"""Everything about limits on one cluster, put together: what is read, what is shown, and the experiment."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from dashboard.announcing import Events
from dashboard.audit import Audit
from dashboard.confirming import Plans
from dashboard.kube.within import ListsOnly
from dashboard.limits import oom
from dashboard.limits.blast.experiment import Experiment
from dashboard.limits.blast.keeping import FILE_NAME, Results
from dashboard.limits.blast.objects import LABEL, Templates
from dashboard.limits.blast.plan import BlastPlan
from dashboard.limits.blast.rails import Rails
from dashboard.limits.blast.starting import Starting, Turn
from dashboard.limits.blast.taking_up import TakingUp
from dashboard.limits.board import Board
from dashboard.limits.kept import Kept
from dashboard.limits.reading import Reading
from dashboard.store.times import iso
from dashboard.store.views import Views

SHOW_EVERY_S = 2.0
VIEW = "blast"
KILLS = "kills.json"


@dataclass(frozen=True, slots=True)
class Bounds:
    """`reading`, `board`, `experiment` and `taking_up` are to be ticked; `starting` is what a person may have done."""

    views: Views
    reading: Reading
    board: Board
    experiment: Experiment
    starting: Starting
    results: Results
    taking_up: TakingUp

    def begin(self) -> None:
        """Nothing is known yet, as at the start, and when the cluster is another one; kept results are shown."""
        self.board.begin()
        self.experiment.forget()
        self.taking_up.forget()
        for variant, row in self.results.read().items():
            self.views.put(VIEW, variant, row)


def bounds(
    client: Any, views: Views, *, bundles_dir: Path, data_dir: Path, audit: Audit, turn: Turn,
    held: Callable[[str], Iterable[Any]], refused: Callable[[str, Any], None], is_loaded: Callable[[], None],
    note: Callable[..., None], now: Callable[[], datetime], rate_mb_s: int | None = None,
    namespaces: Collection[str] = (),
) -> Bounds:  # fmt: skip
    """On one cluster. `held(plural)`: what a reflector holds; `is_loaded()` raises Refused while a swarm runs.

    `namespaces`: those that are shown; none named: all.
    """
    templates = Templates.read(bundles_dir)
    if rate_mb_s is not None:
        templates = Templates(templates.files, rate_mb_s)
    shown = ListsOnly(client, namespaces)
    reading = Reading(shown, refused, lambda: _known(views), lambda: iso(time.time()), time.monotonic)
    rails, results = Rails(client, templates), Results(data_dir / FILE_NAME, client.cluster.server)
    experiment = Experiment(
        client, partial(views.put, VIEW), results.keep, rails.pressed, lambda: iso(time.time()), time.monotonic,
        only_reads=client.only_reads,
    )  # fmt: skip
    starting = Starting(
        templates, rails, experiment, Plans[BlastPlan](time.monotonic), turn, Events(client, now), audit, is_loaded,
        note, now,
    )  # fmt: skip
    experiment.ended = starting.over
    board = Board(views, reading, held, oom.Ledger(Kept(data_dir / KILLS, client.cluster.server, "kills")))
    taking_up = TakingUp(
        client, experiment, templates, lambda: any(LABEL in (each.metadata.labels or {}) for each in held("jobs")),
        note, now, time.monotonic,
    )  # fmt: skip
    return Bounds(views, reading, board, experiment, starting, results, taking_up)


def _known(views: Views) -> list[str]:
    """Namespaces to try one by one where the whole cluster may not be read."""
    named: set[str] = set(views.rows("namespaces"))
    pods: Iterable[Mapping[str, Any]] = views.rows("pods").values()
    return sorted(named | {str(each["namespace"]) for each in pods if each.get("namespace")})
