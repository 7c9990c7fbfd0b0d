"""Lines of the story that say the same, or nearly, as one line that unfolds. Pure.

Equal ones are a line with a count and the first and last time; what several pods of one workload go through is one
line too. Only what lies near in time is put together, and what people and autoscalers did never is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.store.times import seconds

NEAR_S = 600.0
"""Seconds between two lines beyond which they are two stories."""
SINGLE = frozenset({"swarm", "stop", "apply", "scaled", "failover", "experiment"})
"""Kinds of which each line is a deed of its own."""
WARNING = "warning"
_SAFE = "[bcdfghjklmnpqrstvwxz2456789]"
"""The characters of the names that Kubernetes makes up."""
_OF_REPLICA_SET = re.compile(rf"(.+)-{_SAFE}{{6,10}}-{_SAFE}{{5}}")
_OF_STATEFUL_SET = re.compile(r"(.+)-\d{1,5}")
_OF_JOB = re.compile(rf"(.+)-{_SAFE}{{5}}")

Row = Mapping[str, Any]


@dataclass(slots=True)
class Group:
    """One line or several, newest first. `workload`: of the pods they are about, when they are near-equal."""

    rows: list[Row] = field(default_factory=list)
    workload: str | None = None

    @property
    def newest(self) -> Row:
        return self.rows[0]

    @property
    def count(self) -> int:
        """How often it happened, all together."""
        return sum(int(row.get("count") or 1) for row in self.rows)

    @property
    def objects(self) -> int:
        """How many it happened to."""
        return len({_object(row) for row in self.rows})

    @property
    def times(self) -> str:
        """`× 12 · 4 pods`, and nothing for what happened once."""
        return " · ".join(
            filter(None, (f"× {self.count}" * (self.count > 1), f"{self.objects} pods" * (self.objects > 1)))
        )

    @property
    def first(self) -> str:
        """When it happened first."""
        return min(str(row.get("first") or row["t"]) for row in self.rows)

    @property
    def are_equal(self) -> bool:
        """Whether all of them say the very same."""
        return len({(row["text"], _object(row)) for row in self.rows}) == 1


def grouped(rows: Iterable[Row]) -> list[Group]:
    """Groups in the order of their newest lines; `rows` are newest first."""
    return _grouped(rows, _key)


def folded(rows: Iterable[Row]) -> list[Group]:
    """Only those together that say the very same of the same object, and what is wrong with several pods of one
    workload alike; static/js/story.js does so too."""
    return _grouped(rows, _alike)


def _grouped(rows: Iterable[Row], key_of: Callable[[Row], tuple[Any, ...] | None]) -> list[Group]:
    groups: list[Group] = []
    open_by: dict[tuple[Any, ...], Group] = {}
    for row in rows:
        key = key_of(row)
        group = open_by.get(key) if key is not None else None
        if group is not None and _is_near(group.rows[-1], row):
            group.rows.append(row)
            continue
        group = Group([row], workload_of(row))
        groups.append(group)
        if key is not None:
            open_by[key] = group
    return groups


def workload_of(row: Row) -> str | None:
    """The workload of the pod a line is about, by the name that Kubernetes gave the pod; None for another object."""
    about = row.get("object") or {}
    name = str(about.get("name") or "")
    if about.get("kind") != "Pod":
        return None
    for pattern in (_OF_REPLICA_SET, _OF_STATEFUL_SET, _OF_JOB):
        found = pattern.fullmatch(name)
        if found:
            return found[1]
    return name or None


def _key(row: Row) -> tuple[Any, ...] | None:
    """What lines have in common that belong together."""
    if row["kind"] in SINGLE:
        return None
    about = row.get("object") or {}
    workload = workload_of(row)
    if workload is not None and row.get("reason"):
        return row["kind"], row["reason"], about.get("namespace"), workload
    return _same(row)


def _alike(row: Row) -> tuple[Any, ...] | None:
    workload, (_, namespace, name) = workload_of(row), _object(row)
    if row["kind"] != WARNING or workload is None or not name:
        return _same(row)
    return WARNING, namespace, workload, str(row["text"]).replace(name, "")


def _same(row: Row) -> tuple[Any, ...] | None:
    return None if row["kind"] in SINGLE else (row["kind"], row["text"], *_object(row))


def _is_near(later: Row, earlier: Row) -> bool:
    began, ended = seconds(str(later.get("first") or later["t"])), seconds(earlier["t"])
    return began is not None and ended is not None and began - ended <= NEAR_S


def _object(row: Row) -> tuple[Any, ...]:
    about = row.get("object") or {}
    return about.get("kind"), about.get("namespace"), about.get("name")
