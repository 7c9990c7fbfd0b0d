"""Rates over 3 s, percentiles and failures over 10 s, totals over all."""

from __future__ import annotations

from typing import Any

from swarm.statistics import Statistics, percentile


def test_nothing_measured_is_unknown_not_zero(clock: Any) -> None:
    figures = Statistics().overall(now=clock())
    assert (figures.p95_ms, figures.failed_percent, figures.requests) == (None, None, 0)


def test_the_rate_is_current_and_falls_to_zero_within_three_seconds(clock: Any, make_report: Any) -> None:
    statistics = Statistics()
    for _ in range(5):
        statistics.add([make_report(50)], now=clock())
        clock.advance(1)
    assert statistics.overall(now=clock()).rps in (33.3, 50.0)
    clock.advance(3)
    figures = statistics.overall(now=clock())
    assert (figures.rps, figures.requests) == (0.0, 250)


def test_percentiles_forget_after_ten_seconds(clock: Any, make_report: Any) -> None:
    statistics = Statistics()
    statistics.add([make_report(100, ms=900)], now=clock())
    clock.advance(9)
    statistics.add([make_report(100, ms=10)], now=clock())
    assert statistics.overall(now=clock()).p95_ms == 900
    clock.advance(2)
    assert statistics.overall(now=clock()).p95_ms == 10
    clock.advance(10)
    assert statistics.overall(now=clock()).p95_ms is None


def test_a_shorter_window_changes_percentiles_and_not_the_rate(clock: Any, make_report: Any) -> None:
    statistics = Statistics()
    for _ in range(6):
        statistics.add([make_report(90, ms=900)], now=clock())
        clock.advance(1)
    statistics.add([make_report(90, ms=10)], now=clock())
    short, usual = statistics.overall(now=clock(), window=1.0), statistics.overall(now=clock())
    assert (short.p95_ms, usual.p95_ms) == (10, 900)
    assert short.rps == usual.rps == 90.0


def test_failures_are_a_share_of_the_window(clock: Any, make_report: Any) -> None:
    statistics = Statistics()
    statistics.add([make_report(90), make_report(10, failures=5, name="/work")], now=clock())
    figures = statistics.overall(now=clock())
    assert (figures.failures, figures.failed_percent) == (5, 5.0)
    assert [(one["name"], one["failures"]) for one in statistics.endpoints(now=clock())] == [("/", 0), ("/work", 5)]


def test_percentiles_are_the_time_that_share_stayed_within() -> None:
    times = {1: 50, 10: 45, 100: 4, 1000: 1}
    assert [percentile(times, share) for share in (0.5, 0.95, 0.99, 1.0)] == [1, 10, 100, 1000]
    assert percentile({}, 0.5) is None
