"""A run as it leaves the house: JSON by an allow-list, CSV by RFC 4180. Pure; it must not read the archive.

Only what is named here is given away, so that whatever else a row may come to hold one day (a nonce, a token) stays
inside. Texts of the cluster go through `scrub`, which takes out what looks like a credential.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dashboard.store.times import seconds

Row = Mapping[str, Any]
Scrub = Callable[[str], str]

OBJECT = ("kind", "namespace", "name")
PLAIN = (
    "run_id", "name", "note", "tags", "state", "error", "started_at", "load_at", "stopped_at", "finished_at", "by",
    "why", "target", "profile", "peak_users", "peak_replicas", "requests", "failures", "swarm_id", "swarm_state",
    "swarm_error", "saturated", "saturated_why", "limited", "limited_why", "reason", "events_left_out",
)  # fmt: skip
INSIDE: Mapping[str, Any] = {
    "request": ("target", "users", "spawn_rate", "duration_s", "profile", "workers", "keep_alive", "scenario",
                "p95_limit_ms", "failed_limit_percent", "note"),
    "reaction": ("load_to_decision_s", "load_to_new_pod_s", "load_to_ready_s", "load_to_latency_ok_s",
                 "stop_to_scale_down_s"),
    "totals": ("requests", "failures", "failed_percent", "p50_ms", "p95_ms", "p99_ms", "max_ms", "exact", "cut_off",
               "workers_lost"),
    "ceiling": ("rps", "users", "p95_ms", "limited_by"),
    "scaled": {"workload": OBJECT, "hpa": ("namespace", "name", "min", "max", "cpu_target")},
    "samples": ("t", "users", "rps", "p95_ms", "failed_percent", "cpu_percent", "cpu_target", "replicas", "ready"),
    "metrics": {"t": None, "cpu_percent": None, "cpu_target": None, "replicas": None, "ready": None,
                "pods": ("pod", "t", "ready", "cpu_millicores", "memory_bytes")},
    "flags": {"id": None, "t": None, "kind": None, "text": None, "sentence": None, "object": OBJECT},
    "explanations": {"t": None, "state": None, "sentence": None, "confidence": None, "advice": None,
                     "sum": ("label", "value", "deciding")},
    "events": {"id": None, "t": None, "kind": None, "text": None, "count": None, "quiet": None, "object": OBJECT},
    "spans": ("uid", "name", "created_at", "ready_at", "ended_at"),
    "endpoints": ("t", "method", "name", "requests", "failures", "rps", "p50_ms", "p95_ms", "p99_ms"),
    "endpoints_over_time": ("t", "method", "name", "requests", "failures", "rps", "p50_ms", "p95_ms", "p99_ms"),
    "pods": ("t", "pod", "requests", "rps", "share_percent"),
    "pods_over_time": ("t", "pod", "requests", "rps", "share_percent"),
    "failures_by": ("method", "name", "error", "occurrences", "first_at", "last_at"),
    "workers": ("id", "pod", "node", "state", "users", "cpu_percent", "saturated", "lost_at"),
}  # fmt: skip
REVISION = ("number", "revision", "at", "by", "state")

SAMPLES = ("t", "users", "rps", "p95_ms", "failed_percent", "cpu_percent", "cpu_target", "replicas", "ready")
EVENTS = ("time", "since_load_s", "kind", "object", "count", "text")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""


def outward(document: Row, scrub: Scrub) -> dict[str, Any]:
    """The run without anything that is not named above; what the document does not hold is left out."""
    told = {name: _scrubbed(document[name], scrub) for name in PLAIN if name in document}
    for name, allowed in INSIDE.items():
        if name in document:
            told[name] = _allowed(document[name], allowed, scrub)
    if "revisions" in document:
        told["revisions"] = {
            str(bundle): _allowed(row, REVISION, scrub) for bundle, row in (document["revisions"] or {}).items()
        }
    return told


def samples_csv(document: Row) -> str:
    """One line a sample; the last column says what happened since the line before."""
    flags = sorted((_ms(flag["t"]), str(flag.get("text") or "")) for flag in document.get("flags") or [])
    started = seconds(document.get("load_at"))
    rows, before = [], float("-inf")
    for sample in document.get("samples") or []:
        happened = "; ".join(text for t, text in flags if before < t <= sample["t"])
        since = None if started is None else round(sample["t"] / 1000 - started, 3)
        rows.append([_iso(sample["t"]), since, *(sample.get(name) for name in SAMPLES), happened])
        before = sample["t"]
    return csv_text([("time", "since_load_s", *SAMPLES, "happened"), *rows])


def events_csv(document: Row) -> str:
    """One line an event, in the order of time."""
    started = seconds(document.get("load_at"))
    return csv_text([EVENTS, *(_event(event, started) for event in document.get("events") or [])])


def _event(event: Row, started: float | None) -> list[Any]:
    at = seconds(event.get("t"))
    since = None if started is None or at is None else round(at - started, 3)
    about = event.get("object") or {}
    named = "/".join(str(about[name]) for name in OBJECT if about.get(name))
    return [event.get("t"), since, event.get("kind"), named, event.get("count"), event.get("text")]


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Lines of CSV. They end with CRLF and quotes are doubled, as RFC 4180 wants it; no text is taken for a formula."""
    text = io.StringIO()
    csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Numbers as they are; of a text nothing that a spreadsheet would carry out."""
    if not isinstance(value, str):
        return value
    kept = value.replace("\0", "")
    return f"'{kept}" if kept.lstrip(" ").startswith(FORMULA) or kept.startswith(FORMULA) else kept


def _allowed(value: Any, allowed: Any, scrub: Scrub) -> Any:
    if isinstance(value, (list, tuple)):
        return [_allowed(each, allowed, scrub) for each in value]
    if not isinstance(value, Mapping):
        return None
    if isinstance(allowed, Mapping):
        return {
            name: _allowed(value[name], inside, scrub) if inside else _scrubbed(value[name], scrub)
            for name, inside in allowed.items() if name in value
        }  # fmt: skip
    return {name: _scrubbed(value[name], scrub) for name in allowed if name in value}


def _scrubbed(value: Any, scrub: Scrub) -> Any:
    """Plain values only: text, numbers, yes and no, and lists of them."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, (list, tuple)):
        return [_scrubbed(each, scrub) for each in value]
    return None if isinstance(value, Mapping) else value


def _ms(iso: str) -> float:
    at = seconds(iso)
    return float("-inf") if at is None else 1000 * at


def _iso(t: int) -> str:
    return datetime.fromtimestamp(t / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
