"""Who looks at a page and what they may: the names, words and reasons that templates and `/api/v1/me` tell. Pure.

The server decides by the table of capabilities; this says the same beforehand, in one sentence that names the right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dashboard.access.capabilities import Capability
from dashboard.access.guard import OPERATOR
from dashboard.access.rights import READ_ONLY
from dashboard.access.sessions import Session

SERVICE_ACCOUNT = "system:serviceaccount:"
RIGHTS = {
    Capability.VIEW: "list pods in namespace flask",
    Capability.LOADTEST: "create jobs in namespace load",
    Capability.APPLY: "patch deployments in namespace flask",
}
"""What the cluster is asked about a person, for each capability; worded as the cluster's own refusals are."""
WORDS = {
    Capability.LOOK: "can look",
    Capability.VIEW: "can view",
    Capability.LOADTEST: "can start load",
    Capability.APPLY: "can deploy",
}
DOINGS = {
    Capability.VIEW: "View every page",
    Capability.LOADTEST: "Start and stop load",
    Capability.APPLY: "Deploy and change",
}
FIRST_STRONG, POP = "\u2068", "\u2069"
"""Around a name within a sentence: letters that run the other way turn nothing but the name."""


@dataclass(frozen=True, slots=True)
class May:
    """The person of this request, as pages tell of them."""

    name: str = ""
    capabilities: frozenset[Capability] = frozenset()
    read_only: bool = False
    local: bool = True
    """Whoever holds the link on this machine: there is no one to tell of."""
    until: float | None = None
    lacking: Mapping[Capability, str] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session | None, *, read_only: bool) -> May:
        """What a session is allowed; None: nobody is signed in."""
        if session is None:
            return cls(read_only=read_only)
        local = session.by == OPERATOR and session.credential is None and session.share is None
        return cls(session.by, session.capabilities, read_only, local, session.expires_at, session.lacking)

    def covers(self, capability: str) -> bool:
        """Whether the person may; `capability` is the word of the table."""
        return Capability(capability) in self.capabilities

    @property
    def short(self) -> str:
        """The name without what every ServiceAccount's begins with."""
        return short_name(self.name)

    @property
    def on_the_bar(self) -> str:
        """The name where room is scarce: what sets it apart from its neighbours comes first."""
        return bar_name(self.name)

    @property
    def words(self) -> str:
        """The most they may, in two or three words."""
        allowed = [capability for capability in WORDS if capability in self.capabilities]
        return WORDS[allowed[-1]] if allowed else "may nothing"

    @property
    def names(self) -> str:
        """The capabilities as the page's modules read them."""
        return " ".join(each.value for each in Capability if each in self.capabilities)

    @property
    def doings(self) -> list[dict[str, Any]]:
        """Each capability of a page in words, and whether it is there."""
        return [{"name": each.value, "text": text, "has": each in self.capabilities} for each, text in DOINGS.items()]

    @property
    def ends(self) -> str:
        """When the sign-in runs out, ISO 8601; empty when it is not known."""
        return datetime.fromtimestamp(self.until, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if self.until else ""

    def why(self, capability: str) -> str:
        """Why it may not be done, in one sentence."""
        if self.read_only:
            return READ_ONLY
        lacking = Capability(capability)
        return self.lacking.get(lacking) or missing(lacking)

    def document(self) -> dict[str, Any]:
        """The same for the page's modules."""
        return {
            "name": self.name,
            "can": self.words,
            "capabilities": self.names.split(),
            "why": {each.value: self.why(each.value) for each in DOINGS if each not in self.capabilities},
            "read_only": self.read_only,
            "runs_out_at": self.ends or None,
        }


def missing(capability: Capability) -> str:
    """The sentence for a person who lacks it."""
    right = RIGHTS.get(capability)
    return f"It needs the right to {right}, which you do not have." if right else "It is not open to you."


def short_name(name: str) -> str:
    """`surgeboard-operator` of `system:serviceaccount:surgeboard:surgeboard-operator`; others as they are."""
    return name.rsplit(":", 1)[-1] if name.startswith(SERVICE_ACCOUNT) and name.count(":") == 3 else name


def bar_name(name: str) -> str:
    """`operator` of `system:serviceaccount:surgeboard:surgeboard-operator`, as its namespace says the rest."""
    short = short_name(name)
    namespace = name.split(":")[2] if short != name else ""
    rest = short.removeprefix(f"{namespace}-")
    return rest if namespace and rest else short


def in_a_sentence(name: str) -> str:
    """The short name, fenced off when it holds more than plain letters."""
    short = short_name(name)
    return short if short.isascii() else f"{FIRST_STRONG}{short}{POP}"
