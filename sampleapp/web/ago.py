"""Relative time in the shortest words. Pure."""

from datetime import datetime

_STEPS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def ago(moment: datetime, now: datetime) -> str:
    """`9 s`, `3 min`, `2 h`, `5 d`. A clock that runs ahead makes nothing happen in the future."""
    seconds = int((now - moment).total_seconds())
    for length, word in _STEPS:
        if seconds >= length:
            return f"{seconds // length} {word}"
    return "just now"
