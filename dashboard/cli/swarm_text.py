"""A swarm's plan and state in lines for people. Pure; it must not decide anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.cli.terminal import Style

Row = Mapping[str, Any]
Line = tuple[str, Style | None]


def plan_lines(plan: Row) -> Iterator[Line]:
    """What would start, as the page's first step says it."""
    target = plan["target"]
    yield f"Swarm on {target['id']} ({target['url']})", "bold"
    yield f"  addresses: {', '.join([*target['addresses'], *target['endpoints']])}", None
    yield f"  {count(plan['users'], 'load user')}, {plan['spawn_rate']} more a second, {plan['profile']}", None
    workers = count(plan["workers"], "worker")
    kept = "connections kept open" if plan["keep_alive"] else "a new connection for each request"
    yield f"  {workers}, scenario {plan['scenario']}, {kept}", None
    yield f"  {plan['duration_s']} s; ends at {plan['ends_at_latest']} at the latest", None
    yield f"  at most {plan['requests_per_second_at_most']} requests a second", None
    yield f"  creates {', '.join(plan['objects'])} in namespace load", None
    yield f"  {plan['fence']}", "dim"


def state_line(row: Row) -> str:
    """How it is right now, in one line."""
    figures = [
        count(row.get("users"), "load user"),
        f"{_told(row.get('rps'))} requests/s",
        f"p95 {_told(row.get('p95_ms'))} ms",
        f"{_told(row.get('failed_percent'))} % failed",
    ]
    return f"{row.get('state')}: {', '.join(figures)}"


def end_line(row: Row) -> str:
    """How it went."""
    told = f"The swarm has {'failed' if row.get('state') == 'failed' else 'ended'}"
    return f"{told}: {count(row.get('requests'), 'request')}, {_told(row.get('failures'))} failed."


def count(number: int | None, what: str) -> str:
    """Such as `1 worker`, `2 workers`."""
    return f"{_told(number)} {what}{'' if number == 1 else 's'}"


def _told(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.1f}".removesuffix(".0")
