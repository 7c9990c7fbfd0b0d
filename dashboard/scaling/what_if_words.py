"""What a what-if comes to, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from dashboard.scaling.algorithm import Settings

FULL = 100.0
"""Percent of the request from which on pods live on what others leave."""
LONGEST_S = 2.0
"""A point stands for the time to the next one, but not for a gap."""
NOTHING = "There is nothing to work with yet: for no second of this time are CPU and replicas both known."


class Point(Protocol):
    """As far as it is told."""

    @property
    def t(self) -> int: ...
    @property
    def would(self) -> int | None: ...
    @property
    def was(self) -> int | None: ...
    @property
    def cpu_would(self) -> float | None: ...
    @property
    def cpu_was(self) -> float | None: ...


def sentence(points: Sequence[Point], *, settings: Settings, before: Settings | None) -> str:
    """`With a target of 70 % it would have peaked at 3 replicas instead of 5 and saved 14 replica-minutes; …`."""
    known = list(_known(points))
    if not known:
        return NOTHING
    peak, peaked = (max(each) for each in zip(*((would, was) for _, would, was, _ in known), strict=True))
    minutes = sum((would - was) * length for _, would, was, length in known) / 60
    hot = sum(length for point, *_, length in known if (point.cpu_would or 0) > FULL)
    was_hot = sum(length for point, *_, length in known if (point.cpu_was or 0) > FULL)
    return f"{_given(settings, before)} it would have {_peak(peak, peaked)}{_cost(minutes)}{_heat(hot, was_hot)}."


def caveats(
    *,
    saturated_s: int,
    is_limit_known: bool,
    assumed_start_s: float | None,
    is_rhythm_known: bool,
    unknown_s: int,
    has_load_users: bool,
) -> tuple[str, ...]:
    """What is to be kept in mind, the weightiest first."""
    told = []
    if saturated_s:
        told.append(
            f"For {saturated_s} s the pods were at their CPU limit or near it: they wanted more than they got, so the "
            "work is a lower bound there and more replicas may have been needed."
        )
    elif not is_limit_known:
        told.append(
            "The CPU limit of the pods is not known here: where they were at it, they wanted more than they got, and "
            "more replicas may have been needed."
        )
    if has_load_users:
        told.append(
            "The same work is shared among the pods. Load users wait for each answer, so faster pods would have been "
            "asked more, slower ones less."
        )
    if assumed_start_s is not None:
        told.append(f"No pod was seen to start in this time; each is taken to need {assumed_start_s:g} s.")
    if not is_rhythm_known:
        told.append("The replicas never changed, so when the controller looked is a guess, up to 15 s off.")
    if unknown_s:
        told.append(f"{unknown_s} s have no figures; they are left out, not guessed.")
    return tuple(told)


def _known(points: Sequence[Point]) -> Iterator[tuple[Point, int, int, float]]:
    """Each point of which would and was are both known, with these, and the seconds it stands for."""
    for i, point in enumerate(points):
        if point.would is not None and point.was is not None:
            length = (points[i + 1].t - point.t) / 1000 if i + 1 < len(points) else 1.0
            yield point, point.would, point.was, min(length, LONGEST_S)


def _given(settings: Settings, before: Settings | None) -> str:
    if before is None:
        return f"With a target of {settings.target_percent:g} %"
    window, was_window = settings.behavior.down.stabilization_s, before.behavior.down.stabilization_s
    parts = [
        text
        for text, is_other in (
            (f"a target of {settings.target_percent:g} %", settings.target_percent != before.target_percent),
            (f"a minimum of {settings.min}", settings.min != before.min),
            (f"a maximum of {settings.max}", settings.max != before.max),
            (f"a scale-down window of {window} s", window != was_window),
        )
        if is_other
    ]
    if not parts:
        return "With its settings as they are"
    return f"With {', '.join(parts[:-1])}{' and ' if parts[1:] else ''}{parts[-1]}"


def _peak(peak: int, peaked: int) -> str:
    many = f"peaked at {peak} {'replica' if peak == 1 else 'replicas'}"
    return f"{many}, as it did" if peak == peaked else f"{many} instead of {peaked}"


def _cost(minutes: float) -> str:
    size = f"{abs(minutes):.0f}" if abs(minutes) >= 10 else f"{abs(minutes):.1f}".removesuffix(".0")
    if size == "0":
        return ""
    unit = "replica-minute" if size == "1" else "replica-minutes"
    return f" and saved {size} {unit}" if minutes < 0 else f" and used {size} {unit} more"


def _heat(hot: float, was_hot: float) -> str:
    if round(hot) == round(was_hot):
        return f"; for {hot:.0f} s CPU would have passed 100 % of the request, as it did" if round(hot) else ""
    did = f" (it did for {was_hot:.0f} s)" if round(was_hot) else ""
    if not round(hot):
        return f"; CPU would never have passed 100 % of the request{did}"
    return f"; for {hot:.0f} s CPU would have passed 100 % of the request{did}"
