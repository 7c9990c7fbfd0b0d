"""The run that was recorded of the last swarm → its link and its reaction times. Pure."""

from __future__ import annotations

from typing import Any

from dashboard.runs.wording import number
from dashboard.web.load.words import Row

REACTIONS = (
    ("load_to_decision_s", "load to the HPA's decision"),
    ("load_to_new_pod_s", "load to the first new pod"),
    ("load_to_ready_s", "load to its being Ready"),
    ("load_to_latency_ok_s", "load to latency under its limit"),
    ("stop_to_scale_down_s", "stop to scale-down"),
)
STATES = {
    "recording": "It is still being recorded, until the replicas are back or ten minutes have passed.",
    "complete": "Recorded whole, from before the start until the scale-down.",
    "interrupted": "The recording was interrupted; what there is can be read.",
    "truncated": "The disk was full before the end; what there is can be read.",
}


def kept_run(run: Row | None) -> dict[str, Any] | None:
    """What is said of the run; None while there is none."""
    if not run:
        return None
    known: Row = run.get("reaction") or {}
    times = [
        {"label": label, "value": f"{number(known[name], digits=1)} s"}
        for name, label in REACTIONS
        if known.get(name) is not None
    ]
    state = str(run.get("state") or "")
    return {
        "id": run["run_id"],
        "name": run.get("name") or "its run",
        "said": STATES.get(state, ""),
        "recording": state == "recording",
        "times": times,
    }
