"""Looks at one mongod with an account that may do nothing else. Changes nothing; what cannot be had now is `None`."""

import logging
import time
from collections.abc import Callable
from typing import Any

from sampleapp.agent import vitals
from sampleapp.agent.mongod import Mongod, Refused, Silent
from sampleapp.agent.vitals import Vitals

log = logging.getLogger("agent")

SLOW_S = 5.0
"""Between two looks at what changes slowly."""


class Looking:
    """`status` at every look, the configuration and the vitals every few seconds."""

    def __init__(self, member: Mongod, *, database: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._member = member
        self._database = database
        self._clock = clock
        self._looked: float | None = None
        self.config: dict[str, Any] | None = None
        self.vitals: Vitals | None = None

    def status(self) -> dict[str, Any] | None:
        """replSetGetStatus, where the account has arrived on this member; it travels by replication."""
        status = self._ask({"replSetGetStatus": 1})
        if status is not None and (self._looked is None or self._clock() - self._looked >= SLOW_S):
            self._look()
            self._looked = self._clock()
        return status

    def close(self) -> None:
        """Leave mongod."""
        self._member.close()

    def _look(self) -> None:
        answer = self._ask({"replSetGetConfig": 1})
        self.config = answer["config"] if answer else None
        self.vitals = vitals.vitals(
            self._ask(vitals.SERVER_STATUS),
            self._ask({"dbStats": 1}, database=self._database),
            self._ask({"collStats": "oplog.rs"}, database="local"),
        )

    def _ask(self, command: dict[str, Any], *, database: str = "admin") -> dict[str, Any] | None:
        try:
            return self._member.command(command, database=database)
        except (Silent, Refused) as error:
            log.debug("%s: %s", next(iter(command)), error)
            return None
