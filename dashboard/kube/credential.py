"""Whose right a request to the cluster carries: that of the person it is made for, or else the dashboard's own.

Held in memory only, and never logged. It sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from dashboard.kube.errors import SignInAgain

READING = frozenset({"GET", "HEAD"})
REVIEWS = ("/apis/authentication.k8s.io/", "/apis/authorization.k8s.io/")
"""What is asked of these is asked by POST, and changes nothing."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Credential:
    """A person's bearer token, for as long as they are signed in with it."""

    by: str
    """The person's name, as the cluster told it."""

    token: Callable[[], str | None] = field(repr=False)
    """The token; None once it is gone: signed out, run out or revoked."""

    @property
    def is_there(self) -> bool:
        """Whether the token is still held."""
        return self.token() is not None

    def header(self) -> str:
        """The value of `Authorization`. Raises SignInAgain when the token is gone."""
        token = self.token()
        if token is None:
            raise SignInAgain(
                f"{self.by} is no longer signed in, so nothing more is done in their name. Sign in again."
            )
        return f"Bearer {token}"


acting_with: ContextVar[Credential | None] = ContextVar("acting_with", default=None)
"""While it is set, every request of a KubeClient is made with that person's token and with nothing of ours."""

writing_with: ContextVar[Credential | None] = ContextVar("writing_with", default=None)
"""The same for requests that change something, where what only reads is read by ourselves: what goes on for a person
after their request has been answered."""


@contextmanager
def acting_as(credential: Credential | None) -> Iterator[None]:
    """The block is done in the name of a person; None: as the dashboard itself."""
    before = acting_with.set(credential)
    try:
        yield
    finally:
        acting_with.reset(before)


@contextmanager
def writing_as(credential: Credential | None) -> Iterator[None]:
    """What the block changes is changed in the name of a person; what it reads is read by the dashboard itself."""
    before = writing_with.set(credential)
    try:
        with acting_as(None):
            yield
    finally:
        writing_with.reset(before)


def in_their_name(work: Callable[P, T]) -> Callable[P, T]:
    """`work` for another thread, done in the name of whoever is asking here and now. Each call of this is for one."""
    context = copy_context()

    def done(*args: P.args, **kwargs: P.kwargs) -> T:
        return context.run(work, *args, **kwargs)

    return done


def changes(method: str, path: str) -> bool:
    """Whether a request may change something in the cluster."""
    return method not in READING and not path.startswith(REVIEWS)


def whose(method: str, path: str) -> Credential | None:
    """In whose name a request goes out from here; None: the dashboard's own."""
    person = acting_with.get()
    return person or (writing_with.get() if changes(method, path) else None)


def taken_no_more(credential: Credential) -> SignInAgain:
    """The API server does not know the token of somebody who is signed in here."""
    return SignInAgain(
        f"The cluster does not take the token of {credential.by} any more: it has run out or was revoked. "
        "Sign in again.",
        reason="Unauthorized",
    )


def nobody_asks() -> SignInAgain:
    """What is to be changed without a person would be changed in our own name."""
    return SignInAgain("The dashboard's own account changes nothing, and nobody is signed in in whose name it could.")
