"""Readies the user classes of a scenario for a worker: each request passes the gate, and connections are kept or not.

It changes the classes' clients, not what their tasks do. That nothing but the target is connected to is `pinning`'s.
"""

from __future__ import annotations

from typing import Any

from gevent import GreenletExit
from locust import FastHttpUser, HttpUser, User
from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession

from swarm.ceilings import Refused
from swarm.pacing import Gate

CLOSE = "close"


class Cut:
    """Requests that were under way when their load user was ended by force: the target counted them, nobody here."""

    def __init__(self) -> None:
        self.requests = 0


class _FastSession(FastHttpSession):
    gate: Gate
    cut: Cut

    def request(self, method: str, url: str, *arguments: Any, **named: Any) -> Any:
        self.gate.wait()
        try:
            return super().request(method, url, *arguments, **named)
        except GreenletExit:
            self.cut.requests += 1
            raise


class _Session(HttpSession):
    gate: Gate
    cut: Cut

    def request(self, *arguments: Any, **named: Any) -> Any:
        self.gate.wait()
        try:
            return super().request(*arguments, **named)
        except GreenletExit:
            self.cut.requests += 1
            raise

    def get_redirect_target(self, resp: Any) -> None:
        """Redirects are not followed: what is loaded is the target and nothing it points to."""


def ready(classes: list[type[User]], *, gate: Gate, cut: Cut, keep_alive: bool) -> list[type[User]]:
    """The classes to run instead of the given ones, under the same names.

    Without `keep_alive` each request asks for its connection to be closed after the answer, so that the next one is
    a new connection and may go to another pod.
    """
    return [_readied(each, gate, cut, keep_alive) for each in classes]


def check(classes: list[type[User]]) -> None:
    """Raises Refused for a scenario that could not be held to the ceilings, or has nobody in it."""
    if not classes:
        raise Refused("there is no class of load users (HttpUser or FastHttpUser) in the file")
    for each in classes:
        if not issubclass(each, FastHttpUser | HttpUser):
            raise Refused(f"{each.__name__} is no HttpUser or FastHttpUser: requests by other means cannot be counted")


def _readied(of: type[User], gate: Gate, cut: Cut, keep_alive: bool) -> type[User]:
    def __init__(self: Any, environment: Any) -> None:  # noqa: N807 - becomes the constructor of the class made below
        of.__init__(self, environment)
        session = self.client
        if isinstance(session, FastHttpSession):
            session.__class__ = _FastSession
            agent: Any = session.client
            agent.redirect_response_codes = frozenset()
            headers: Any = agent.default_headers
        else:
            session.__class__ = _Session
            session.trust_env = False
            headers = session.headers
        session.gate, session.cut = gate, cut
        if not keep_alive:
            headers["Connection"] = CLOSE

    make: Any = type(of)
    made: type[User] = make(of.__name__, (of,), {"__init__": __init__, "__module__": of.__module__, "abstract": False})
    return made
