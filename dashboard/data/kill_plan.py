"""Killing the primary as it would go, for a person to read and confirm (dashboard/confirming.py). It does nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dashboard.confirming import VALID_S
from dashboard.data.asking import NAMESPACE
from dashboard.data.words import listed

HOW = (
    "The pod is deleted with a grace period of 0. mongod gets a moment in which it may hand over; if it does not, the "
    "others wait for the election timeout first. The result says which it was."
)
RISK = (
    "For some seconds nothing may be written: requests of visitors that write wait or fail. What was confirmed stays."
)
NODE_READY = "Its node is ready."
NODE_UNKNOWN = (
    "Whether its node is ready may not be read: if the node does not answer, the old mongod may still run when the new "
    "one starts."
)
MEASURED = (
    "Ten test writes a second through the app, from before the kill until the member is back. They lie beside the "
    "guestbook's entries and are removed by mongod after 10 minutes."
)


@dataclass(frozen=True, slots=True)
class KillPlan:
    """`term`: the primary's term of office; `left`: the members that stay; `node_known`: its node was seen ready."""

    nonce: str = field(repr=False)
    session: str
    by: str
    kill_id: str
    pod: str
    uid: str
    term: int
    host: str
    node: str
    node_known: bool
    left: tuple[str, ...]
    majority: int
    votes: int

    def document(self) -> dict[str, Any]:
        """As plain data, for the one who made it."""
        return {
            "nonce": self.nonce,
            "valid_s": VALID_S,
            "by": self.by,
            "pod": self.pod,
            "namespace": NAMESPACE,
            "dns": self.host,
            "node": self.node,
            "lines": [{"label": label, "text": text} for label, text in self._lines()],
        }

    def _lines(self) -> list[tuple[str, str]]:
        node = f" on node {self.node}" if self.node else ""
        then = (
            f"{listed(self.left)} elect a primary ({self.majority} votes are needed, {self.votes} are left). The "
            f"StatefulSet makes {self.pod} anew, with the same name and the same volume, and it catches up."
        )
        risk = f"{RISK} Until {self.pod} is back, no other member may be lost."
        return [
            ("Who", self.by),
            ("Killed", f"Pod {self.pod} in {NAMESPACE}{node}, the primary."),
            ("How", HOW),
            ("Then", then),
            ("At risk", f"{risk} {NODE_READY if self.node_known else NODE_UNKNOWN}"),
            ("Measured by", MEASURED),
        ]
