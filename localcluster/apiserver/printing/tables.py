"""`meta.k8s.io` Table and PartialObjectMetadata. The columns themselves are in `columns`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from localcluster.apiserver.custom import columns as custom
from localcluster.apiserver.http.negotiation import Representation
from localcluster.apiserver.printing.columns import Column, columns_of
from localcluster.apiserver.printing.podcolumns import row_conditions
from localcluster.client import Object
from localcluster.resources import PODS, Resource


def table(
    resource: Resource, objects: Sequence[Object], metadata: Object, *, how: Representation, now: datetime,
    with_columns: bool = True,
) -> Object:  # fmt: skip
    """A Table with one row an object."""
    columns = columns_of(resource) if resource.custom is None else custom.columns_of(resource)
    definitions = [
        {
            "name": column.name, "type": column.type, "format": column.format,
            "description": column.description, "priority": column.priority,
        }
        for column in columns
    ]  # fmt: skip
    rows = [_row(resource, columns, body, how=how, now=now) for body in objects]
    return {
        "kind": "Table", "apiVersion": f"meta.k8s.io/{how.version}", "metadata": metadata,
        "columnDefinitions": definitions if with_columns else None, "rows": rows,
    }  # fmt: skip


def _row(resource: Resource, columns: Sequence[Column], body: Object, *, how: Representation, now: datetime) -> Object:
    row: Object = {"cells": [column.cell(body, now) for column in columns]}
    conditions = row_conditions(body) if resource is PODS else []
    return {**row, **({"conditions": conditions} if conditions else {}), "object": _included(body, how)}


def _included(body: Object, how: Representation) -> Object | None:
    if how.include == "Metadata":
        return partial(body, version=how.version)
    return body if how.include == "Object" else None


def partial(body: Object, *, version: str) -> Object:
    """The object's metadata alone."""
    return {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{version}", "metadata": body["metadata"]}
