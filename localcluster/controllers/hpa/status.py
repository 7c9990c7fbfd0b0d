"""Builds an autoscaler's new status: conditions with their transition times, sizes, metrics; pure."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from localcluster.client import Object
from localcluster.controllers.clock import timestamp


class Status:
    """The status being built in one sync, starting from what is stored."""

    def __init__(self, stored: Object | None, *, now: datetime) -> None:
        self._fields: Object = copy.deepcopy(stored or {})
        self._now = timestamp(now)

    def condition(self, type_: str, *, status: bool, reason: str, message: str) -> None:
        """Sets one condition; its time changes only with its status, its place never."""
        conditions = self._fields.setdefault("conditions", [])
        found = next((one for one in conditions if one["type"] == type_), None)
        if found is None:
            found = {"type": type_, "status": ""}
            conditions.append(found)
        text = "True" if status else "False"
        if found["status"] != text:
            found["lastTransitionTime"] = self._now
        found.update(status=text, reason=reason, message=message)

    def sizes(self, *, current: int, desired: int | None, metrics: Sequence[Any] | None, rescaled: bool) -> None:
        """Sets the sizes and measured metrics; `desired` None keeps what was decided last."""
        if current:
            self._fields["currentReplicas"] = current
        else:
            self._fields.pop("currentReplicas", None)
        if desired is not None:
            self._fields["desiredReplicas"] = desired
        self._fields["currentMetrics"] = list(metrics) if metrics is not None else None
        if rescaled:
            self._fields["lastScaleTime"] = self._now

    def built(self) -> Object:
        """The status as it is to be stored."""
        self._fields.setdefault("desiredReplicas", 0)
        self._fields.setdefault("currentMetrics", None)
        return self._fields
