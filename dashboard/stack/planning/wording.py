"""Values of fields as people read them: short, on one line, the difference in sight. Pure."""

from __future__ import annotations

import json
from typing import Any

MOST = 160
"""Characters of one value; what is longer is shown around the difference."""

AROUND = 24
"""Characters kept before and after the difference."""

ABSENT: Any = object()
"""What a value is compared with where there is none; None is a value."""


def told(before: Any, after: Any) -> tuple[str | None, str | None]:
    """Both values as text that differs; None: not there."""
    one, other = _text(before), _text(after)
    if one is not None and one == other:
        one, other = _json(before), _json(after)
    return shortened(one, other)


def shortened(one: str | None, other: str | None) -> tuple[str | None, str | None]:
    """Two texts cut to where they differ."""
    if one is None or other is None:
        return _cut(one), _cut(other)
    if max(len(one), len(other)) <= MOST:
        return one, other
    start = _shared(one, other)
    most = min(len(one), len(other)) - start
    end = min(_shared(one[::-1], other[::-1]), most)
    return _window(one, start, end), _window(other, start, end)


def _window(text: str, start: int, end: int) -> str:
    first = max(0, start - AROUND)
    last = min(len(text), max(len(text) - end + AROUND, first), first + MOST)
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"


def _shared(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= MOST else f"{text[:MOST]}…"


def _text(value: Any) -> str | None:
    if value is ABSENT:
        return None
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
