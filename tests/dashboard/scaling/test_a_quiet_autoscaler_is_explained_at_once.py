"""An HPA that is steady writes nothing for weeks; what counts of that time is its last windows alone."""

from __future__ import annotations

from dashboard.scaling.algorithm import History, Recommendation
from dashboard.scaling.moment import PERIOD_S, Moment, Seen
from dashboard.scaling.observing import standing

WRITTEN = 1_795_000_000.0
HPA = {"behavior": None, "current": 2, "conditions": []}


def quiet(seconds: float) -> list[float]:
    """How old the recommendations are that still count after so long a silence."""
    written = History((Recommendation(WRITTEN, 2),))
    now = Moment(HPA, WRITTEN + seconds, seen=Seen(sign=(), synced_at=WRITTEN, history=written))
    return [now.now - each.at for each in standing(now, now.now).recommendations]


def test_a_year_of_silence_is_as_soon_told_as_an_hour() -> None:
    a_year, an_hour = quiet(365 * 86_400), quiet(3600)
    assert a_year == an_hour
    assert (max(an_hour), min(an_hour)) == (300, PERIOD_S)


def test_a_short_silence_is_told_whole() -> None:
    assert quiet(60) == [60, 45, 30, 15]
