"""The documented algorithm by hand-worked examples."""

from __future__ import annotations

import pytest

from dashboard.scaling.algorithm import (
    Behavior,
    Change,
    History,
    PodFigure,
    Policy,
    Recommendation,
    Rules,
    Settings,
    Usage,
    decide,
    proposal,
    propose,
    usage,
)

NOW = 1000.0
DEFAULTS = Settings(1, 100, 50, Behavior.defaults())


@pytest.mark.parametrize(
    ("current", "percent", "wants"),
    [(2, 100, 4), (4, 25, 2), (3, 55, 3), (3, 56, 4), (3, 45, 3), (3, 44, 3), (5, 40, 4), (1, 201, 5), (25, 56, 29)],
)
def test_current_times_usage_by_target_rounded_up(current: int, percent: int, wants: int) -> None:
    assert propose(current, percent, DEFAULTS).replicas == wants


def running(name: str, used: float | None, *, started: float = 0, ready: bool = True, since: float = 1) -> PodFigure:
    return PodFigure(
        name, used, 100, ready=ready, started_at=started, ready_changed_at=since, measured_at=NOW, window_s=15
    )


@pytest.mark.parametrize(
    ("pod", "unready", "missing"),
    [
        (running("old", 80), 0, 0),
        (running("silent", None), 0, 1),
        (PodFigure("pending", None, 100, phase="Pending", ready=False), 1, 0),
        (running("measured a whole window since it is ready", 80, started=NOW - 100, since=NOW - 16), 0, 0),
        (running("measured too early", 80, started=NOW - 100, since=NOW - 14), 1, 0),
        (running("not ready in its first five minutes", 80, started=NOW - 100, since=NOW - 50, ready=False), 1, 0),
        (running("never really ready", 80, started=NOW - 400, since=NOW - 380, ready=False), 1, 0),
        (running("was ready once", 80, started=NOW - 400, since=NOW - 300, ready=False), 0, 0),
        (PodFigure("leaving", 80, 100, leaving=True), 0, 0),
        (PodFigure("failed", 80, 100, phase="Failed"), 0, 0),
    ],
    ids=lambda value: value.name if isinstance(value, PodFigure) else str(value),
)
def test_which_pods_count(pod: PodFigure, unready: int, missing: int) -> None:
    found = usage([running("sure", 80), pod], now=NOW)

    assert found is not None
    assert (len(found.unready), len(found.missing)) == (unready, missing)
    gone = pod.leaving or pod.phase == "Failed"
    assert found.counted == (1 if unready or missing or gone else 2)


@pytest.mark.parametrize(
    ("used", "wants", "why"),
    [
        (200, 4, "one at 200 % and two idle ones: 67 % of three"),
        (90, 3, "one at 90 % and two idle ones are below the target: doubt must not turn growth into a fall"),
        (10, 3, "one at 10 % and two full ones are above the target: nor a fall into growth"),
    ],
)
def test_pods_without_a_figure_count_against_the_change(used: int, wants: int, why: str) -> None:
    found = usage([running("sure", used), running("a", None), running("b", None)], now=NOW)

    assert found is not None
    assert proposal(found, current=3, target=50, behavior=Behavior.defaults()).replicas == wants, why


def test_without_a_pod_that_counts_there_is_no_figure() -> None:
    assert usage([running("a", None)], now=NOW) is None
    assert usage([], now=NOW) is None


def decided(settings: Settings, current: int, percent: float, history: History = History()) -> tuple[int, str]:  # noqa: B008
    found = decide(NOW, current, propose(current, percent, settings), settings, history)
    return found.desired, found.reason


def test_policies_count_what_was_done_within_their_periods() -> None:
    up = Rules(0, "Max", (Policy("Pods", 2, 30),))
    settings = Settings(1, 50, 50, Behavior(up, Behavior.defaults().down))

    assert decided(settings, 3, 200) == (5, "rate_limited")
    assert decided(settings, 3, 200, History(changes=(Change(NOW - 29, 2),))) == (3, "rate_limited")
    assert decided(settings, 3, 200, History(changes=(Change(NOW - 29, 1),))) == (4, "rate_limited")
    assert decided(settings, 3, 200, History(changes=(Change(NOW - 30, 2),))) == (5, "rate_limited")


@pytest.mark.parametrize(("select", "size"), [("Max", 20), ("Min", 14), ("Disabled", 10)])
def test_among_policies_one_is_selected(select: str, size: int) -> None:
    up = Rules(0, select, (Policy("Pods", 4, 60), Policy("Percent", 100, 60)))  # type: ignore[arg-type]
    settings = Settings(1, 100, 50, Behavior(up, Behavior.defaults().down))

    assert decided(settings, 10, 500)[0] == size


def test_a_percent_policy_lets_the_smallest_target_grow() -> None:
    up = Rules(0, "Max", (Policy("Percent", 10, 60),))

    assert decided(Settings(1, 9, 50, Behavior(up, Behavior.defaults().down)), 1, 500) == (2, "rate_limited")


def test_a_fall_waits_until_every_higher_wish_has_left_the_window() -> None:
    higher = History((Recommendation(NOW - 299, 7),))

    assert decided(DEFAULTS, 10, 10, higher) == (7, "stabilized")
    assert decided(DEFAULTS, 10, 10, History((Recommendation(NOW - 300, 7),))) == (2, "as_wanted")


def test_a_growth_waits_in_a_window_of_its_own() -> None:
    up = Rules(60, "Max", (Policy("Percent", 1000, 15),))
    settings = Settings(1, 100, 50, Behavior(up, Behavior.defaults().down))

    assert decided(settings, 4, 200, History((Recommendation(NOW - 30, 6),))) == (6, "stabilized")


def test_without_a_behavior_it_doubles_at_most_but_reaches_four_at_once() -> None:
    plain = Settings(1, 100, 50)

    assert decided(plain, 1, 1000) == (4, "rate_limited")
    assert decided(plain, 10, 1000) == (20, "rate_limited")


@pytest.mark.parametrize(
    ("current", "percent", "desired", "reason"),
    [
        (0, 0, 0, "paused_at_zero"),
        (12, 50, 8, "above_max"),
        (1, 50, 2, "below_min"),
        (8, 200, 8, "at_max"),
        (2, 0, 2, "at_min"),
    ],
)
def test_bounds_come_first_and_last(current: int, percent: int, desired: int, reason: str) -> None:
    settings = Settings(2, 8, 50, Behavior.defaults())
    step = proposal(Usage(percent, max(1, current)), current=current, target=50, behavior=settings.behavior)
    found = decide(NOW, current, step, settings, History())

    assert (found.desired, found.reason) == (desired, reason)
