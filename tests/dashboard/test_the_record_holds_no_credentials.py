"""The audit record repeats why something was refused, in the cluster's own words, but for what looks like a secret."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from dashboard.audit import Audit

CANARY = "hunter2-canary"


def test_what_the_cluster_repeats_is_taken_out(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "audit.jsonl", lambda: datetime(2026, 11, 23, tzinfo=UTC))
    why = f'Secret "mongo" is invalid: password: {CANARY}; mongodb://root:{CANARY}@mongo-0: Bearer {CANARY}'
    audit.write("deploy", by="operator", outcome="refused", target=["mongodb"], why=why)
    (line,) = audit.path.read_text().splitlines()
    assert CANARY not in line
    assert json.loads(line)["why"].startswith('Secret "mongo" is invalid: password: <hidden>')
