"""What is really wrong below an object, as a value: a word for machines, a sentence for people, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.redaction import plain

LONGEST = 800
"""Pod Security tells every violation of a pod in one message."""


@dataclass(frozen=True, slots=True)
class Cause:
    """`what` names object and container with the figures; `advice` is the next step."""

    kind: str
    what: str
    advice: str
    pod: str | None = None
    container: str | None = None

    @property
    def sentence(self) -> str:
        """Both, as they are said."""
        return f"{ended(self.what)} {ended(self.advice)}"

    def document(self) -> dict[str, Any]:
        """For JSON and for pages."""
        return {
            "kind": self.kind,
            "sentence": self.sentence,
            "what": self.what,
            "advice": self.advice,
            "pod": self.pod,
            "container": self.container,
        }


def caused(kind: str, what: str, advice: str, *, pod: str | None = None, container: str | None = None) -> Cause:
    """A cause whose words may quote a program or a controller: credentials are taken out, what is endless is cut."""
    return Cause(kind, plain(what, longest=LONGEST), advice, pod, container)


def ended(words: str) -> str:
    """With a full stop."""
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."
