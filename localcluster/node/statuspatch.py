"""The strategic merge patch that turns one pod status into the next; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcluster.client import Object


def patch_of(before: Mapping[str, Any], status: Object) -> Object:
    """What to send. Conditions are merged by type, so what one does not say any more has to be taken away by name."""
    earlier = {condition["type"]: condition for condition in before.get("conditions") or ()}
    conditions = [
        {**dict.fromkeys(earlier.get(one["type"], {}).keys() - one.keys()), **one} for one in status["conditions"]
    ]
    order = [{"type": one["type"]} for one in status["conditions"]]
    return {**status, "conditions": conditions, "$setElementOrder/conditions": order}
