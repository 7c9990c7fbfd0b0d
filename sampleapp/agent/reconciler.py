"""Brings the set nearer to what it should be, one look at a time. Level-based: it never asks what happened before.

The agent of ordinal 0 initiates the set; the agent beside the primary, whichever that is, makes the accounts; all
others only look. So the agents may start, die and come back in any order.
"""

import logging
from dataclasses import replace
from typing import Protocol

from sampleapp.agent import accounts, mongod, replset
from sampleapp.agent.looking import Looking
from sampleapp.agent.mongod import Mongod, Refused, Silent
from sampleapp.agent.replset import Observation
from sampleapp.agent.settings import AgentSettings

log = logging.getLogger("agent")


class Connect(Protocol):
    """Opens a connection; tests give their own."""

    def __call__(self, address: str, *, username: str = "", password: str = "") -> Mongod: ...


class Reconciler:
    """The agent's work on one member."""

    def __init__(self, settings: AgentSettings, *, connect: Connect = Mongod) -> None:
        self._settings = settings
        self._connect = connect
        self._member = connect(settings.socket)
        self._root = connect(settings.socket, username=accounts.ROOT, password=settings.root_password)
        self._looking = Looking(
            connect(settings.socket, username=accounts.MONITOR, password=accounts.monitor_password(settings)),
            database=settings.database,
        )
        self._complete = False
        self._difference = ""

    def step(self) -> Observation:
        """Look once, do at most what is due now, and tell what was seen."""
        try:
            hello = self._member.hello()
        except (Silent, Refused) as error:
            return Observation(state=replset.UNKNOWN, detail=f"mongod does not answer: {error}")
        try:
            detail = self._converge(hello)
        except (Silent, Refused) as error:
            detail = str(error)
        status = self._looking.status() if replset.is_initiated(hello) else None
        seen = replset.observe(hello, status, config=self._looking.config)
        return replace(seen, detail=detail or self._difference, vitals=self._looking.vitals if status else None)

    def close(self) -> None:
        """Leave mongod."""
        self._member.close()
        self._root.close()
        self._looking.close()

    def _converge(self, hello: replset.Document) -> str:
        if not replset.is_initiated(hello):
            return self._initiate() if self._settings.ordinal == 0 else "Waiting for ordinal 0 to initiate the set."
        if hello.get("isWritablePrimary") and not self._complete:
            accounts.ensure_root(self._member, self._root, self._settings)
            accounts.ensure_monitor(self._root, self._settings)
            accounts.ensure_database(self._root, self._settings)
            self._difference = accounts.difference(self._root, self._settings)
            self._complete = True
            log.info("The accounts and the database %s are in place.", self._settings.database)
        return ""

    def _initiate(self) -> str:
        for host in self._settings.hosts:
            waiting = self._why_not_yet(host)
            if waiting:
                return waiting
        try:
            self._member.command({"replSetInitiate": replset.wanted_config(self._settings)})
        except Refused as refusal:
            # Also the answer while a former try is still under way; the next look shows what came of it.
            if refusal.code != mongod.ALREADY_INITIALIZED:
                raise
        log.info("The set %s was initiated with %s.", self._settings.replica_set, ", ".join(self._settings.hosts))
        return ""

    def _why_not_yet(self, host: str) -> str:
        """The reason for not initiating the set with this member now; empty when there is none.

        A member that already belongs to a set is the proof that this one lost its volume, and then initiating would
        make a second set of the same name. The others find this member by their heartbeats and fill it again.
        """
        neighbour = self._connect(host)
        try:
            hello = neighbour.hello()
        except (Silent, Refused):
            return f"Waiting for {replset.short_name(host)} to answer before the set is initiated."
        finally:
            neighbour.close()
        if replset.is_initiated(hello):
            return f"{replset.short_name(host)} already belongs to {hello['setName']}. Waiting to be taken in again."
        return ""
