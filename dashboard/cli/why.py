"""`surgeboard why`: why each HPA does what it does, or why it cannot scale."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dashboard.cli import why_text
from dashboard.cli.looking import Look
from dashboard.cli.options import Misused
from dashboard.cli.session import DONE, FAILED, Ended, Session
from dashboard.cli.terminal import Terminal
from dashboard.core import connect
from dashboard.errors import Refused

SCALES = frozenset({
    "ok", "scaling_up", "scaling_down", "at_max", "at_min", "stabilizing", "rate_limited", "within_tolerance",
    "held_back", "manual_scale",
})  # fmt: skip
"""States of an HPA that computes and gets what it asks for; in every other one it cannot scale."""
NONE = "There is no HorizontalPodAutoscaler in this cluster, so nothing scales by itself. The bundle flask brings one."

Row = Mapping[str, Any]
Pairs = Sequence[tuple[Row, Row]]


def check(arguments: argparse.Namespace, _terminal: Terminal) -> None:
    """An HPA is named by its namespace and its name."""
    if arguments.hpa is not None and not all(arguments.hpa.partition("/")):
        raise Misused(f"--hpa {arguments.hpa}: it takes NAMESPACE/NAME, such as flask/guestbook.")


def looked(session: Session) -> Pairs:
    """At the cluster of the session."""
    client = connect(session.settings)
    try:
        return Look(client, time.monotonic, time.sleep).take()
    finally:
        client.close()


def work(session: Session, look: Callable[[Session], Pairs] = looked) -> Ended:
    """The whole command."""
    pairs = _asked(look(session), session.arguments.hpa)
    rows = [_row(hpa, why) for hpa, why in pairs]
    scales = all(row["scales"] for row in rows)
    if not session.arguments.json:
        for line, style in why_text.lines_of(rows, now=time.time()):
            session.terminal.tell(line, style)
    document = {"cluster": dict(session.cluster), "state": "ok" if scales else "not ok", "hpas": rows}
    return Ended(DONE if scales else FAILED, document)


def _asked(pairs: Pairs, name: str | None) -> Pairs:
    if name is None and not pairs:
        raise Refused(NONE, status=404)
    found = [pair for pair in pairs if name in (None, f"{pair[0]['namespace']}/{pair[0]['name']}")]
    if not found:
        others = ", ".join(f"{hpa['namespace']}/{hpa['name']}" for hpa, _ in pairs)
        raise Refused(f"There is no HPA {name}. {f'There are: {others}.' if others else NONE}", status=404)
    return found


def _row(hpa: Row, why: Row) -> dict[str, Any]:
    """The explanation, and of the HPA what it is about."""
    about = {key: hpa[key] for key in ("target", "min", "max", "current", "desired", "cpu_percent", "cpu_target")}
    return {**why, **about, "scales": why["state"] in SCALES}
