"""One mongod over one connection: by the Unix socket in the pod, or a neighbour by its name. Knows no order of steps.

Every failure of the driver leaves here as `Silent` (nobody answered) or `Refused` (mongod answered no).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pymongo
from pymongo.errors import OperationFailure, PyMongoError, ServerSelectionTimeoutError

Document = dict[str, Any]

DEADLINE_S = 3.0
"""Below the age at which an observation counts as old, so that a slow command does not make the member unready."""

UNAUTHORIZED = 13
AUTHENTICATION_FAILED = 18
ALREADY_INITIALIZED = 23
NAMESPACE_EXISTS = 48
ROLE_EXISTS = 51002
USER_EXISTS = 51003


class Silent(Exception):
    """mongod did not answer, or not in time."""


class Refused(Exception):
    """mongod answered no, with its code."""

    def __init__(self, message: str, *, code: int | None) -> None:
        super().__init__(message)
        self.code = code


class Mongod:
    """A direct connection, with an account or without one."""

    def __init__(self, address: str, *, username: str = "", password: str = "") -> None:
        account: dict[str, Any] = {}
        if username:
            account = {
                "username": username,
                "password": password,
                "authSource": "admin",
                "authMechanism": "SCRAM-SHA-256",
            }
        host = quote(address, safe="") if address.startswith("/") else address
        self._client: pymongo.MongoClient[Document] = pymongo.MongoClient(
            f"mongodb://{host}/",
            directConnection=True,
            appname="replica-set-agent",
            serverSelectionTimeoutMS=1000,
            connectTimeoutMS=1000,
            serverMonitoringMode="poll",  # no second connection that only waits for news
            maxPoolSize=2,
            **account,
        )

    def command(self, command: Document, *, database: str = "admin", existing: int | None = None) -> Document:
        """Run the command. With `existing`, mongod's "it is there already" of that code is success."""
        try:
            with _translated():
                return self._client[database].command(command)
        except Refused as refusal:
            if existing is not None and refusal.code == existing:
                return {"ok": 1.0}
            raise

    def hello(self) -> Document:
        """Who this member is. Needs no account."""
        return self.command({"hello": 1})

    def close(self) -> None:
        """Leave."""
        self._client.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        with pymongo.timeout(DEADLINE_S):
            yield
    except ServerSelectionTimeoutError as error:
        # The driver's own sentence lists its whole view of the topology. The first clause is what people need.
        raise Silent(str(error).split(", Timeout:", 1)[0].split(" (configured", 1)[0]) from error
    except OperationFailure as error:
        raise Refused(str((error.details or {}).get("errmsg", error.code)), code=error.code) from error
    except PyMongoError as error:
        raise Silent(type(error).__name__) from error
