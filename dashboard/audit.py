"""Who did what, from where and with what result: one JSON line each, appended to a file that only its owner reads.

Lines are never changed or removed here. Tokens, nonces and Secrets have no field, so they cannot get in.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.errors import Refused
from dashboard.redaction import scrub

log = logging.getLogger(__name__)

FILE_NAME = "audit.jsonl"
TAIL_BYTES = 512 * 1024
"""How much of the end is read to count; an hour of refusals is far less."""
LONGEST = 500
"""Characters of a text; a line stays one write."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose request is being answered: `origin` is the address of the socket, `session` may be logged."""

    by: str
    origin: str
    session: str
    capability: str


asking: ContextVar[Asker | None] = ContextVar("asking", default=None)
"""Set for each request before its route runs; None for what the dashboard does by itself."""


@dataclass(slots=True)
class Audit:
    """The record of one dashboard. `now` is the wall clock."""

    path: Path
    now: Callable[[], datetime]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(action, outcome) → how often, since the start."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, action: str, *, by: str, outcome: str, must: bool = False, **more: Any) -> None:
        """One line. With `must`, raises Refused when it cannot be written; without, the log says so."""
        asker = asking.get()
        self.counts[action, outcome] += 1
        line = {
            "at": self.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "action": action,
            "by": by,
            "from": asker.origin if asker else None,
            "session": asker.session if asker else None,
            "capability": asker.capability if asker else None,
            "outcome": outcome,
            **more,
        }
        try:
            self._append(json.dumps({key: _short(value) for key, value in line.items()}, ensure_ascii=True))
        except OSError as error:
            log.error("the audit record could not be written: %s", error)
            if must:
                raise Refused(
                    f"The audit record cannot be written, so nothing is done: {error}.", status=503
                ) from error

    @contextmanager
    def of(self, action: str, *, by: str, target: Any) -> Iterator[None]:
        """One line about what the block begins: `begun`, or `refused` with its sentence."""
        try:
            yield
        except Refused as refusal:
            self.write(action, by=by, target=target, outcome="refused", why=refusal.sentence)
            raise
        self.write(action, by=by, target=target, outcome="begun")

    def moments(self, action: str, *, outcome: str, since: datetime) -> list[datetime]:
        """When this was done since then, oldest first; nothing from lines that cannot be read.

        Raises Refused when the file cannot be read: what is counted by it is not done then.
        """
        found = []
        for line in self._tail():
            try:
                each = json.loads(line)
                moment = datetime.fromisoformat(each["at"])
            except (ValueError, KeyError, TypeError):
                continue
            if each.get("action") == action and each.get("outcome") == outcome and moment >= since:
                found.append(moment)
        return sorted(found)

    def _append(self, line: str) -> None:
        with self._lock:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            try:
                whole = (line + "\n").encode("ascii")
                if os.write(descriptor, whole) != len(whole):
                    raise OSError("only a part of the line was written")
            finally:
                os.close(descriptor)

    def _tail(self) -> list[bytes]:
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, self.path.stat().st_size - TAIL_BYTES))
                return file.read().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Refused(f"The audit record cannot be read, so nothing is started: {error}.", status=503) from error


def _short(value: Any) -> Any:
    """What the cluster refused is repeated in its words, which may hold what nobody put into a field."""
    return scrub(value[: 20 * LONGEST])[:LONGEST] if isinstance(value, str) else value
