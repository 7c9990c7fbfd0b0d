"""One experiment as it would run, for a person to read and confirm. It must not know how it is started."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dashboard.confirming import VALID_S
from dashboard.limits.blast import variants
from dashboard.limits.blast.objects import NAMESPACE
from dashboard.limits.blast.variants import Variant


@dataclass(frozen=True, slots=True)
class Bound:
    """What the leak runs into: `amount` as Kubernetes writes it, `giver` who set it."""

    amount: str
    bytes: int
    giver: str

    @property
    def sentence(self) -> str:
        """For people."""
        return f"{self.amount}, set by {self.giver}"


@dataclass(frozen=True, slots=True)
class BlastPlan:
    """The nonce is for whoever made the plan; it is in no log, view or record."""

    nonce: str = field(repr=False)
    session: str
    by: str
    blast_id: str
    variant: Variant
    bound: Bound
    objects: tuple[str, ...]
    quota: str
    made_at: datetime

    @property
    def ends_at_latest(self) -> datetime:
        """By the cluster's hand, if it is confirmed at the last moment."""
        return self.made_at + timedelta(seconds=VALID_S + variants.DEADLINE_S)

    def document(self) -> dict[str, Any]:
        """As plain data, for the one who made it."""
        return {
            "nonce": self.nonce,
            "valid_s": VALID_S,
            "by": self.by,
            "variant": self.variant.id,
            "title": self.variant.title,
            "shared": self.variant.shared,
            "bound": self.bound.sentence,
            "namespace": NAMESPACE,
            "objects": list(self.objects),
            "quota": self.quota,
            "ceilings": [
                f"{variants.RATE_MB_S} MiB a second, {variants.LEAK_MB} MiB at most, {variants.LEAK_S} s at most",
                f"it ends by itself when less than {variants.MACHINE_FREE}",
                f"it ends by itself {variants.UNWATCHED_S} s after no dashboard looks on any more",
                f"the cluster ends every pod of it after {variants.DEADLINE_S} s",
                "no pod leaks twice: one that was killed and is started again only answers",
            ],
            "ends_at_latest": self.ends_at_latest.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
