"""One swarm as it is followed: its row, how far it is, and in whose name it may be changed. It asks nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dashboard.kube.lending import Lent
from dashboard.load.control import Control

SWITCH_S = 25
"""Seconds without being asked for its state after which a master ends its swarm (swarm/settings.py, `silence`)."""


@dataclass(slots=True)
class Swarm:
    """`born`, `heard`: seconds, when it was taken up here and when its master answered last."""

    control: Control
    row: dict[str, Any]
    born: float
    heard: float
    answered: bool = False
    stop_asked: float | None = None
    stopped_by: str | None = None
    denied: str | None = None
    """The right that is missing to ask its master."""
    why: str | None = None
    """Why a guard rail stopped it."""
    ending: tuple[str, str | None] | None = None
    """State and reason it ends with, once its master is not asked any more and only its pods are waited for."""
    lent: Lent = field(default_factory=Lent)
    """In whose name it is changed after their request."""


def left(error: str | None) -> tuple[str, str]:
    """What is told of a swarm that has to end while nobody may end it: until it has ended, and then."""
    before = f"{error}. " if error else ""
    meanwhile = (
        f"{before}Nobody is signed in who may end it, so its master is asked no more: its own switch ends it within "
        f"{SWITCH_S} s, and the cluster removes it"
    )
    return meanwhile, f"{before}Its own switch ended it, since nobody was signed in who might"


def unread(denied: str) -> tuple[str, str]:
    """The same of a swarm that was found here and whose token we may not read."""
    why = f"Its figures are not known, for its token may not be read here: {denied}"
    return f"{why}. Unless another dashboard asks its master, its own switch ends it within {SWITCH_S} s", why
