"""A recording as a list of steps; must not send anything.

A recording is one JSON object a line (see the README beside the recordings). Watch lines are kept apart from what
the client did, since the one is played and the other compared.
"""

from __future__ import annotations

import json
import os
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = Any
Row = dict[str, Any]

_ROOT = Path(__file__).resolve().parents[3]
_OWN_EFFECTS_S = 0.05
"""A request is recorded when it is answered: what was seen this shortly before may be its own effect."""
_BIND = ["--bind", "0.0.0.0"]
_NAMESPACE = re.compile(r"/namespaces/(golden-[a-z]+)")


@dataclass(frozen=True)
class Step:
    """One thing the recorded client did, or a milestone it noted; `seen` is what its watches showed until then."""

    at: float
    row: Row
    seen: dict[str, int] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return str(self.row["type"])


@dataclass(frozen=True)
class Scenario:
    """One file: its steps, and the watch events by the watch's label."""

    name: str
    text: str
    steps: list[Step]
    events: dict[str, list[Row]]
    ended_at: float

    def namespaces(self) -> list[str]:
        """The namespaces that were there before the recording began."""
        paths = [str(step.row["path"]) for step in self.steps if "path" in step.row]
        named = {match[1] for path in paths for match in [_NAMESPACE.search(path)] if match}
        made = {
            str(step.row["body"]["metadata"]["name"])
            for step in self.steps
            if step.row.get("path") == "/api/v1/namespaces" and step.row.get("method") == "POST"
        }
        return sorted(named - made)


def folder() -> Path:
    """Where the recordings are."""
    return Path(os.environ.get("SURGEBOARD_GOLDEN") or _ROOT.parent / "shared" / "golden")


def names(where: Path) -> list[str]:
    return sorted(path.stem for path in where.glob("*.jsonl"))


def with_our_commands(value: Json) -> Json:
    """The same with commands that run where pods share the host's network: they must name the address they bind."""
    if isinstance(value, dict):
        return {key: with_our_commands(item) for key, item in value.items()}
    if isinstance(value, list):
        added = _BIND if "http.server" in value else []
        return [*(with_our_commands(item) for item in value), *added]
    return value


def read(where: Path, *, name: str) -> Scenario:
    """The scenario `name`."""
    text, steps, last = "", [], 0.0
    events: dict[str, list[Row]] = {}
    times: dict[str, list[float]] = {}
    for line in (where / f"{name}.jsonl").read_text().splitlines():
        row = with_our_commands(json.loads(line))
        last = float(row["t"])
        if row["type"] == "about":
            text = str(row["text"])
        elif row["type"] == "watch":
            if isinstance(row["event"], dict) and "object" in row["event"]:  # a refused watch shows a text
                events.setdefault(row["label"], []).append(row["event"])
                times.setdefault(row["label"], []).append(last)
        else:
            until = last - _OWN_EFFECTS_S
            steps.append(Step(last, row, {label: bisect_right(seen, until) for label, seen in times.items()}))
    return Scenario(name, text, steps, events, last)
