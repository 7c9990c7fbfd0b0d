"""A run, as one was recorded."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.runs.archive import Archive, Batch

RUN = Path(__file__).resolve().parents[1] / "fixtures" / "run.json"
SERIES = ("samples", "metrics", "flags", "explanations", "events", "spans")
COLUMNS = ("name", "note", "by", "why", "target", "profile", "peak_users", "peak_replicas", "requests", "failures",
           "request", "revisions", "scaled", "reaction", "load_at", "stopped_at", "finished_at", "swarm_id",
           "error")  # fmt: skip


def put_run(archive: Archive, **changes: Any) -> str:
    """A recorded run in the archive, as it was or with `changes`; its id."""
    document = {**json.loads(RUN.read_text()), **changes}
    begun = {name: document[name] for name in (*COLUMNS, "started_at") if name in document}
    begun["outcome"] = {name: document.get(name) for name in ("failures_by", "workers", "ceiling", "saturated")}
    rows = {name: document[name] for name in SERIES}
    rows |= {"endpoints": document["endpoints_over_time"], "pods": document["pods_over_time"]}
    run_id = archive.begin(begun, Batch(rows), at=datetime.fromisoformat(document["started_at"]))
    assert run_id is not None
    if document["state"] != "recording":
        archive.finish(run_id, Batch(run={"state": document["state"], "finished_at": document["finished_at"]}))
    archive.tag(run_id, document["tags"])
    return run_id
