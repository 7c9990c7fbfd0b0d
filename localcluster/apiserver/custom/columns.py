"""The columns `kubectl get` shows of a custom resource: those of its definition, else its age. Pure."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from localcluster.apiserver.custom import jsonpath
from localcluster.apiserver.printing.cells import Cell
from localcluster.apiserver.printing.columns import NAME, Column
from localcluster.apiserver.printing.durations import age
from localcluster.client import Object
from localcluster.resources import Resource

_AGE = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp", "description": ""}


def columns_of(resource: Resource) -> tuple[Column, ...]:
    """Name and the rest."""
    declared = resource.custom.columns if resource.custom is not None else ()
    return (NAME, *(_column(each) for each in declared or (_AGE,)))


def _column(declared: Mapping[str, Any]) -> Column:
    return Column(
        declared["name"], _cell(declared), declared["type"], declared.get("priority", 0),
        declared.get("description", ""), declared.get("format", ""),
    )  # fmt: skip


def _cell(declared: Mapping[str, Any]) -> Cell:
    steps, kind = jsonpath.parse(declared["jsonPath"]), declared["type"]

    def cell(body: Object, now: datetime) -> Any:
        found = jsonpath.find(body, steps)
        return _shown(found[0], kind, now=now) if found else None

    return cell


def _shown(value: Any, kind: str, *, now: datetime) -> Any:
    """As the column's type has it; nothing for a value of another type."""
    if kind == "string":
        return value if isinstance(value, str) else _text(value)
    if kind == "date" and isinstance(value, str):
        with contextlib.suppress(ValueError, TypeError):
            return age(value, now=now)
        return "<invalid>"
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if kind in ("integer", "number") and isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) if kind == "integer" else value
    return None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else orjson.dumps(value).decode() if isinstance(value, dict | list) else str(value)
