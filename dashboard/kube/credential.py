"""Whose right a request to the cluster carries: that of the person it is made for, or else the dashboard's own.

Held in memory only, and never logged. It sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from dashboard.kube.errors import Unauthorized


@dataclass(frozen=True, slots=True)
class Credential:
    """A person's bearer token, for as long as they are signed in with it."""

    by: str
    """The person's name, as the cluster told it."""

    token: Callable[[], str | None] = field(repr=False)
    """The token; None once it is gone: signed out, run out or revoked."""

    def header(self) -> str:
        """The value of `Authorization`. Raises Unauthorized when the token is gone."""
        token = self.token()
        if token is None:
            raise Unauthorized(
                401, "SignedOut", f"{self.by} is no longer signed in, so nothing more is done in their name."
            )
        return f"Bearer {token}"


acting_with: ContextVar[Credential | None] = ContextVar("acting_with", default=None)
"""While it is set, every request of a KubeClient is made with that person's token and with nothing of ours."""


@contextmanager
def acting_as(credential: Credential | None) -> Iterator[None]:
    """The block is done in the name of a person; None: as the dashboard itself."""
    before = acting_with.set(credential)
    try:
        yield
    finally:
        acting_with.reset(before)
