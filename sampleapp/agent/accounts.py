"""The accounts and the first database, made once on whichever member is primary. Every step may be repeated."""

import hashlib
import hmac
from typing import Any

from sampleapp.agent import mongod, replset
from sampleapp.agent.mongod import Mongod, Refused
from sampleapp.agent.settings import AgentSettings

ROOT = "root"
MONITOR = "replica-set-agent"
"""The agent's own account for looking: it may read states and sizes, no data, and change nothing."""

APP_ROLE = "guestbook-app"
MARKERS_KEPT_S = 600
"""Seconds after which mongod itself removes a marker."""

_CONFIRMED: dict[str, Any] = {"w": "majority", "wtimeout": 2500}
"""An account that a new primary could roll back must not count as made."""


def ensure_root(neighbour: Mongod, root: Mongod, settings: AgentSettings) -> None:
    """Make sure that root can sign in; `neighbour` is the connection without account.

    While there is no account at all, mongod lets whoever comes by its own machine make the first one, and nobody
    from elsewhere: that is why this runs beside mongod and speaks over the Unix socket.
    """
    try:
        root.command({"connectionStatus": 1})
    except Refused as refusal:
        if refusal.code != mongod.AUTHENTICATION_FAILED:
            raise
    else:
        return
    try:
        neighbour.command(
            {
                "createUser": ROOT,
                "pwd": settings.root_password,
                "roles": [{"role": "root", "db": "admin"}],
                "mechanisms": ["SCRAM-SHA-256"],
                "writeConcern": _CONFIRMED,
            }
        )
    except Refused as refusal:
        if refusal.code not in {mongod.UNAUTHORIZED, mongod.USER_EXISTS}:
            raise
        raise Refused(
            "root exists with another password than the one in Secret mongodb/mongo. "
            "Put the former Secret back, or delete the volumes to begin anew.",
            code=refusal.code,
        ) from refusal


def monitor_password(settings: AgentSettings) -> str:
    """The same for all agents of a set, who all know root's; nobody learns root's from it."""
    return hmac.new(settings.root_password.encode(), MONITOR.encode(), hashlib.sha256).hexdigest()


def ensure_monitor(root: Mongod, settings: AgentSettings) -> None:
    """The account with which the agents look. What is there already is left as it is."""
    root.command(
        {
            "createUser": MONITOR,
            "pwd": monitor_password(settings),
            "roles": [{"role": "clusterMonitor", "db": "admin"}],
            "mechanisms": ["SCRAM-SHA-256"],
            "writeConcern": _CONFIRMED,
        },
        existing=mongod.USER_EXISTS,
    )


def ensure_database(root: Mongod, settings: AgentSettings) -> None:
    """The app's role and user, its collections and indexes. What is there already is left as it is."""
    database = settings.database
    root.command(_role("createRole", settings), database=database, existing=mongod.ROLE_EXISTS)
    # A set that was made when the app might do less learns what it may do now.
    root.command(_role("updateRole", settings), database=database)
    root.command(_user(settings), database=database, existing=mongod.USER_EXISTS)
    for name, index in _COLLECTIONS.items():
        root.command({"create": name, "writeConcern": _CONFIRMED}, database=database, existing=mongod.NAMESPACE_EXISTS)
        root.command({"createIndexes": name, "indexes": [index], "writeConcern": _CONFIRMED}, database=database)


_COLLECTIONS: dict[str, dict[str, Any]] = {
    "entries": {"key": {"created_at": -1, "_id": -1}, "name": "newest"},
    "markers": {"key": {"at": 1}, "name": "kept", "expireAfterSeconds": MARKERS_KEPT_S},
}


def difference(root: Mongod, settings: AgentSettings) -> str:
    """How the set's members differ from the wanted ones, as a sentence or empty."""
    actual = root.command({"replSetGetConfig": 1})["config"]
    return replset.difference(replset.wanted_config(settings), actual)


def _role(command: str, settings: AgentSettings) -> dict[str, Any]:
    # Reading, counting and adding. The guestbook changes and removes nothing, so it may not; old markers go by mongod.
    return {
        command: APP_ROLE,
        "privileges": [
            {"resource": {"db": settings.database, "collection": name}, "actions": ["find", "insert"]}
            for name in _COLLECTIONS
        ],
        "roles": [],
        "writeConcern": _CONFIRMED,
    }


def _user(settings: AgentSettings) -> dict[str, Any]:
    return {
        "createUser": settings.username,
        "pwd": settings.password,
        "roles": [{"role": APP_ROLE, "db": settings.database}],
        "mechanisms": ["SCRAM-SHA-256"],
        "writeConcern": _CONFIRMED,
    }
