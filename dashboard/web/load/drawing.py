"""A load profile as a picture: points in a box, what stands at the axes, and what it means in a sentence. Pure.

The template makes an SVG of it, so that it is drawn without a script too.
"""

from __future__ import annotations

from typing import Any

from dashboard.load import preview
from dashboard.load.request import PROFILES, SwarmRequest
from dashboard.web.load.words import counted, lasting

WIDTH, HEIGHT = 600, 160
MINI_WIDTH, MINI_HEIGHT = 120, 40
MINI_USERS, MINI_SECONDS = 100, 120
HEADROOM = 0.06
TICKS = 4


def drawing(asked: SwarmRequest) -> dict[str, Any]:
    """The profile over its whole time, with its axis and its peak."""
    found = preview.points(
        asked.profile, duration=asked.duration_s, users=asked.users, spawn_rate=float(asked.spawn_rate)
    )
    peak = max(users for _, users in found)
    when = next(second for second, users in found if users == peak)
    line = _in_box(found, duration=asked.duration_s, top=asked.users)
    return {
        "profile": asked.profile,
        "line": line,
        "area": f"0,{HEIGHT} {line} {WIDTH},{HEIGHT}",
        "wanted_y": _y(asked.users, asked.users),
        "users": asked.users,
        "half": asked.users // 2 if asked.users > 1 else None,
        "ticks": [lasting(asked.duration_s * each / TICKS) for each in range(TICKS + 1)],
        "sentence": sentence(asked, peak=peak, when=when),
        "short": peak < asked.users,
    }


def sentence(asked: SwarmRequest, *, peak: int, when: float) -> str:
    """The picture in words; it is also what the picture is called for those who do not see it."""
    climb = f"{asked.profile.capitalize()}: {preview.TEXTS[asked.profile]}."
    at = "at once" if when < 1 else f"after {lasting(when)}"
    if asked.profile == "ceiling":
        found = f"At most {counted(peak, 'load user')}, {at}, if no limit is passed on the way"
    elif peak < asked.users:
        found = (
            f"Only {peak} of {asked.users} load users get there: {asked.spawn_rate} a second are too few for the time"
        )
    else:
        found = f"{counted(peak, 'load user')} at the peak, {at}"
    return f"{climb} {found}; over after {lasting(asked.duration_s)}."


def minis() -> list[dict[str, str]]:
    """Each profile's shape, for the choice of one."""
    return [{"profile": each, "text": preview.TEXTS[each], "line": _mini(each)} for each in PROFILES]


def _mini(profile: str) -> str:
    found = preview.points(profile, duration=MINI_SECONDS, users=MINI_USERS, spawn_rate=MINI_USERS / 8)
    wide, high = MINI_WIDTH - 4, MINI_HEIGHT - 7
    return " ".join(
        f"{2 + second / MINI_SECONDS * wide:.1f},{MINI_HEIGHT - 3 - users / MINI_USERS * high:.1f}"
        for second, users in [(0.0, 0), *found][::2]
    )


def _in_box(found: list[tuple[float, int]], *, duration: float, top: int) -> str:
    points = [f"0,{HEIGHT}"] if found[0][1] else []
    points += [f"{second / duration * WIDTH:.1f},{_y(users, top)}" for second, users in found]
    return " ".join(points)


def _y(users: float, top: float) -> str:
    return f"{HEIGHT - users / top * HEIGHT * (1 - HEADROOM):.1f}"
