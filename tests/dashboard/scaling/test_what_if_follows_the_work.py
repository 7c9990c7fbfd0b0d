"""What-if: the recorded runs come out as they were, and what must hold for any samples holds."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dashboard.scaling.algorithm import Behavior, Policy, Rules, Settings
from dashboard.scaling.demand import rhythm, seconds_of, start_seconds
from dashboard.scaling.what_if import WhatIf, what_if

RUNS = Path(__file__).parents[1] / "fixtures" / "samples-of-runs.json"
START = 1_795_000_000_000
GUESTBOOK = Settings(
    1, 8, 50,
    Behavior(up=Rules(0, policies=(Policy("Pods", 2, 15),)), down=Rules(60, policies=(Policy("Percent", 50, 15),))),
)  # fmt: skip
"""As manifests/flask/autoscaler.yaml has it."""
LIMIT = 300
Samples = list[dict[str, Any]]


def recorded(name: str) -> Samples:
    rows = json.loads(RUNS.read_text())["runs"][name]
    names = ("t", "users", "cpu_percent", "replicas", "ready")
    return [dict(zip(names, (START + row[0], *row[1:]), strict=True)) for row in rows]


def steady(*parts: tuple[int, float | None, int | None], ready: int | None = None) -> Samples:
    """Seconds, CPU and replicas, one after the other; all of them ready."""
    found: Samples = []
    for length, cpu, replicas in parts:
        for _ in range(length):
            t = START + 1000 * len(found)
            found.append({"t": t, "users": 5, "cpu_percent": cpu, "replicas": replicas, "ready": ready or replicas})
    return found


def known(found: WhatIf) -> list[tuple[int, int]]:
    return [(p.would, p.was) for p in found.points if p.would is not None and p.was is not None]


def agreement(name: str) -> list[bool]:
    """At each look of the controller: whether the replicas come out as they were, give or take one."""
    samples = recorded(name)
    looked = rhythm(samples)
    assert looked is not None
    found = what_if(samples, GUESTBOOK, limit_percent=LIMIT)
    # Between two looks, so that a sample's own delay does not count.
    after = [p for p in found.points if p.would is not None and 3 <= (p.t / 1000 - looked) % 15 < 4]
    return [abs((p.would or 0) - (p.was or 0)) <= 1 for p in after]


def test_unchanged_settings_give_a_rehearsal_again() -> None:
    agreed = agreement("rehearsed")

    assert len(agreed) >= 7
    assert all(agreed)


def test_unchanged_settings_give_the_recorded_replicas_again() -> None:
    agreed = [each for name in ("rehearsed", "climbed", "waved", "saturated") for each in agreement(name)]

    print(f"{sum(agreed)} of {len(agreed)} syncs within one replica")
    assert len(agreed) >= 35
    assert sum(agreed) / len(agreed) >= 0.9


def test_unchanged_settings_are_told_so() -> None:
    told = what_if(recorded("rehearsed"), GUESTBOOK, limit_percent=LIMIT, before=GUESTBOOK).sentence

    assert told.startswith("With its settings as they are it would have peaked at 3 replicas, as it did")


def test_a_higher_target_has_fewer_replicas_and_hotter_pods() -> None:
    found = what_if(recorded("climbed"), replace(GUESTBOOK, target_percent=90), limit_percent=LIMIT, before=GUESTBOOK)

    assert sum(would for would, _ in known(found)) < sum(was for _, was in known(found))
    assert "With a target of 90 % it would have peaked at" in found.sentence
    assert " and saved " in found.sentence
    assert "CPU would have passed 100 % of the request (it did for " in found.sentence


def test_figures_belong_to_the_pods_that_made_them() -> None:
    samples = steady((20, 300.0, 1), (5, 300.0, 3))  # two pods have come, and no figure of them yet

    assert [second.figure.work for second in seconds_of(samples) if second.figure] == [300.0] * 25


def test_pods_that_leave_do_not_make_the_work_smaller() -> None:
    samples = steady((15, 39.0, 8), (10, 40.0, 8), (5, 41.0, 6), (10, 55.0, 6))
    work = [second.figure.work for second in seconds_of(samples) if second.figure]

    assert work[24] == work[29] == 320
    assert work[-1] == 330


def test_a_pod_takes_as_long_as_pods_took() -> None:
    samples = recorded("rehearsed")
    took = start_seconds(samples)

    assert took == pytest.approx(4, abs=0.5)
    slow = what_if(samples, GUESTBOOK, 40.0, limit_percent=LIMIT)
    fast = what_if(samples, GUESTBOOK, limit_percent=LIMIT)
    hot = [sum((p.cpu_would or 0) > 100 for p in each.points) for each in (slow, fast)]
    assert hot[0] > hot[1]


def test_where_no_pod_started_that_is_said() -> None:
    found = what_if(steady((60, 30.0, 2)), GUESTBOOK, limit_percent=LIMIT)

    assert start_seconds(steady((60, 30.0, 2))) is None
    assert any("taken to need 5 s" in each for each in found.caveats)
    assert any("is a guess" in each for each in found.caveats)


def test_pods_at_their_limit_wanted_more_and_that_is_said() -> None:
    assert any("a lower bound" in each for each in what_if(recorded("saturated"), GUESTBOOK, limit_percent=300).caveats)
    assert any("limit of the pods is not known" in each for each in what_if(recorded("saturated"), GUESTBOOK).caveats)


def test_no_pod_is_imagined_hotter_than_its_limit() -> None:
    found = what_if(recorded("saturated"), replace(GUESTBOOK, max=1), limit_percent=150)

    assert max(p.cpu_would or 0 for p in found.points) == 150


def test_a_gap_stays_a_gap() -> None:
    samples = steady((30, 60.0, 2), (20, None, 2), (10, None, None), (30, 60.0, 2))
    found = what_if(samples, GUESTBOOK, limit_percent=LIMIT)

    assert [p.would for p in found.points[30:60]] == [None] * 30
    assert [p.cpu_would for p in found.points[30:60]] == [None] * 30
    assert [p.was for p in found.points[30:50]] == [2] * 20
    assert all(p.would is not None for p in found.points[60:])
    assert any("30 s have no figures" in each for each in found.caveats)


def test_after_a_long_silence_it_begins_with_what_there_is() -> None:
    samples = steady((60, 100.0, 4), (70, None, None), (5, 50.0, 2))
    found = what_if(samples, replace(GUESTBOOK, min=1), limit_percent=LIMIT)

    assert found.points[59].would == 8
    assert found.points[130].would == 2


def test_nothing_known_is_said_and_not_drawn() -> None:
    for samples in ([], steady((10, None, None)), steady((10, 10.0, None)), steady((10, None, 3))):
        found = what_if(samples, GUESTBOOK)
        assert "nothing to work with" in found.sentence
        assert not known(found)
        assert found.caveats == ()


def test_bounds_take_hold_at_the_first_look() -> None:
    assert {p.would for p in what_if(steady((60, 50.0, 4)), replace(GUESTBOOK, max=2)).points} == {2}
    assert {p.would for p in what_if(steady((60, 50.0, 4)), replace(GUESTBOOK, min=6)).points} == {6}


def test_a_longer_window_waits_longer() -> None:
    samples = steady((30, 200.0, 2), (200, 5.0, 2))
    tops = []
    for window in (0, 60, 150):
        behavior = replace(GUESTBOOK.behavior, down=replace(GUESTBOOK.behavior.down, stabilization_s=window))
        found = what_if(samples, replace(GUESTBOOK, behavior=behavior), limit_percent=LIMIT)
        tops.append(sum(p.would == 6 for p in found.points))
    assert tops == sorted(tops)
    assert tops[0] < tops[2]


def test_samples_may_come_in_any_order() -> None:
    samples = recorded("climbed")

    assert what_if(samples[::-1], GUESTBOOK) == what_if(samples, GUESTBOOK)


parts = some.tuples(
    some.integers(1, 40), some.none() | some.floats(0, 500, allow_nan=False), some.none() | some.integers(0, 12)
)
bounds = some.tuples(some.integers(1, 10), some.integers(1, 10)).map(sorted)


@settings(max_examples=150, deadline=None)
@given(
    some.lists(parts, min_size=1, max_size=6), bounds, some.integers(1, 200), some.integers(0, 300),
    some.none() | some.floats(0, 60), some.none() | some.floats(50, 500),
)  # fmt: skip
def test_whatever_the_samples(
    pieces: list[Any], low_high: list[int], target: int, window: int, start_s: float | None, limit: float | None
) -> None:
    samples = steady(*pieces)
    low, high = low_high
    behavior = replace(GUESTBOOK.behavior, down=replace(GUESTBOOK.behavior.down, stabilization_s=window))
    asked = Settings(low, high, target, behavior)
    found = what_if(samples, asked, start_s, limit_percent=limit, before=GUESTBOOK)

    assert [p.t for p in found.points] == [each["t"] for each in samples]
    assert [p.was for p in found.points] == [each["replicas"] for each in samples]
    for point, sample in zip(found.points, samples, strict=True):
        if sample["cpu_percent"] is None or sample["replicas"] is None or not sample["ready"]:
            assert point.would is None
            assert point.cpu_would is None
        else:
            assert point.would is not None
            assert point.would >= 0
        assert limit is None or point.cpu_would is None or point.cpu_would <= round(limit, 1)
    assert found.sentence.endswith(".")
    assert found == what_if(samples, asked, start_s, limit_percent=limit, before=GUESTBOOK)


@settings(max_examples=60, deadline=None)
@given(some.lists(some.floats(1, 400), min_size=1, max_size=8), some.integers(40, 100), some.integers(40, 100))
def test_a_higher_target_never_peaks_higher_while_only_more_work_comes(
    figures: list[float], one: int, other: int
) -> None:
    # Each for long enough that pods which have just started count before more work comes.
    samples = steady(*((90, figure, 2) for figure in sorted(figures)))
    low, high = sorted((one, other))
    peaks = [max(p.would or 0 for p in what_if(samples, Settings(1, 50, each)).points) for each in (low, high)]

    # But for the tolerance, within which the lower target may stay with one pod less than it asks for.
    assert peaks[1] <= math.ceil(1.15 * peaks[0])


@settings(max_examples=60, deadline=None)
@given(some.lists(some.floats(1, 400), min_size=1, max_size=8), bounds, some.integers(5, 150))
def test_the_bounds_are_kept_from_the_first_look_on(figures: list[float], low_high: list[int], target: int) -> None:
    low, high = low_high
    samples = steady(*((20, figure, 2) for figure in figures))

    assert all(low <= (p.would or 0) <= high for p in what_if(samples, Settings(low, high, target)).points)
