"""From the views to all browsers: changes are gathered for at most 100 ms, encoded once an audience, sent in order.

A browser that is behind gets the latest row of each key when it can take more, or a snapshot when that is too much.
One thread sends, so what a browser sees is in order. It must not know sockets.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from dashboard.live.audiences import Shared
from dashboard.live.mailbox import Audience, Changes, Mailbox, listed
from dashboard.store.views import Delta, Snapshot, Subscription, Views

log = logging.getLogger(__name__)

BATCH = 0.1  # seconds


class Transport(Protocol):
    """How messages get to browsers; none of these may block."""

    def pack(self, name: str, payload: bytes, /) -> Any:
        """A message, ready to be sent to any number of browsers; `payload` is JSON."""

    def send(self, browser: str, packed: Any, /) -> None:
        """Queue it; a browser that is gone is no error."""

    def is_idle(self, browser: str, /) -> bool:
        """Whether all that was queued for this browser is on its way."""


class Hub:
    """All browsers."""

    def __init__(self, views: Views, transport: Transport, *, steady: Callable[[], float] = time.monotonic) -> None:
        self._views = views
        self._transport = transport
        self._steady = steady
        self.sent = {"delta": 0, "snapshot": 0, "overflow": 0}
        self._boxes: dict[str, Mailbox] = {}
        self._shared = Shared()  # only the sending thread has to do with it
        self._batch: Changes = {}
        self._seq = 0  # of the newest change in the batch, or sent
        self._epoch = ""
        self._lock = threading.Lock()  # taken inside the views' lock by _hear: never call the views under it
        self._wake = threading.Event()
        self._stopped = False
        self._subscription: Subscription | None = None
        self._thread: threading.Thread | None = None

    @property
    def count(self) -> int:
        """Browsers now."""
        return len(self._boxes)

    def start(self) -> None:
        """Listen to the views and begin to send."""
        snapshot, self._subscription = self._views.subscribe(self._hear)
        self._epoch = snapshot.epoch
        self._count_viewers()
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No more is sent after this returns."""
        self._stopped = True
        self._wake.set()
        if self._subscription is not None:
            self._subscription.close()
        if self._thread is not None:
            self._thread.join(5)

    def join(self, browser: str, audience: Audience = "full") -> None:
        """A browser is there: it gets a snapshot at once, then changes, as much of both as its audience gets."""
        with self._lock:
            self._boxes[browser] = Mailbox(audience)
        self._count_viewers()
        self._wake.set()

    def leave(self, browser: str) -> None:
        """A browser is gone."""
        with self._lock:
            known = self._boxes.pop(browser, None)
        if known is not None:
            self._count_viewers()

    def resync(self, browser: str) -> None:
        """A browser asks for everything; asking often costs no more than asking once."""
        with self._lock:
            box = self._boxes.get(browser)
            if box is not None:
                box.overflow()
        self._wake.set()

    def flush(self) -> None:
        """Send what there is to whoever can take it. The sending thread calls it; tests may instead."""
        with self._lock:
            changes, self._batch = self._batch, {}
            upto = self._seq
            boxes = dict(self._boxes)
        told = self._for_audiences(changes, boxes)
        with self._lock:
            for box in boxes.values():
                if self._views.epoch != self._epoch:
                    box.overflow()
                knew_all = not box.needs_snapshot
                box.add(told[box.audience])
                self.sent["overflow"] += knew_all and box.needs_snapshot
            self._epoch = self._views.epoch
        self._send(boxes, upto=upto)

    def _for_audiences(self, changes: Changes, boxes: Mapping[str, Mailbox]) -> dict[Audience, Changes]:
        """What each audience gets of the changes; worked out once, and not at all for nobody."""
        if any(box.audience == "shared" for box in boxes.values()):
            return {"full": changes, "shared": self._shared.changes(changes)}
        self._shared.forget()
        return {"full": changes}

    def _hear(self, delta: Delta) -> None:
        with self._lock:
            where = (delta.view, delta.key)
            self._batch.pop(where, None)  # so that the batch stays in order of seq
            self._batch[where] = delta
            self._seq = delta.seq
        self._wake.set()

    def _run(self) -> None:
        while not self._stopped:
            behind = self._is_anyone_behind()
            self._wake.wait(BATCH if behind else None)
            self._wake.clear()
            began = self._steady()
            try:
                self.flush()
            except Exception:
                log.exception("a batch could not be sent, every browser gets a snapshot")
                self._resync_all()
            time.sleep(max(0.0, BATCH - (self._steady() - began)))

    def _send(self, boxes: Mapping[str, Mailbox], *, upto: int) -> None:
        deltas: dict[tuple[Audience, int], Any] = {}
        snapshots: dict[Audience, tuple[int, Any]] = {}
        for browser, box in boxes.items():
            if not (box.needs_snapshot or box.waiting) or not self._transport.is_idle(browser):
                continue
            if box.needs_snapshot:
                if box.audience not in snapshots:
                    snapshots[box.audience] = self._everything(box.audience)
                seq, everything = snapshots[box.audience]
                box.told_everything(upto=seq)
                self.sent["snapshot"] += 1
                self._transport.send(browser, everything)
                continue
            # Browsers of an audience that know the same wait for the same: they share one message.
            before, changes = box.seq, box.take(upto=upto)
            if (box.audience, before) not in deltas:
                deltas[box.audience, before] = self._pack(changes, before=before, upto=upto)
            self.sent["delta"] += 1
            self._transport.send(browser, deltas[box.audience, before])

    def _everything(self, audience: Audience) -> tuple[int, Any]:
        snapshot: Snapshot = self._views.snapshot()
        if audience == "shared":
            snapshot = self._shared.snapshot(snapshot)
        return snapshot.seq, self._transport.pack("snapshot", _encode(snapshot.as_dict()))

    def _pack(self, changes: Changes, *, before: int, upto: int) -> Any:
        message = {"epoch": self._epoch, "seq": upto, "from_seq": before, "changes": listed(changes.values())}
        return self._transport.pack("delta", _encode(message))

    def _is_anyone_behind(self) -> bool:
        with self._lock:
            return any(box.needs_snapshot or box.waiting for box in self._boxes.values())

    def _resync_all(self) -> None:
        with self._lock:
            for box in self._boxes.values():
                box.overflow()

    def _count_viewers(self) -> None:
        self._views.put("viewers", "count", {"count": len(self._boxes)})


def _encode(message: Any) -> bytes:
    return msgspec.json.encode(message, enc_hook=_plain)


def _plain(value: Any) -> Any:
    """Rows may be any mapping."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a row holds a {type(value).__name__}, which JSON does not know")
