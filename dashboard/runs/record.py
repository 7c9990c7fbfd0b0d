"""Collects one run while it happens and writes it as the document that scripts read (DESIGN §5). Unknown is null."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.runs.reaction import reaction

Row = Mapping[str, Any]


@dataclass(slots=True)
class Record:
    """One run. `started` and `stopped` are the moments the load was asked for and asked to end."""

    run_id: str
    target: str
    profile: str
    started: datetime
    stopped: datetime | None = None
    finished: datetime | None = None
    samples: list[Row] = field(default_factory=list)
    explanations: list[Row] = field(default_factory=list)
    requests: int | None = None
    failures: int | None = None

    def sample(self, row: Row) -> None:
        """One more sample."""
        self.samples.append(row)

    def explain(self, row: Row, *, at: datetime) -> None:
        """A change of explanation."""
        self.explanations.append({"t": _text(at), "state": row["state"], "sentence": row["sentence"]})

    def totals(self, swarm: Row) -> None:
        """The newest totals of the swarm; figures it does not tell are kept as they were."""
        self.requests = swarm.get("requests") if swarm.get("requests") is not None else self.requests
        self.failures = swarm.get("failures") if swarm.get("failures") is not None else self.failures

    def document(self, *, flags: list[Row], spans: list[Row]) -> dict[str, Any]:
        """The whole run. `flags` and `spans` are the rows of those views."""
        since = self.started.timestamp()
        kept = [flag for flag in sorted(flags, key=lambda flag: _seconds(flag["t"])) if _seconds(flag["t"]) >= since]
        decisions = [_seconds(flag["t"]) for flag in kept if flag["kind"] == "scaled"]
        moments = [{"created": _moment(span["created_at"]), "ready": _moment(span["ready_at"])} for span in spans]
        return {
            "run_id": self.run_id,
            "started_at": _text(self.started),
            "finished_at": _text(self.finished) if self.finished else None,
            "target": self.target,
            "profile": self.profile,
            "peak_users": _peak(self.samples, "users"),
            "requests": self.requests,
            "failures": self.failures,
            "peak_replicas": _peak(self.samples, "ready"),
            "reaction": reaction(
                samples=self.samples, spans=moments, decisions=decisions, started=self.started.timestamp(),
                stopped=self.stopped.timestamp() if self.stopped else None,
            ),
            "samples": self.samples,
            "flags": [{name: flag.get(name) for name in ("t", "kind", "object", "text")} for flag in kept],
            "explanations": self.explanations,
        }  # fmt: skip


def write(document: Row, file: Path) -> None:
    """Writes the document beside its place first, so that a reader never finds half of one."""
    half = file.with_name(file.name + ".part")
    half.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    half.replace(file)


def _peak(samples: list[Row], name: str) -> int | None:
    known = [sample[name] for sample in samples if sample[name] is not None]
    return max(known) if known else None


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str | None) -> float | None:
    return _seconds(text) if text else None


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
