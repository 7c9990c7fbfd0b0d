"""The one exception an action raises for a person: a sentence and an HTTP status. It must not know HTTP libraries."""

from __future__ import annotations


class Refused(Exception):
    """What a person asked for cannot be done: `sentence` says what failed, on which object, and what to do next.

    `status` is the HTTP status the answer carries, always 4xx or 503.
    """

    def __init__(self, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
