"""Why a node ends a pod by itself: a volume past `emptyDir.sizeLimit`, a time past `activeDeadlineSeconds`.

Measures and words; must not end anything.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcluster import quantity
from localcluster.client import Object
from localcluster.controllers.clock import Clock, seconds_since
from localcluster.controllers.recorder import EventKind
from localcluster.node.racing import first_of

_EVICTION_GRACE_SECONDS = 1.0
"""What kubelet leaves the containers of a pod it evicts, whatever the pod asks for."""

_LOOK_SECONDS = 10.0
_BLOCK = 512
"""The unit of `st_blocks`, whatever the file system's own."""
_CRITICAL = ("system-cluster-critical", "system-node-critical")
"""Priority classes kubelet does not evict."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`grace`: the containers' seconds, None for what the pod asks for. `disrupted`: whether a condition says so."""

    reason: str
    message: str
    event: EventKind
    grace: float | None = None
    disrupted: bool = False


async def until_overdue(pod: Callable[[], Object], *, started: str, updated: asyncio.Event, clock: Clock) -> Verdict:
    """Once the pod has been active for its `activeDeadlineSeconds`, which `updated` may bring or shorten."""
    while True:
        updated.clear()
        deadline = pod()["spec"].get("activeDeadlineSeconds")
        if deadline is None:
            await updated.wait()
        elif (left := deadline - seconds_since(started, clock.now())) > 0:
            await first_of(clock.sleep(left), updated.wait())
        else:
            text = "Pod was active on the node longer than the specified deadline"
            return Verdict("DeadlineExceeded", text, "Normal")


async def until_outgrown(pod: Object, paths: Mapping[str, Path], *, clock: Clock) -> Verdict | None:
    """Once a volume has outgrown its limit; None at once for a pod without limits.

    Volumes in memory are directories here and are measured like the others.
    """
    limits = size_limits(pod)
    while limits:
        await clock.sleep(_LOOK_SECONDS)
        for name, limit in limits.items():
            if await asyncio.to_thread(disk_usage, paths[name]) > quantity.parse(limit):
                message = f'Usage of EmptyDir volume "{name}" exceeds the limit "{limit}". '
                return Verdict("Evicted", message, "Warning", grace=_EVICTION_GRACE_SECONDS, disrupted=True)
    return None


def size_limits(pod: Object) -> dict[str, str]:
    """Volume name → limit, in the notation the API gives back; a limit of zero is none."""
    spec = pod["spec"]
    if spec.get("priorityClassName") in _CRITICAL:
        return {}
    found = {
        volume["name"]: quantity.canonical((volume.get("emptyDir") or {}).get("sizeLimit", "0"))
        for volume in spec.get("volumes") or ()
    }
    return {name: limit for name, limit in found.items() if quantity.parse(limit) > 0}


def disk_usage(directory: Path) -> int:
    """Bytes the files under `directory` occupy, as du counts: blocks in use, each file once, no link followed."""
    return sum({(entry.st_dev, entry.st_ino): entry.st_blocks for entry in _entries(directory)}.values()) * _BLOCK


def _entries(directory: Path) -> Iterator[os.stat_result]:
    """Everything below; what goes away while it is looked at counts for nothing."""
    waiting = [directory]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    yield entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
        except OSError:
            continue


def sentenced(status: Object, verdict: Verdict, *, previous: Mapping[str, Any] | None, now: str) -> Object:
    """The last status of a pod the node has ended, however its containers did. `previous`: the condition as told."""
    told = {**status, "phase": "Failed", "reason": verdict.reason, "message": verdict.message}
    if not verdict.disrupted:
        return told
    condition = {
        "type": "DisruptionTarget", "observedGeneration": status["observedGeneration"], "status": "True",
        "reason": "TerminationByKubelet", "message": verdict.message, "lastProbeTime": None,
        "lastTransitionTime": previous["lastTransitionTime"] if previous else now,
    }  # fmt: skip
    return {**told, "conditions": [*status["conditions"], condition]}
