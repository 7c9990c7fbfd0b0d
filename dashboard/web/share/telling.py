"""Share links in words, for their list. Pure."""

from __future__ import annotations

from typing import Any

from dashboard.access.share_file import ShareLink
from dashboard.access.share_links import HOURS, ShareLinks
from dashboard.store.times import iso
from dashboard.web.person import in_a_sentence

CHOICES = {1: "1 hour", 4: "4 hours", 8: "8 hours", 24: "a day", 72: "3 days", 168: "7 days"}


def choices() -> list[dict[str, Any]]:
    """How long a link may hold."""
    return [{"hours": hours, "text": text, "usual": hours == HOURS} for hours, text in CHOICES.items()]


def listed(shares: ShareLinks, *, now: float) -> list[dict[str, Any]]:
    """Every link with what became of it, the newest first."""
    return [_told(each, over=shares.is_over(each), sockets=shares.open_sockets(each.id), now=now)
            for each in shares.listing()]  # fmt: skip


def _told(link: ShareLink, *, over: bool, sockets: int, now: float) -> dict[str, Any]:
    return {
        "id": link.id,
        "label": link.label,
        "by": in_a_sentence(link.by),
        "over": over,
        "made": _moment(link.made_at),
        "ends": _moment(link.expires_at),
        "left": "has ended" if over else f"{_span(link.expires_at - now)} left",
        "used": _moment(link.last_used_at) if link.last_used_at else None,
        "sockets": sockets,
    }


def _moment(at: float) -> dict[str, str]:
    text = iso(at)
    return {"iso": text, "text": f"{text[:10]} {text[11:16]} UTC"}


def _span(seconds: float) -> str:
    if seconds < 3600:
        return f"{max(1, round(seconds / 60))} min"
    return f"{round(seconds / 3600)} h" if seconds < 48 * 3600 else f"{round(seconds / 86400)} days"
