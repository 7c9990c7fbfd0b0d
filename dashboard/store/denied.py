"""Which reads the cluster refuses, read off the view `connection`: what depends on them is unknown, not zero. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CLUSTER = "cluster"
"""The row that sums the others up; it is no read."""

Row = Mapping[str, Any]


def denied(connection: Mapping[str, Row]) -> dict[str, Row]:
    """Name of the read (a resource's plural, or one that is asked for now and then) → its row."""
    return {name: row for name, row in connection.items() if name != CLUSTER and row.get("state") == "forbidden"}


def is_denied(connection: Mapping[str, Row], *reads: str) -> bool:
    """Whether one of these is."""
    return any(connection.get(read, {}).get("state") == "forbidden" for read in reads)
