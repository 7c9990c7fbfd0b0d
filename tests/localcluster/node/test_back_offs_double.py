"""The waits before a restart: none at first, then 10 s doubling to 5 min, forgotten after ten quiet minutes."""

from __future__ import annotations

from localcluster.node.backoff import BackOff
from localcluster.node.probes import to_next_tick


def test_waits_double_up_to_five_minutes() -> None:
    back_off, now, waits = BackOff(), 1000.0, []
    assert not back_off.holds(ended=now, now=now)
    for _ in range(7):
        back_off.grow(ended=now, now=now)
        waits.append(back_off.seconds)
        assert back_off.holds(ended=now, now=now + back_off.seconds - 1)
        assert not back_off.holds(ended=now, now=now + back_off.seconds)
    assert waits == [10, 20, 40, 80, 160, 300, 300]


def test_ten_minutes_without_trouble_are_forgiven() -> None:
    back_off = BackOff()
    back_off.grow(ended=0, now=0)
    back_off.grow(ended=20, now=20)
    assert not back_off.holds(ended=700, now=700)
    back_off.grow(ended=700, now=700)
    assert back_off.seconds == 10


def test_liveness_keeps_the_time_of_the_pod() -> None:
    """A container that starts 1.7 s after its pod came is first asked on the next full period."""
    assert to_next_tick(1.75, period=2) == 0.25
    assert to_next_tick(4.0, period=2) == 0
