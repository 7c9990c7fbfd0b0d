"""What the what-if form holds: the settings of the HPA itself, unless its address says otherwise. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]

TARGET_PERCENT = 80
"""What Kubernetes takes for a CPU target when none is given."""
WINDOW_S = 300
"""Kubernetes' own stabilization window for scaling down."""
TARGET_MAX, REPLICAS_MAX, WINDOW_MAX_S = 200, 20, 600
"""Where the sliders end; the fields beside them take whatever the answer takes."""


def fields_of(hpa: Row, typed: Mapping[str, str]) -> list[dict[str, Any]]:
    """The four fields with their ends; `typed`: what the address says."""
    down: Row = (hpa.get("behavior") or {}).get("down") or {}
    window = down.get("stabilization_s")
    least = hpa.get("min")
    fields = (
        ("target", "CPU target", "%", hpa.get("cpu_target") or TARGET_PERCENT, 1, TARGET_MAX),
        ("min", "Least replicas", "", 1 if least is None else least, 1, REPLICAS_MAX),
        ("max", "Most replicas", "", hpa.get("max") or 10, 1, REPLICAS_MAX),
        ("window", "Window before scaling down", "s", WINDOW_S if window is None else window, 0, WINDOW_MAX_S),
    )
    return [
        {
            "name": name, "label": label, "unit": unit, "own": own, "value": _whole(typed.get(name, ""), own),
            "low": min(low, own), "high": max(high, own), "step": 5 if name == "window" else 1,
        }
        for name, label, unit, own, low, high in fields
    ]  # fmt: skip


def _whole(text: str, otherwise: int) -> int:
    """What is wrong with it is said by the answer beside the form."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else otherwise
