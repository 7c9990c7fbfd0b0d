"""What can be said of an object's health: a state and a sentence. Values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Object = Mapping[str, Any]
State = Literal["ok", "progressing", "failed", "suspended", "unknown"]

Rule = Callable[[Object, datetime | None], "Health"]
"""Judges a live object at a moment; without the moment, nothing that takes time is held against it or for it."""


@dataclass(frozen=True, slots=True)
class Health:
    """The state, and one sentence without its subject: what is waited for, what failed, or what is worth knowing.

    `suspended`: a person stopped it, so it stands in nobody's way. `unknown`: nobody can tell now.
    """

    state: State
    sentence: str = ""

    @property
    def may_go_on(self) -> bool:
        """Whether what comes after it may begin."""
        return self.state in ("ok", "suspended")


OK = Health("ok")


def progressing(sentence: str) -> Health:
    """On its way."""
    return Health("progressing", sentence)


def failed(sentence: str) -> Health:
    """Not well, and waiting alone will not mend it."""
    return Health("failed", sentence)


def suspended(sentence: str) -> Health:
    """Stopped on purpose."""
    return Health("suspended", sentence)
