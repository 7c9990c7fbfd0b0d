"""One run while it happens: what each second adds to it, and when it is over. Reads views and writes nothing.

It is over when the replicas are back after the stop, or when that has taken too long. A figure that nobody told is
null, and no sample is made up for a second that had none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.runs import gathering
from dashboard.runs.archive import Batch
from dashboard.runs.gathering import Scaled
from dashboard.runs.listening import Heard
from dashboard.store.times import iso, seconds
from dashboard.store.views import Views

BEFORE_S = 60.0
"""Seconds before the start that belong to a run."""
AFTER_S = 5.0
"""Seconds after the end of the load that belong to it at least, so that the fall is seen."""
TAIL_S = 600.0
"""Seconds after the stop at which it ends though the replicas are not back."""
SETTLED_S = 90.0
"""Seconds after which as many replicas as before count as back though the HPA's minimum is lower: they may yet fall."""
FIGURES_S = 5.0
"""How often the figures of endpoints and pods are kept."""
EVENTS_MAX = 5000
"""Lines of the story kept of one run."""
LATE_S = 10.0
"""Seconds after the start of a swarm from which one that is first seen then was started under another process."""
FRESH_S = 3.0
"""How old a sample may be to say how things are."""

ENDED = frozenset({"stopped", "failed"})
ENDING = ENDED | {"stopping"}

Row = Mapping[str, Any]


