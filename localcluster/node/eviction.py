"""`emptyDir.sizeLimit`: how large a pod's volumes have grown, and how an evicted pod says so.

Measures and words; must not end anything.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from localcluster import quantity
from localcluster.client import Object
from localcluster.controllers.clock import Clock

GRACE_SECONDS = 1.0
"""What kubelet leaves the containers of a pod it evicts, whatever the pod asks for."""

_LOOK_SECONDS = 10.0
_BLOCK = 512
"""The unit of `st_blocks`, whatever the file system's own."""
_CRITICAL = ("system-cluster-critical", "system-node-critical")
"""Priority classes kubelet does not evict."""


async def until_outgrown(pod: Object, paths: Mapping[str, Path], *, clock: Clock) -> str:
    """Why the pod is to be evicted, once a volume has outgrown its limit; at once empty for a pod without limits.

    Volumes in memory are directories here and are measured like the others.
    """
    limits = size_limits(pod)
    while limits:
        await clock.sleep(_LOOK_SECONDS)
        for name, limit in limits.items():
            if await asyncio.to_thread(disk_usage, paths[name]) > quantity.parse(limit):
                return f'Usage of EmptyDir volume "{name}" exceeds the limit "{limit}". '
    return ""


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


def evicted(status: Object, message: str, *, previous: Mapping[str, Any] | None, now: str) -> Object:
    """The last status of a pod that was evicted, however its containers ended."""
    condition = {
        "type": "DisruptionTarget", "observedGeneration": status["observedGeneration"], "status": "True",
        "reason": "TerminationByKubelet", "message": message, "lastProbeTime": None,
        "lastTransitionTime": previous["lastTransitionTime"] if previous else now,
    }  # fmt: skip
    told = {"phase": "Failed", "reason": "Evicted", "message": message}
    return {**status, **told, "conditions": [*status["conditions"], condition]}
