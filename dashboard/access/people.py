"""Who somebody is and what they may, by the word of the cluster: from a token, or from what a trusted proxy says.

What it answers with are standings for sessions; why it did not, exceptions for the door. It keeps no token itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from dashboard.access.held import HeldToken, expiry_of
from dashboard.access.rights import Asking, Rights
from dashboard.access.sessions import Standing
from dashboard.kube.errors import ApiError, Forbidden, Unauthorized
from dashboard.kube.reviews import Person

LONGEST_TOKEN = 16 * 1024
SYSTEM = "system:"
"""Names that Kubernetes keeps for itself: no proxy may give them to anybody."""
EVERYBODY = "system:authenticated"
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*\Z")
"""What a bearer token may be made of (RFC 6750), so that it fits into a header and nothing else does."""


class NotAccepted(Exception):
    """The token is of nobody. Why, is nobody's business."""


class CannotAsk(Exception):
    """The cluster did not say; the text is for people."""


class Asker(Asking, Protocol):
    """The cluster's reviews, all three."""

    def whose(self, token: str) -> Person | None: ...


@dataclass(frozen=True, slots=True)
class People:
    """`clock` is the wall clock in seconds."""

    reviews: Asker
    rights: Rights
    clock: Callable[[], float]

    def by_token(self, token: str) -> Standing:
        """Raises NotAccepted, CannotAsk, or MayNotView."""
        person = self._person(token)
        held = HeldToken(token, self.clock, expiry_of(token))
        if held.read() is None:
            raise NotAccepted
        self._check_view(person)
        try:
            allowed = self.rights.of_token(self.reviews, held.credential(person.name))
        except Unauthorized as error:  # it ended just now, or the API server would not take it for a change
            raise NotAccepted from error
        except ApiError as error:
            raise CannotAsk(_why(error)) from error
        return Standing(
            person.name, allowed.capabilities, person.groups, allowed.lacking, held, expires_at=held.expires_at,
            is_reviewed=True,
        )  # fmt: skip

    def by_name(self, name: str, groups: tuple[str, ...]) -> Standing:
        """Of whom a trusted proxy names. Raises NotAccepted, CannotAsk or MayNotView."""
        if name.startswith(SYSTEM):
            raise NotAccepted
        groups = tuple(each for each in groups if not each.startswith(SYSTEM))
        self._check_view(Person(name, groups=(*groups, EVERYBODY)))
        allowed = self.rights.of_name()
        return Standing(name, allowed.capabilities, groups, allowed.lacking, is_reviewed=True)

    def _check_view(self, person: Person) -> None:
        try:
            self.rights.check_view(self.reviews, person)
        except ApiError as error:
            raise CannotAsk(_why(error)) from error

    def _person(self, token: str) -> Person:
        if not token or len(token) > LONGEST_TOKEN:
            raise NotAccepted
        try:
            person = self.reviews.whose(token)
        except ApiError as error:
            raise CannotAsk(_why(error)) from error
        if person is None or not _TOKEN.match(token):
            raise NotAccepted
        return person


def _why(error: ApiError) -> str:
    """What to do about it, without the words of the answer."""
    if isinstance(error, Forbidden) and error.rule is not None:
        return f"The dashboard may not ask the cluster who you are: it {error.rule.sentence}. Nobody can sign in."
    if isinstance(error, Unauthorized):
        return "The cluster does not accept the dashboard's own account, so nobody can sign in."
    if error.status:
        return (
            f"The cluster's API server could not check the token (it answered {error.status}). Try again in a moment."
        )
    return "The cluster's API server could not be reached, so the token could not be checked. Try again in a moment."
