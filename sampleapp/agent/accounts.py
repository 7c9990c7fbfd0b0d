"""The accounts and the first database, made once on whichever member is primary. Every step may be repeated."""

from typing import Any

from sampleapp.agent import mongod, replset
from sampleapp.agent.mongod import Mongod, Refused
from sampleapp.agent.settings import AgentSettings

ROOT = "root"
APP_ROLE = "guestbook-app"

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


def ensure_database(root: Mongod, settings: AgentSettings) -> None:
    """The app's role and user, its collection and index. What is there already is left as it is."""
    database = settings.database
    root.command(_role(settings), database=database, existing=mongod.ROLE_EXISTS)
    root.command(_user(settings), database=database, existing=mongod.USER_EXISTS)
    root.command({"create": "entries", "writeConcern": _CONFIRMED}, database=database, existing=mongod.NAMESPACE_EXISTS)
    root.command(
        {
            "createIndexes": "entries",
            "indexes": [{"key": {"created_at": -1, "_id": -1}, "name": "newest"}],
            "writeConcern": _CONFIRMED,
        },
        database=database,
    )


def difference(root: Mongod, settings: AgentSettings) -> str:
    """How the set's members differ from the wanted ones, as a sentence or empty."""
    actual = root.command({"replSetGetConfig": 1})["config"]
    return replset.difference(replset.wanted_config(settings), actual)


def _role(settings: AgentSettings) -> dict[str, Any]:
    entries = {"db": settings.database, "collection": "entries"}
    return {
        "createRole": APP_ROLE,
        # Reading, counting and adding. The guestbook changes and removes nothing, so it may not.
        "privileges": [{"resource": entries, "actions": ["find", "insert"]}],
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
