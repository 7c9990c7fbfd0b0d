"""How the last swarm ended, kept at its Lease, for dashboards that were not asking when the master told it.

Whoever sees the end first removes the swarm's objects; without this the others would find nobody, and call it failed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dashboard.kube import errors
from dashboard.load.turn import PATH

log = logging.getLogger(__name__)

ENDED = "surgeboard.dev/ended"
"""Annotation: the outcome."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`state`: stopped or failed; `error`: what went wrong; `reason`: the master's own word for the end."""

    swarm: str
    state: str
    error: str | None = None
    reason: str | None = None


def tell(cluster: Any, outcome: Outcome) -> None:
    """Before the swarm's objects are removed, and when a guard rail stops it.

    Who cannot tell goes on: the others then have to guess.
    """
    try:
        cluster.patch(PATH, {"metadata": {"annotations": {ENDED: json.dumps(asdict(outcome))}}})
    except errors.ApiError as error:
        log.warning("how swarm %s ended is not told to other dashboards: %s", outcome.swarm, error)


def told(cluster: Any, swarm_id: str) -> Outcome | None:
    """What another dashboard has told of the end of this swarm; None: nobody has, or the cluster does not answer."""
    try:
        return _read(cluster.get(PATH), swarm_id)
    except errors.ApiError:
        return None


def _read(lease: Mapping[str, Any], swarm_id: str) -> Outcome | None:
    text = (lease["metadata"].get("annotations") or {}).get(ENDED)
    try:
        outcome = Outcome(**json.loads(text)) if text else None
    except (ValueError, TypeError):  # by another version, or by hand
        return None
    return outcome if outcome is not None and outcome.swarm == swarm_id else None
