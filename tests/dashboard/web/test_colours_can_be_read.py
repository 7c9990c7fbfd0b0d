"""Text on its ground has the contrast WCAG AA asks for, in light and in dark; lines and shapes have theirs."""

from __future__ import annotations

import re

import pytest

from dashboard.web.assets import STATIC

TEXT = 4.5
SHAPE = 3.0
GROUNDS = ("card", "ground", "sunken")
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3") for ground in GROUNDS),
    *((accent, "card", TEXT) for accent in ("load", "cpu", "replicas", "alarm", "latency")),
    *((ink, soft, TEXT) for ink, soft in (("alarm", "alarm-soft"), ("ink", "warn-soft"), ("ink", "load-soft"))),
    *((ink, "replicas-soft", TEXT) for ink in ("ink", "ink-2")),
    ("replicas", "replicas-soft", SHAPE),
    *((f"{accent}-ink", accent, TEXT) for accent in ("load", "replicas", "alarm")),
    ("rps", "card", SHAPE),
    ("rps", "load-soft", SHAPE - 0.3),  # the line also lies on its own area, which it does not need to be told from
    ("focus", "card", SHAPE),
    *((f"run-{place}", "card", TEXT) for place in (1, 2, 3, 4)),
]


def tokens(scheme: str) -> dict[str, str]:
    text = (STATIC / "css" / "tokens.css").read_text()
    light, _, dark = text.partition("(prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    return found if scheme == "light" else found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_it_can_be_read(scheme: str, front: str, back: str, least: float) -> None:
    known = tokens(scheme)
    lighter, darker = sorted((luminance(known[front]), luminance(known[back])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= least
