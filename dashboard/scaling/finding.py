"""What one look at an HPA found: a state with its words. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Confidence = Literal["seen", "computed", "inferred"]
"""`seen`: an object says so. `computed`: worked out, and the HPA did the same. `inferred`: the likely reason."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`state`: of the closed set in `states`. `advice`: what to do, where something is to be done."""

    state: str
    sentence: str
    advice: str | None = None
    confidence: Confidence = "seen"