class Recording:
    """The run of the swarm that `swarm` shows as beginning. Times are seconds since the epoch, `clock` only counts."""

    def __init__(self, views: Views, scaled: Scaled, swarm: Row, *, now: float) -> None:
        self.swarm_id = str(swarm["id"])
        self.started = seconds(swarm.get("started_at")) or now
        self._is_late = now - self.started > LATE_S
        self._views = views
        self._scaled = scaled
        self._swarm = swarm
        self._workload, self._hpa = scaled.workload(), scaled.hpa()
        self._before: int | None = None
        self._newest: Row | None = None
        self._explained: tuple[Any, ...] | None = None
        self._measured: int | None = None
        self._run: dict[str, Any] = {"peak_users": None, "peak_replicas": None, "requests": None, "failures": None}
        self._figures_due: float | None = None
        self._stopped: float | None = None
        self._ended: float | None = None
        self._events: set[str] = set()
        self._left_out = 0

    @property
    def has_stopped(self) -> bool:
        """Whether the load was told to end, or did."""
        return self._stopped is not None

    def first(self, before: Iterable[Row], *, now: float) -> Batch:
        """The run as it begins, with what was seen in the minute `before`."""
        start, swarm = self.started - BEFORE_S, self._swarm
        request = gathering.request(swarm)
        batch = Batch(run={
            "swarm_id": self.swarm_id, "started_at": iso(self.started), "target": swarm.get("target"),
            "profile": swarm.get("profile"), "by": swarm.get("by") or swarm.get("started_by"),
            "why": request.get("note") or "", "request": request,
            "revisions": gathering.revisions(self._views.rows("bundles")),
            "scaled": gathering.scaled(self._workload, self._hpa),
        })  # fmt: skip
        samples = [row for row in before if row["t"] >= start * 1000]
        known = [row["replicas"] for row in samples if row["replicas"] is not None]
        self._before = known[-1] if known else None
        batch.add("samples", samples)
        batch.add("events", self._kept(gathering.since(self._views.rows("story").values(), start)))
        batch.add("flags", gathering.since(self._views.rows("flags").values(), start))
        batch.add("spans", gathering.spans(self._views.rows("pod_spans").values(), self._workload, start))
        self._explain(batch, self._views.rows("why").values(), now=now)
        self._newest = samples[-1] if samples else None
        self._measure(batch)
        return batch

    def follow(self, swarm: Row, *, now: float, clock: float) -> None:
        """A row of its swarm, in order; none may be left out, for the last one holds the totals."""
        # After the end none but the lost workers is left, but what all of them were is asked for.
        self._swarm = {**swarm, "workers": gathering.workers(self._swarm, swarm)}
        for name in ("requests", "failures"):
            if swarm.get(name) is not None:
                self._run[name] = swarm[name]
        if swarm.get("state") in ENDING and self._stopped is None:
            self._stopped = clock
            if self._run["peak_users"] or not self._is_late:  # else nobody was there to see when
                self._run["stopped_at"] = iso(min([now, *self._stops()]))
        if swarm.get("state") in ENDED:
            self._ended = clock if self._ended is None else self._ended
            self._figures_due = clock  # each time, since the last workers may report after the end

    def gather(self, heard: Heard, *, now: float, clock: float) -> Batch:
        """What the last second added."""
        batch, start = Batch(), self.started - BEFORE_S
        self._workload = self._scaled.workload() or self._workload
        if self._hpa is None and (hpa := self._scaled.hpa()) is not None:
            self._hpa = hpa
            batch.run["scaled"] = gathering.scaled(self._workload, hpa)
        batch.add("samples", heard.samples)
        self._peaks(heard.samples)
        batch.add("events", self._kept(gathering.since(heard.rows("story"), start)))
        batch.add("flags", gathering.since(heard.rows("flags"), start))
        batch.add("spans", gathering.spans(heard.rows("pod_spans"), self._workload, start))
        self._explain(batch, heard.rows("why"), now=now)
        if heard.pods:
            self._measure(batch)
        self._figures(batch, now=now, clock=clock)
        batch.run.update(self._run)
        return batch

    def is_over(self, *, now: float, clock: float) -> bool:
        """Whether nothing of it is to come any more."""
        if self._stopped is None:
            return False
        if clock - self._stopped >= TAIL_S:
            return True
        if self._ended is None or clock - self._ended < AFTER_S:
            return False
        return self._workload is None or self._is_back(now=now, waited=clock - self._ended)

    def _is_back(self, *, now: float, waited: float) -> bool:
        sample = self._newest
        if sample is None or now - sample["t"] / 1000 > FRESH_S:
            return False
        replicas = sample["replicas"]
        if replicas is None or replicas != sample["ready"]:
            return False
        if self._hpa is not None and replicas == (self._hpa["min"] or 1):
            return True
        return bool(replicas == self._before and (self._hpa is None or waited >= SETTLED_S))

    def _stops(self) -> list[float]:
        """When somebody stopped it: earlier than its row was seen to say so."""
        flags = gathering.since(self._views.rows("flags").values(), self.started)
        return [at for flag in flags if flag["kind"] == "stop" and (at := seconds(flag["t"]))]

    def _peaks(self, samples: Iterable[Row]) -> None:
        for sample in samples:
            self._newest = sample
            if sample["t"] / 1000 < self.started:
                continue
            for peak, name in (("peak_users", "users"), ("peak_replicas", "ready")):
                known = [each for each in (self._run[peak], sample[name]) if each is not None]
                self._run[peak] = max(known, default=None)

    def _kept(self, events: Iterable[Row]) -> list[Row]:
        """A cluster in trouble tells more than anybody reads: the first ones are kept, of the rest their number."""
        kept = []
        for event in events:
            if event["id"] in self._events or len(self._events) < EVENTS_MAX:
                self._events.add(event["id"])
                kept.append(event)
            else:
                self._left_out += 1
        return kept

    def _explain(self, batch: Batch, rows: Iterable[Row], *, now: float) -> None:
        """Keeps an explanation when its words or figures are other than before."""
        if self._hpa is None:
            return
        name = (self._hpa["namespace"], self._hpa["name"])
        for row in rows:
            told = (row["state"], row["sentence"], row.get("sum"))
            if (row["hpa"]["namespace"], row["hpa"]["name"]) == name and told != self._explained:
                self._explained = told
                batch.add("explanations", [gathering.explanation(row, at=now)])

    def _measure(self, batch: Batch) -> None:
        """Keeps the figures of the metrics when there are newer ones."""
        found = gathering.metrics(self._scaled.pods(), self._newest)
        if found is not None and found["t"] != self._measured:
            self._measured = found["t"]
            batch.add("metrics", [found])

    def _figures(self, batch: Batch, *, now: float, clock: float) -> None:
        """Every few seconds while there is load, and once more at its end."""
        if self._figures_due is None:
            self._figures_due = clock
        if clock < self._figures_due:
            return
        self._figures_due = float("inf") if self._ended is not None else clock + FIGURES_S
        for table, rows in gathering.figures(self._swarm, t=round(now * 1000)).items():
            batch.add(table, rows)
        batch.run["outcome"] = {**gathering.outcome(self._swarm), "events_left_out": self._left_out}
