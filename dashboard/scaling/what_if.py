"""What an HPA with other settings would have done under the same work, second by second. Pure; it writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.scaling import what_if_words
from dashboard.scaling.algorithm import Settings
from dashboard.scaling.demand import SYNC_S, Sample, Second, rhythm, seconds_of, start_seconds
from dashboard.scaling.imagined import Imagined

ASSUMED_START_S = 5.0
"""What a pod is taken to need where none was seen to start."""
SILENCE_MAX_S = 60.0
"""After a longer time without figures nothing is known of what went on: it begins anew with what there was."""
SATURATED = 0.9
"""From this part of its limit on, a pod may have wanted more CPU than it got."""


@dataclass(frozen=True, slots=True)
class Point:
    """One second: `t` in milliseconds; replicas and CPU as they would have been and as they were.

    `cpu_was` shares the same work among the pods that were ready, so that the two can be compared: what was measured
    comes up to 15 s late.
    """

    t: int
    would: int | None
    was: int | None
    cpu_would: float | None
    cpu_was: float | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer: a point a sample, a sentence that sums it up, and what is to be kept in mind."""

    points: tuple[Point, ...]
    sentence: str
    caveats: tuple[str, ...]


def what_if(
    samples: Sequence[Sample],
    settings: Settings,
    start_s: float | None = None,
    *,
    limit_percent: float | None = None,
    before: Settings | None = None,
) -> WhatIf:
    """`start_s`: seconds until a new pod is ready; found from the samples where it is not given.

    `limit_percent`: the CPU limit of a pod in percent of its request, None where it has none or it is not known.
    `before`: the settings as they are, so that the sentence can name what differs.
    """
    samples = sorted(samples, key=lambda each: each["t"])
    took = start_s if start_s is not None else start_seconds(samples)
    looked = rhythm(samples)
    points = _points(samples, settings, took if took is not None else ASSUMED_START_S, limit_percent, looked)
    caveats = what_if_words.caveats(
        saturated_s=_saturated_s(samples, limit_percent),
        is_limit_known=limit_percent is not None,
        assumed_start_s=ASSUMED_START_S if took is None else None,
        is_rhythm_known=looked is not None,
        unknown_s=sum(point.would is None for point in points),
        has_load_users=any(sample.get("users") for sample in samples),
    )
    told = what_if_words.sentence(points, settings=settings, before=before)
    return WhatIf(points, told, caveats if any(point.would is not None for point in points) else ())


def _points(
    samples: Sequence[Sample], settings: Settings, start_s: float, limit_percent: float | None, looked: float | None
) -> tuple[Point, ...]:
    imagined: Imagined | None = None
    next_sync = known_at = float("-inf")
    points = []
    for second, sample in zip(seconds_of(samples), samples, strict=True):
        if second.t - known_at > SILENCE_MAX_S:
            imagined = None
        if second.figure is None or second.replicas is None:
            points.append(Point(sample["t"], None, second.replicas, None, None))
            continue
        known_at = second.t
        if imagined is None:
            imagined = _as_it_was(second, settings, start_s, limit_percent)
            next_sync = _first_sync(second.t, looked)
        if second.t >= next_sync:
            # By the controller's own clock, in whole seconds: a policy's period ends exactly one sync later.
            imagined.sync(float(round(next_sync)), second.figure)
            next_sync += SYNC_S * (1 + (second.t - next_sync) // SYNC_S)
        points.append(_point(sample["t"], second, imagined))
    return tuple(points)


def _as_it_was(second: Second, settings: Settings, start_s: float, limit_percent: float | None) -> Imagined:
    return Imagined(settings, start_s, limit_percent, second.t, second.replicas or 0, second.ready or 0)


def _first_sync(t: float, looked: float | None) -> float:
    """The first look of the controller from `t` on."""
    return t if looked is None else t + (looked - t) % SYNC_S


def _point(t: int, second: Second, imagined: Imagined) -> Point:
    figure = second.figure
    would = imagined.percent(second.t, figure) if figure else None
    was = figure.work / second.ready if figure and second.ready else None
    return Point(t, imagined.replicas, second.replicas, _rounded(would), _rounded(was))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _saturated_s(samples: Sequence[Sample], limit_percent: float | None) -> int:
    if limit_percent is None:
        return 0
    return sum((sample.get("cpu_percent") or 0) >= SATURATED * limit_percent for sample in samples)
