"""The seven links by name, and what one of them can be. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from dashboard.kube import errors
from dashboard.kube.rules import document_of

State = Literal["ok", "broken", "unknown", "denied"]
"""`unknown`: it could not be seen, or cannot be judged while another is broken. `denied`: RBAC keeps it from us."""

NAMES: Mapping[str, str] = {
    "api_service": "Metrics API registered",
    "available": "Metrics API available",
    "endpoints": "Its server is ready",
    "kubelet_tls": "Nodes let it read",
    "fresh": "Figures are fresh",
    "requests": "Requests are set",
    "hpa": "The HPA reads them",
}
"""Id → name, in the order a figure is asked for."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link. `text`: in a few words. `cause`: the exact words of the API, a log or a condition.

    `advice`: what to do about it. `rule`: of a read that was denied, the RBAC rule that would allow it.
    """

    id: str
    state: State
    text: str
    cause: str | None = None
    advice: str | None = None
    rule: Mapping[str, Any] | None = None

    def row(self) -> dict[str, Any]:
        """As it stands in the view."""
        return {"name": NAMES[self.id], **asdict(self)}


def unread(link: str, error: errors.ApiError, what: str) -> Link:
    """A link that could not be seen: denied by RBAC, or nobody told."""
    if isinstance(error, errors.Forbidden):
        return Link(link, "denied", f"{what} may not be read", error.message, rule=document_of(error))
    return Link(link, "unknown", f"{what} could not be read", error.message)
