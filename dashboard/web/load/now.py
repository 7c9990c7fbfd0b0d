"""The row of the view `swarm` → what the Load page says of the swarm that is there, or was last. Pure.

static/js/load_now.js says the same from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.runs.wording import number
from dashboard.web.load.words import ACTIVE, OVER, STATES, TONES, Row, counted, ends, lasting, left, length, percent
from dashboard.web.person import in_a_sentence
from dashboard.web.presenting import UNKNOWN

Rows = Mapping[str, Row]
Views = Mapping[str, Rows]


def now_of(views: Views, *, now: float) -> dict[str, Any]:
    """Everything of the card at the head. `now`: seconds since the epoch."""
    row = views.get("swarm", {}).get("current", {})
    state = str(row.get("state") or "none")
    rest = left(row, now=now)
    whole = length(row)
    return {
        "state": state,
        "active": state in ACTIVE,
        "over": state in OVER,
        "known": state != "none",
        "tone": TONES.get(state, "unknown"),
        "word": STATES.get(state, state),
        "sentence": sentence(row, views),
        "left": "" if rest is None else f"{lasting(rest) if rest >= 1 else '0 s'} left",
        "ends": when(row),
        "bar": 0 if rest is None or not whole else max(0, min(100, round(100 * (1 - rest / whole)))),
        "has_bar": rest is not None,
        "figures": figures(row),
        "facts": facts(row),
        "notes": notes(row),
        "may_change": state == "running",
        "users": row.get("target_users") or "",
        "spawn_rate": row.get("spawn_rate") or 10,
    }


def when(row: Row) -> str:
    """When it ends by itself, or ended."""
    if not row.get("ends_at"):
        return ""
    if row.get("state") in OVER:
        return f"at {ends(row)}"
    return f"ends by itself at {ends(row)}" if row.get("state") == "running" else ""


def sentence(row: Row, views: Views) -> str:
    """How the swarm is, in one sentence."""
    state, target = row.get("state") or "none", row.get("target")
    if state == "starting":
        return f"Load for {target} is being made ready. {awaited(row, views)}"
    if state == "running":
        return f"Load goes to {target} with the profile {row.get('profile') or UNKNOWN}."
    if state == "stopping":
        why = f" {sentence_of(row['error'])}" if row.get("error") else ""
        return f"Stopping. It is over when no load user is left and no request comes any more.{why}"
    if state == "stopped":
        why = f" {sentence_of(row['error'])}" if row.get("error") else ""
        return f"Load went to {target}: {totals(row)}{why}"
    if state == "failed":
        return f"The load on {target} failed: {sentence_of(row.get('error') or 'no reason was given')}"
    return "No swarm is active."


def totals(row: Row) -> str:
    """All requests of the swarm in one sentence."""
    if row.get("requests") is None:
        return "how many requests is not known."
    failures = row.get("failures") or 0
    return f"{counted(row['requests'], 'request')}, {number(failures)} of them failed."


def sentence_of(text: Any) -> str:
    """With a capital's worth of nothing changed but the full stop at its end."""
    said = str(text).strip()
    return said if said.endswith((".", "!", "?")) else f"{said}."


def awaited(row: Row, views: Views) -> str:
    """Which pod of the swarm is waited for, and what holds it up."""
    prefix = f"swarm-{row.get('id')}-"
    pods = [each for each in views.get("pods", {}).values() if str(each.get("name", "")).startswith(prefix)]
    if not pods:
        return "Its Jobs are being created; none of its pods is there yet."
    waiting = sorted((each for each in pods if not each.get("ready")), key=_master_first)
    if not waiting:
        return "Its pods are ready; the workers are meeting their master."
    first = waiting[0]
    others = f", and {len(waiting) - 1} more of {len(pods)}" if len(waiting) > 1 else ""
    return f"Waiting for pod {first['name']} ({first.get('state') or 'unknown'}{others}).{_hindrance(first, views)}"


def _master_first(pod: Row) -> tuple[bool, str]:
    name = str(pod.get("name"))
    return ("-master" not in name, name)


def _hindrance(pod: Row, views: Views) -> str:
    """What the cluster last said of this pod, when it said that something is wrong."""
    said = [
        each
        for each in views.get("story", {}).values()
        if (each.get("object") or {}).get("name") == pod.get("name") and each.get("kind") == "warning"
    ]
    newest = max(said, key=lambda each: str(each.get("t")), default=None)
    return f" {sentence_of(newest['text'])}" if newest else ""


def figures(row: Row) -> dict[str, str]:
    """The row of large figures; what is not known is a dash."""
    over = row.get("state") in OVER
    target = row.get("target_users")
    wanted = number(target) if target is not None and row.get("state") in ACTIVE else ""
    return {
        "users": number(row.get("users")) if row.get("state") else UNKNOWN,
        "users_of": f" of {wanted}" if wanted else "",
        "rps": number(row.get("rps")),
        "p50": number(whole_or_now(row, "p50_ms", over=over)),
        "p95": number(whole_or_now(row, "p95_ms", over=over)),
        "p99": number(whole_or_now(row, "p99_ms", over=over)),
        "failed": number(whole_or_now(row, "failed_percent", over=over), digits=1),
        "requests": number(row.get("requests")),
        "failures": f"{number(row.get('failures'))} failed" if row.get("failures") is not None else "in all",
    }


def whole_or_now(row: Row, field: str, *, over: bool) -> float | None:
    """While it runs the figure of the last seconds; afterwards that of the whole swarm, where the master told it."""
    whole: Row = row.get("totals") or {}
    if not over:
        return row.get(field)
    if field == "failed_percent" and row.get("requests"):
        return float(100 * (row.get("failures") or 0) / row["requests"])
    found = whole.get(field)
    return found if isinstance(found, int | float) else None


def facts(row: Row) -> list[dict[str, str]]:
    """What was asked for; only what is known."""
    reused = {True: "reused (keep-alive)", False: "a new one for each request"}
    told = [
        ("profile", row.get("profile")),
        ("scenario", row.get("scenario")),
        ("connections", reused.get(row.get("keep_alive"))),  # type: ignore[arg-type]
        ("duration", lasting(row["duration_s"]) if row.get("duration_s") else None),
        ("limits", limits(row) if row.get("profile") == "ceiling" else None),
        ("started by", in_a_sentence(str(row.get("by") or row.get("started_by") or ""))),
        ("why", row.get("note")),
    ]
    return [{"label": label, "value": str(value)} for label, value in told if value]


def limits(row: Row) -> str | None:
    """What the target must stay within, for the profile `ceiling`."""
    if row.get("p95_limit_ms") is None:
        return None
    return f"p95 {number(row['p95_limit_ms'])} ms, failed {percent(row.get('failed_limit_percent'), digits=1)}"


def notes(row: Row) -> list[dict[str, str]]:
    """What keeps the figures from being the target's alone, and what has become of the workers."""
    found = []
    if row.get("saturated"):
        why = row.get("saturated_why") or "A worker is at the end of its strength."
        found.append({"key": "saturated", "text": f"The generator is at its limit, not the server. {why}"})
    if row.get("limited"):
        found.append({"key": "limited", "text": row.get("limited_why") or "The load is held back at its ceiling."})
    if row.get("reason") and row.get("state") == "running":
        found.append({"key": "reason", "text": sentence_of(row["reason"])})
    return found
