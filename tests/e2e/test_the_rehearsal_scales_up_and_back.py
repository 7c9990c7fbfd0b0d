"""`surgeboard rehearse`: the whole demonstration without a person, and the document it writes."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

KEYS = {
    "run_id", "started_at", "finished_at", "target", "profile", "peak_users", "requests", "failures", "peak_replicas",
    "reaction", "samples", "flags", "explanations",
}  # fmt: skip
SAMPLE_KEYS = {"t", "users", "rps", "p95_ms", "failed_percent", "cpu_percent", "cpu_target", "replicas", "ready"}


@pytest.mark.cluster
def test_it_goes_from_one_replica_to_three_and_back_to_one(tmp_path: Path) -> None:
    output = tmp_path / "run.json"
    command = [sys.executable, "-m", "dashboard", "rehearse", "--data-dir", str(tmp_path), "--output", str(output)]
    held_to = ["--assert", "peak_replicas>=3,failures<50%,load_to_ready_s>0"]
    ended = subprocess.run([*command, *held_to, "--json"], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    run = json.loads(ended.stdout)
    assert run == json.loads(output.read_text())
    assert set(run) >= KEYS
    assert [each["met"] for each in run["asserts"]] == [True, True, True]
    assert all(set(sample) == SAMPLE_KEYS for sample in run["samples"])
    assert run["peak_users"] == 60
    assert run["peak_replicas"] >= 3
    assert run["requests"] > 0
    latency = run["reaction"].pop("load_to_latency_ok_s")  # null when p95 never passed its limit
    assert latency is None or latency > 0
    assert all(seconds is not None and seconds > 0 for seconds in run["reaction"].values())
    assert (run["state"], run["by"]) == ("complete", "rehearsal")
    assert max(sample["cpu_percent"] or 0 for sample in run["samples"]) > 50
    began = datetime.fromisoformat(run["started_at"]).timestamp() * 1000
    assert run["samples"][0]["t"] < began - 20_000  # what was before the load belongs to the run
    first = next(sample for sample in run["samples"] if sample["t"] >= began)
    assert (first["ready"], run["samples"][-1]["ready"]) == (1, 1)
    assert {"swarm", "scaled", "stop"} <= {flag["kind"] for flag in run["flags"]}
    assert {"scaling_up", "scaling_down"} & {each["state"] for each in run["explanations"]}
