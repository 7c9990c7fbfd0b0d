"""The way of the figures that HPAs scale by, for `surgeboard status`: its first broken link, and what mends it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashboard.cli.looking import Look
from dashboard.cli.session import Session
from dashboard.cli.terminal import Style
from dashboard.core import connect
from dashboard.errors import Refused
from dashboard.scaling.pipeline.chain import BUNDLE, REPAIRED, Pipeline

Line = tuple[str, Style | None]
Row = Mapping[str, Any]

STYLES: Mapping[str, Style] = {"ok": "green", "broken": "red", "unknown": "yellow", "denied": "yellow"}
SHOWN_MOST = 5
"""HPAs with a fault of their own; --json has all."""


def is_asked(names: Sequence[str]) -> bool:
    """Whether who asks for these stacks, or for all of them, wants to know of it."""
    return not names or BUNDLE in names


def looked(session: Session) -> list[dict[str, Any]]:
    """A document for each HPA, by its name; one without an HPA where there is none, or none may be read."""
    client = connect(session.settings)
    try:
        look = Look(client, time.monotonic, time.sleep)
        look.take()
        return [document(hpa, found) for hpa, found in look.ways()]
    except Refused as refused:
        return [{"hpa": None, "state": "unknown", "fault": None, "sentence": refused.sentence, "links": []}]
    finally:
        client.close()


def document(hpa: Row | None, found: Pipeline) -> dict[str, Any]:
    """`state`: of the first link that is not well."""
    name = f"{hpa['namespace']}/{hpa['name']}" if hpa else None
    states = [each.state for each in found.links]
    state = next((each for each in ("broken", "denied", "unknown") if each in states), "ok")
    return {
        "hpa": name, "state": state, "fault": found.fault, "sentence": found.sentence,
        "links": [each.row() for each in found.links],
    }  # fmt: skip


def lines_of(rows: Sequence[Row]) -> Iterator[Line]:
    """What is broken for all is said once, what is broken for one HPA is said of it."""
    if rows:
        yield "", None
    bad = [row for row in rows if row["state"] != "ok"]
    for row in (bad or rows)[:SHOWN_MOST]:
        fault = next((each for each in row["links"] if each["id"] == row["fault"]), None)
        where = f" at “{fault['name']}”" if fault else ""
        yield f"metrics pipeline: {row['state']}{where}", STYLES[row["state"]]
        yield f"  {row['sentence']}", None
        if fault and fault["cause"] and fault["cause"].rstrip(".") not in row["sentence"]:
            yield f"  the API says: {fault['cause']}", "dim"
        if fault and (fault["advice"] or row["fault"] in REPAIRED):
            yield f"  What to do: {fault['advice'] or f'surgeboard deploy {BUNDLE}'}", "cyan"
        if row["fault"] in REPAIRED or row["hpa"] is None:
            return
    if len(bad) > SHOWN_MOST:
        yield f"  and {len(bad) - SHOWN_MOST} more HPAs; --json has all", "dim"
    elif not bad and len(rows) > 1:
        rest = len(rows) - 1
        yield f"  and {rest} more {'HPA' if rest == 1 else 'HPAs'} too", "dim"
