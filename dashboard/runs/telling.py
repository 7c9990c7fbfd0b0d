"""What a run's page and its report say, from the run's document: words, figures, tables, all in one place. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.runs.wording import (
    UNKNOWN,
    failed,
    length,
    moment,
    number,
    profile,
    since_load,
    span,
    state,
    title,
)  # fmt: skip
from dashboard.store.times import iso, seconds

Row = Mapping[str, Any]

TABLE_ROWS = 60
REACTIONS = (
    ("load_to_decision_s", "load", "HPA decides", "From the first load users to the HPA's decision to scale"),
    ("load_to_new_pod_s", "load", "first new pod", "From the first load users to the creation of the first new pod"),
    ("load_to_ready_s", "load", "new pod Ready", "From the first load users to the first new pod that was Ready"),
    (
        "load_to_latency_ok_s",
        "load",
        "p95 under its limit again",
        "From the first load users until p95 stayed under its limit again",
    ),
    ("stop_to_scale_down_s", "stop", "scaled down", "From the stop of the load until there were fewer replicas"),
)
"""Name, from which moment, word, sentence."""


def summary(run: Row) -> dict[str, Any]:
    """A run as one line of the list."""
    reaction = run.get("reaction") or {}
    return {
        "id": run["run_id"],
        "title": title(run),
        "note": run.get("note") or "",
        "tags": list(run.get("tags") or []),
        "iso": run.get("started_at"),
        "moment": moment(run.get("started_at")),
        "length": length(run),
        "target": run.get("target") or UNKNOWN,
        "profile": profile(run),
        "peak_users": number(run.get("peak_users")),
        "requests": number(run.get("requests")),
        "failed": failed(run),
        "peak_replicas": number(run.get("peak_replicas")),
        "load_to_ready": span(reaction.get("load_to_ready_s")),
        "by": run.get("by") or UNKNOWN,
        "state": state(run),
    }


def whole(run: Row) -> dict[str, Any]:
    """Everything there is to say of a run."""
    return {
        **summary(run),
        "name": run.get("name") or "",
        "why": run.get("why") or "",
        "text": in_words(run),
        "figures": figures(run),
        "reactions": reactions(run),
        "explanations": explanations(run),
        "events": events(run),
        "left_out": run.get("events_left_out") or 0,
        "endpoints": [_endpoint(each) for each in run.get("endpoints") or []],
        "failures": list(run.get("failures_by") or []),
        "workers": [_worker(each) for each in run.get("workers") or []],
        "pods": _pods(run.get("pods") or []),
        "settings": settings(run),
        "revisions": revisions(run),
        "head": TABLE_HEAD,
        "table": table(run),
    }


def figures(run: Row) -> list[tuple[str, str, str, str]]:
    """Key of the colour, label, value, unit."""
    samples = run.get("samples") or []
    scaled = (run.get("scaled") or {}).get("hpa") or {}
    reaction = run.get("reaction") or {}
    most = f" of {scaled['max']}" if scaled.get("max") else ""
    return [
        ("load", "peak load users", number(run.get("peak_users")), ""),
        ("rps", "requests", number(run.get("requests")), ""),
        ("", "failed", failed(run), " %"),
        ("", "highest p95", number(_peak(samples, "p95_ms")), " ms"),
        ("cpu", "highest CPU of request", number(_peak(samples, "cpu_percent")), " %"),
        ("replicas", "peak replicas", number(run.get("peak_replicas")), most),
        ("replicas", "load to Ready", span(reaction.get("load_to_ready_s")), ""),
    ]


def reactions(run: Row) -> list[dict[str, Any]]:
    """Each reaction time; `at` places it on a line of 1000 from the first load users to the end of the run."""
    known = run.get("reaction") or {}
    times = [known.get(name) for name, *_ in REACTIONS]
    longest = max((t for t in times if t is not None), default=None) or 1.0
    return [
        {"name": name, "origin": origin, "word": word, "sentence": sentence, "seconds": known.get(name),
         "text": span(known.get(name)), "at": None if known.get(name) is None else round(1000 * known[name] / longest)}
        for name, origin, word, sentence in REACTIONS
    ]  # fmt: skip


def explanations(run: Row) -> list[dict[str, Any]]:
    """What the autoscaler thought, in the order of time, each with its sum."""
    return [
        {**_when(run, each["t"]), "state": str(each.get("state") or "").replace("_", " "),
         "sentence": each.get("sentence") or "", "sum": each.get("sum") or [],
         "confidence": each.get("confidence") or "", "advice": each.get("advice") or ""}
        for each in run.get("explanations") or []
    ]  # fmt: skip


def events(run: Row) -> list[dict[str, Any]]:
    """The story of the run in the order of time; where events were not recorded, its flags."""
    rows = run.get("events") or [
        {**flag, "text": flag.get("sentence") or flag.get("text")} for flag in run.get("flags") or []
    ]
    return [
        {**_when(run, each["t"]), "kind": each.get("kind") or "", "text": each.get("text") or "",
         "times": f"× {each['count']}" if (each.get("count") or 1) > 1 else "", "quiet": bool(each.get("quiet"))}
        for each in rows
    ]  # fmt: skip


def settings(run: Row) -> list[tuple[str, str]]:
    """What was asked for, who and why, as label and value."""
    request = run.get("request") or {}
    scaled = run.get("scaled") or {}
    hpa, workload = scaled.get("hpa") or {}, scaled.get("workload") or {}
    alive = request.get("keep_alive")
    keep = "" if alive is None else "kept alive" if alive else "a new one for each request"
    told = [
        ("target", run.get("target")),
        ("scenario", request.get("scenario")),
        ("profile", profile(run)),
        ("load users", _text(request.get("users"))),
        ("new load users per second", _text(request.get("spawn_rate"))),
        ("duration", span(request.get("duration_s"))),
        ("workers", _text(request.get("workers"))),
        ("connections", keep),
        ("limit of p95", f"{request['p95_limit_ms']} ms" if request.get("p95_limit_ms") else ""),
        ("limit of failures", f"{request['failed_limit_percent']} %" if request.get("failed_limit_percent") else ""),
        ("started by", run.get("by")),
        ("why", run.get("why") or request.get("note")),
        ("under load", "/".join(str(workload[part]) for part in ("kind", "namespace", "name") if workload.get(part))),
        ("scaled by", f"HPA {hpa.get('namespace')}/{hpa.get('name')}, {hpa.get('min')} to {hpa.get('max')} replicas, "
                      f"CPU target {hpa.get('cpu_target')} %" if hpa else ""),
        ("highest sustained rate", _ceiling(run.get("ceiling"))),
        ("the generator's own limit", run.get("saturated_why") or run.get("limited_why")),
        ("how it ended", run.get("reason")),
        ("run", run.get("run_id")),
    ]  # fmt: skip
    return [(label, str(value)) for label, value in told if value not in (None, "", UNKNOWN)]


def revisions(run: Row) -> list[dict[str, str]]:
    """What was deployed at that time, a bundle a row."""
    return [
        {"bundle": bundle, "number": _text(row.get("number")), "hash": _text(row.get("revision")),
         "iso": _text(row.get("at")), "moment": moment(row.get("at")), "by": _text(row.get("by"))}
        for bundle, row in sorted((run.get("revisions") or {}).items())
    ]  # fmt: skip


TABLE_HEAD = ("since load", "load users", "requests/s", "p95, ms", "failed, %", "CPU, %", "target, %", "ready",
              "replicas", "what happened")  # fmt: skip


def table(run: Row) -> list[list[str]]:
    """The chart as a table of at most TABLE_ROWS lines; what happened is told in the line that follows it."""
    samples = list(run.get("samples") or [])
    flags = sorted((seconds(flag["t"]) or 0.0, str(flag.get("text") or "")) for flag in run.get("flags") or [])
    step = max(1, -(-len(samples) // TABLE_ROWS))
    rows, before = [], float("-inf")
    for sample in samples[step - 1 :: step]:
        at = sample["t"] / 1000
        happened = ", ".join(text for t, text in flags if before < t <= at)
        digits = {"failed_percent": 1}
        values = [
            number(sample.get(name), digits=digits.get(name, 0))
            for name in ("users", "rps", "p95_ms", "failed_percent", "cpu_percent", "cpu_target", "ready", "replicas")
        ]
        rows.append([since_load(run, at), *values, happened])
        before = at
    return rows


def in_words(run: Row) -> str:
    """The whole in a few sentences, for those who do not see the chart."""
    samples = run.get("samples") or []
    peaks = [
        f"{label} {number(value)}{unit}"
        for label, value, unit in (
            ("p95 up to", _peak(samples, "p95_ms"), " ms"),
            ("CPU up to", _peak(samples, "cpu_percent"), " % of the request"),
            ("replicas up to", run.get("peak_replicas"), ""),
        )
        if value is not None
    ]
    told = f"{number(run.get('peak_users'))} load users at most, {number(run.get('requests'))} requests"
    told += f", {failed(run)} % failed." if failed(run) != UNKNOWN else "."
    if peaks:
        told += f" {'; '.join(peaks)}."
    known = ", ".join(f"{each['word']} after {each['text']}" for each in reactions(run) if each["seconds"] is not None)
    return f"{told} Reaction: {known}." if known else told


def _when(run: Row, t: Any) -> dict[str, Any]:
    at = seconds(str(t))
    return {"iso": "" if at is None else iso(at), "since": since_load(run, at)}


def _endpoint(row: Row) -> dict[str, str]:
    return {
        "name": f"{row.get('method') or ''} {row.get('name') or ''}".strip(), "requests": number(row.get("requests")),
        "failures": number(row.get("failures")), "p50": number(row.get("p50_ms")), "p95": number(row.get("p95_ms")),
        "p99": number(row.get("p99_ms")),
    }  # fmt: skip


def _worker(row: Row) -> dict[str, str]:
    word = "lost" if row.get("lost_at") else str(row.get("state") or UNKNOWN)
    if row.get("saturated"):
        word += ", saturated"
    return {"name": str(row.get("pod") or row.get("id") or UNKNOWN), "node": str(row.get("node") or UNKNOWN),
            "state": word, "users": number(row.get("users")), "cpu": number(row.get("cpu_percent"))}  # fmt: skip


def _pods(rows: Sequence[Row]) -> list[dict[str, str]]:
    """Each with its share of all requests of the run; what was recorded with it is the share of its last seconds."""
    whole = sum(row.get("requests") or 0 for row in rows)
    return [
        {"name": str(row.get("pod")), "requests": number(row.get("requests")),
         "share": number(100 * (row.get("requests") or 0) / whole if whole else None, digits=1)}
        for row in rows
    ]  # fmt: skip


def _ceiling(ceiling: Row | None) -> str:
    if not ceiling or ceiling.get("rps") is None:
        return ""
    limit = f", limited by {ceiling['limited_by']}" if ceiling.get("limited_by") else ""
    return f"{number(ceiling['rps'])} requests/s with {number(ceiling.get('users'))} load users{limit}"


def _peak(samples: Sequence[Row], name: str) -> float | None:
    return max((sample[name] for sample in samples if sample.get(name) is not None), default=None)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
