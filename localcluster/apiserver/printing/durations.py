"""Ages as `kubectl` prints them: `14s`, `5m3s`, `2d4h`. Pure."""

from __future__ import annotations

from datetime import datetime

UNKNOWN = "<unknown>"


def age(timestamp: str | None, *, now: datetime) -> str:
    """How long ago `timestamp` was."""
    if not timestamp:
        return UNKNOWN
    return human((now - datetime.fromisoformat(timestamp)).total_seconds())


def between(start: str, end: str, *, now: datetime) -> str:
    """From `start` to `end`, or to now when there is no end yet."""
    finish = datetime.fromisoformat(end) if end else now
    return human((finish - datetime.fromisoformat(start)).total_seconds())


def human(seconds: float) -> str:
    """Two units at most, the smaller one only while it says something."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 120:
        return f"{max(0, whole)}s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if minutes < 10:
        return _pair(minutes, "m", whole % 60, "s")
    if hours < 3:
        return f"{minutes}m"
    if hours < 8:
        return _pair(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _pair(days, "d", hours % 24, "h")
    if days < 2 * 365:
        return f"{days}d"
    return _pair(days // 365, "y", days % 365, "d") if days < 8 * 365 else f"{days // 365}y"


def _pair(big: int, big_unit: str, small: int, small_unit: str) -> str:
    return f"{big}{big_unit}{small}{small_unit}" if small else f"{big}{big_unit}"
