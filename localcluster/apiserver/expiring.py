"""Events leave an hour after they were last written, as Kubernetes' `--event-ttl` has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from localcluster.apiserver import metadata as meta
from localcluster.apiserver.storage import Storage
from localcluster.client import Object
from localcluster.resources import EVENTS

EVENT_LIFETIME = timedelta(hours=1)
_LOOK_EVERY_S = 60.0


async def keep_expiring(storage: Storage, *, now: Callable[[], datetime]) -> None:
    """Look from time to time; runs until cancelled."""
    while True:
        remove_expired(storage, now=now())
        await asyncio.sleep(_LOOK_EVERY_S)


def remove_expired(storage: Storage, *, now: datetime) -> int:
    """Take the old Events away; how many they were."""
    limit = meta.timestamp(now - EVENT_LIFETIME)
    old = [version.object for version in storage.all(EVENTS) if _last_written(version.object) < limit]
    for event in old:
        storage.remove(EVENTS, (event["metadata"]["namespace"], event["metadata"]["name"]))
    return len(old)


def _last_written(event: Object) -> str:
    """Times of one spelling (UTC, seconds first) sort as they follow each other."""
    metadata = event["metadata"]
    written = [str(entry.get("time") or "") for entry in metadata.get("managedFields") or ()]
    return max([str(metadata["creationTimestamp"]), *written])
