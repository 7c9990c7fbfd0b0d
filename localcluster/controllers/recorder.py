"""Writing Kubernetes Events: `event` returns at once, `run` writes them one after another.

An Event that cannot be written is logged and lost, as in Kubernetes; it must never fail what it tells about.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Literal

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock, micro_timestamp, timestamp
from localcluster.controllers.correlation import EventCorrelator
from localcluster.controllers.refusals import is_expected
from localcluster.errors import ApiError
from localcluster.resources import EVENTS

logger = logging.getLogger(__name__)

EventKind = Literal["Normal", "Warning"]


class Recorder:
    """Records what one component did or saw, about any object.

    `host`: the node, for the kubelet's Events. `instance`: the reporting instance of `announce`.
    """

    def __init__(self, client: Client, component: str, clock: Clock, *, host: str = "", instance: str = "") -> None:
        self.name = f"events of {component}"
        self._client = client
        self._component = component
        self._clock = clock
        self._host = host
        self._instance = instance
        self._correlator = EventCorrelator()
        self._queue: asyncio.Queue[Object] = asyncio.Queue()
        self._last_name = 0

    def event(self, obj: Object, kind: EventKind, reason: str, message: str, *, field_path: str = "") -> None:
        """A `v1` Event about `obj`; the same again is counted, many similar ones are combined."""
        now = timestamp(self._clock.now())
        source = {"component": self._component, "host": self._host}
        self._queue.put_nowait(
            self._body(obj, kind, reason, message, field_path=field_path)
            | {
                "source": {key: value for key, value in source.items() if value},
                "firstTimestamp": now,
                "lastTimestamp": now,
                "count": 1,
                "eventTime": None,
                "reportingComponent": self._component,
                "reportingInstance": self._host,
            }
        )

    def announce(self, obj: Object, kind: EventKind, reason: str, message: str, *, action: str) -> None:
        """An Event as `events.k8s.io/v1` clients write it (the scheduler): when, by whom, doing what; never counted."""
        self._queue.put_nowait(
            self._body(obj, kind, reason, message)
            | {
                "source": {},
                "firstTimestamp": None,
                "lastTimestamp": None,
                "eventTime": micro_timestamp(self._clock.now()),
                "action": action,
                "reportingComponent": self._component,
                "reportingInstance": self._instance or self._component,
            }
        )

    async def run(self) -> None:
        """Write what is recorded, in order. Ends only by cancellation."""
        while True:
            event = await self._queue.get()
            try:
                await self._write(event)
            except ApiError as error:
                about = event["involvedObject"]
                level = logging.DEBUG if is_expected(error) else logging.INFO
                logger.log(
                    level, "An Event (%s) about %s %s/%s could not be written: %s",
                    event["reason"], about["kind"], about.get("namespace", ""), about["name"], error.message,
                )  # fmt: skip
            except Exception:  # outermost loop: one odd Event must not silence the component
                logger.exception("Writing an Event (%s) failed", event["reason"])

    async def _write(self, event: Object) -> None:
        namespace = event["metadata"]["namespace"]
        if event["eventTime"] is not None:
            await self._client.create(EVENTS, event, namespace=namespace)
            return
        correlated = self._correlator.correlate(event, now=self._clock.now())
        if correlated is None:
            return
        if correlated.patch is not None and await self._patched(correlated.event, correlated.patch):
            return
        await self._client.create(EVENTS, correlated.event, namespace=namespace)

    async def _patched(self, event: Object, patch: dict[str, Any]) -> bool:
        """False when somebody has removed the Event meanwhile."""
        metadata = event["metadata"]
        try:
            await self._client.patch(
                EVENTS, metadata["name"], patch,
                patch_type="application/strategic-merge-patch+json", namespace=metadata["namespace"],
            )  # fmt: skip
        except ApiError as error:
            if error.code == 404:
                return False
            raise
        return True

    def _body(self, obj: Object, kind: EventKind, reason: str, message: str, *, field_path: str = "") -> Object:
        metadata = obj["metadata"]
        about = {
            "kind": obj["kind"],
            "namespace": metadata.get("namespace", ""),
            "name": metadata["name"],
            "uid": metadata.get("uid", ""),
            "apiVersion": obj["apiVersion"],
            "resourceVersion": metadata.get("resourceVersion", ""),
            "fieldPath": field_path,
        }
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{metadata['name']}.{self._unique():x}",
                "namespace": metadata.get("namespace") or "default",
            },
            "involvedObject": {key: value for key, value in about.items() if value},
            "reason": reason,
            "message": message,
            "type": kind,
        }

    def _unique(self) -> int:
        """Nanoseconds, as client-go names Events; pushed on where two fall on the same tick of the clock."""
        self._last_name = max(self._last_name + 1, int(self._clock.now().timestamp() * 1_000_000) * 1000)
        return self._last_name
