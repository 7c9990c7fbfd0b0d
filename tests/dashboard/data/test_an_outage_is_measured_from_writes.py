"""From the last confirmation before to the first one after; nothing that was confirmed may be missing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashboard.data.outage import BUCKETS_MAX, Written, buckets, counts, longest_gap, outage, verdict

KILLED = 103.0


def steady(start: float, end: float, first: int = 0) -> list[Written]:
    """Ten a second, each confirmed after 10 ms."""
    many = round((end - start) * 10)
    return [Written(first + n, start + n / 10, start + n / 10 + 0.01, "confirmed") for n in range(many)]


def test_the_gap_around_the_kill_is_the_outage() -> None:
    failed = [Written(500 + n, 103.2 + n / 10, 104.2 + n / 10, "refused") for n in range(10)]
    writes = [*steady(100, 103.2), *failed, *steady(105.5, 108, first=200)]
    found = outage(writes, killed=KILLED)
    assert found is not None
    assert found.end is not None
    assert round(found.end - found.begin, 2) == 2.4
    assert counts(writes) == {"sent": 67, "confirmed": 57, "refused": 10, "unknown": 0}


def test_writes_that_go_on_have_no_outage() -> None:
    assert outage(steady(100, 108), killed=KILLED) is None
    assert round(longest_gap(steady(100, 108), killed=KILLED) or 0, 2) == 0.1
    assert longest_gap([], killed=KILLED) is None


def test_a_gap_before_the_kill_does_not_count() -> None:
    assert outage([*steady(90, 95), *steady(100, 108, first=100)], killed=KILLED) is None


def test_an_outage_that_lasts_has_no_end() -> None:
    found = outage([*steady(100, 103), Written(99, 103.5, 106.0, "unknown")], killed=KILLED)
    assert found is not None
    assert found.end is None


def test_without_any_write_nothing_is_claimed() -> None:
    assert outage([], killed=KILLED) is None
    assert counts([])["sent"] == 0


def test_columns_count_answers_by_the_time_they_came() -> None:
    writes = [
        Written(1, 102.9, 102.95, "confirmed"),
        Written(2, 103.0, 103.31, "confirmed"),
        Written(3, 103, 103.3, "unknown"),
    ]
    found = {at: (confirmed, failed) for at, confirmed, failed in buckets(writes, killed=KILLED, until=104.0)}
    assert (found[-200], found[0], found[200]) == ((1, 0), (0, 0), (1, 1))
    assert (min(found), max(found)) == (-3000, 1000)


@given(st.floats(0, 10_000))
def test_there_are_never_more_columns_than_can_be_drawn(until: float) -> None:
    assert len(buckets([], killed=0.0, until=until)) <= BUCKETS_MAX


def test_every_confirmed_write_has_to_be_there() -> None:
    writes = [
        Written(n, 0, 1, outcome)
        for n, outcome in enumerate(("confirmed", "confirmed", "refused", "unknown", "unknown"))
    ]  # type: ignore[arg-type]
    assert verdict(writes, {0, 1, 4}) == {
        "checked": 2, "lost": 0, "lost_numbers": [], "unknown_stored": 1, "refused_stored": 0,
    }  # fmt: skip
    lost = verdict(writes, {1, 2})
    assert (lost["lost"], lost["lost_numbers"], lost["refused_stored"]) == (1, [0], 1)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.sampled_from(["confirmed", "refused", "unknown"]))),
    st.sets(st.integers(0, 50)),
)
def test_lost_are_exactly_those_confirmed_that_are_not_there(drawn: list[tuple[int, str]], stored: set[int]) -> None:
    writes = [Written(number, 0, 1, outcome) for number, outcome in drawn]  # type: ignore[arg-type]
    lost = verdict(writes, stored)
    assert lost["checked"] - lost["lost"] == sum(1 for n, outcome in drawn if outcome == "confirmed" and n in stored)
