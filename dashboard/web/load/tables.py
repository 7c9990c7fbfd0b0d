"""The row of the view `swarm` → the tables of the Load page. Pure; static/js/load_tables.js fills the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.runs.wording import number
from dashboard.web.load.words import OVER, WORKER_STATES, Row, counted, of_requests, percent, seconds
from dashboard.web.presenting import clock

Views = Mapping[str, Mapping[str, Row]]

NOT_TOLD = "not told"
SETTLED_S = 15.0
"""The share is one of the last 10 s; a pod that has just become ready cannot have its part of it yet."""
STARVED = 0.25
"""Of an equal part; below it a ready pod gets next to nothing."""


def tables(views: Views, *, namespace: str, service: str, now: float) -> dict[str, Any]:
    """Every table of the swarm; `namespace`, `service` of its target."""
    row = views.get("swarm", {}).get("current", {})
    shares = traffic(row)
    return {
        "endpoints": endpoints(row),
        "failures": failures(row),
        "workers": workers(row),
        "lost": lost(row),
        "no_workers": "The workers have ended." if row.get("state") in OVER else "No worker has met its master yet.",
        "traffic": shares,
        "traffic_hint": hint(row, ready_pods(views, namespace, service, now=now)),
        "traffic_of": "of all requests" if row.get("state") in OVER else "of the last 10 s",
        "told": any(each["told"] for each in shares),
    }


def endpoints(row: Row) -> list[dict[str, Any]]:
    """Each request of the scenario with its figures; once it is over there is no rate any more."""
    over = row.get("state") in OVER
    return [
        {
            "key": f"{each.get('method')} {each.get('name')}",
            "method": each.get("method") or "",
            "name": each.get("name") or "",
            "requests": number(each.get("requests")),
            "rps": number(None if over else each.get("rps"), digits=1),
            "failures": number(each.get("failures")),
            "failed": of_requests(each.get("failures"), each.get("requests")),
            "p50": number(each.get("p50_ms")),
            "p95": number(each.get("p95_ms")),
            "p99": number(each.get("p99_ms")),
            "bad": bool(each.get("failures")),
        }
        for each in rows_of(row, "endpoints")
    ]


def failures(row: Row) -> list[dict[str, Any]]:
    """Failures by kind."""
    return [
        {
            "key": f"{each.get('method')} {each.get('name')} {each.get('error')}",
            "error": each.get("error") or "",
            "where": f"{each.get('method') or ''} {each.get('name') or ''}".strip() or "anywhere",
            "count": number(each.get("occurrences")),
            "first": clock(each.get("first_at")),
            "first_at": each.get("first_at") or "",
            "last": clock(each.get("last_at")),
            "last_at": each.get("last_at") or "",
        }
        for each in rows_of(row, "failures_by")
    ]


def workers(row: Row) -> list[dict[str, Any]]:
    """The workers, the lost ones too."""
    shown = []
    for each in rows_of(row, "workers"):
        state, worn, gone = str(each.get("state") or "unknown"), bool(each.get("saturated")), each.get("lost_at")
        cpu = each.get("cpu_percent")
        shown.append(
            {
                "key": each.get("id") or each.get("pod") or "",
                "pod": each.get("pod") or each.get("id") or "",
                "node": each.get("node") or "",
                "tone": "failed" if gone else "trouble" if worn else "good" if state == "running" else "starting",
                "word": f"lost at {clock(gone)}"
                if gone
                else "at its limit"
                if worn
                else WORKER_STATES.get(state, state),
                "users": number(each.get("users")),
                "cpu": percent(cpu),
                "fill": 0 if cpu is None else max(0, min(100, round(cpu))),
            }
        )
    return shown


def lost(row: Row) -> str:
    """What became of the load of the workers that were lost."""
    gone = [each for each in rows_of(row, "workers") if each.get("lost_at")]
    if not gone:
        return ""
    names = str(gone[-1].get("pod") or gone[-1].get("id")) if len(gone) == 1 else f"{len(gone)} workers"
    were = "was" if len(gone) == 1 else "were"
    return f"{names} {were} lost at {clock(gone[-1]['lost_at'])}; the load users were spread over the other workers."


def traffic(row: Row) -> list[dict[str, Any]]:
    """Which part of the answers came from which pod of the target."""
    shown = rows_of(row, "pods")
    whole = sum(each.get("requests") or 0 for each in shown) if row.get("state") in OVER else 0
    return [
        {
            "key": each.get("pod") or NOT_TOLD,
            "pod": each.get("pod") or NOT_TOLD,
            "told": bool(each.get("pod")),
            "requests": number(each.get("requests")),
            "rps": f"{number(each.get('rps'), digits=1)}/s · " if not whole else "",
            "share": percent(share(each, whole), digits=1),
            "fill": max(0, min(100, round(share(each, whole) or 0))),
        }
        for each in shown
    ]


def share(pod: Row, whole: float) -> float | None:
    """In percent: of the last 10 s while it runs, of all `whole` requests afterwards."""
    found: float | None = pod.get("share_percent")
    return 100 * (pod.get("requests") or 0) / whole if whole else found


def ready_pods(views: Views, namespace: str, service: str, *, now: float) -> list[str]:
    """Pods of the target that have been ready for long enough to have their part of the requests."""
    found = []
    for pod in views.get("pods", {}).values():
        owner = pod.get("workload") or {}
        since = seconds(pod.get("ready_at"))
        if pod.get("namespace") != namespace or owner.get("name") != service or not pod.get("ready"):
            continue
        if since is not None and now - since >= SETTLED_S:
            found.append(str(pod.get("name")))
    return found


def hint(row: Row, ready: Sequence[str]) -> str:
    """That connections which are kept hide pods that came later; nothing when every pod has its part."""
    shares = {each["pod"]: each.get("share_percent") or 0.0 for each in rows_of(row, "pods") if each.get("pod")}
    if row.get("state") != "running" or row.get("keep_alive") is False or not shares or len(ready) < 2:
        return ""
    starved = [name for name in ready if shares.get(name, 0.0) < STARVED * 100 / len(ready)]
    if not starved:
        return ""
    get = "gets" if len(starved) == 1 else "get"
    return (
        f"{counted(len(starved), 'ready pod')} of {len(ready)} {get} next to no requests. Load users keep the "
        "connections they opened before; without connection reuse new pods have their part at once."
    )


def rows_of(row: Row, field: str) -> list[Row]:
    """A list of rows in the row; an older master may tell a number instead, or nothing."""
    found = row.get(field)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
