"""Comparing: seconds since each load began, nothing made up in between, and differences that say which way is good."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import Refused
from dashboard.runs.compare import MEASURES, SERIES, compared, difference, points
from dashboard.store.times import iso

ZERO = 1_767_268_800.0


def run(run_id: str, *, start: float, samples: list[dict[str, Any]], **values: Any) -> dict[str, Any]:
    return {
        "run_id": run_id, "name": "", "state": "complete", "profile": "steady", "started_at": iso(start - 2),
        "load_at": iso(start), "requests": 100, "failures": 0, "peak_users": 60, "peak_replicas": 3, "reaction": {},
        "samples": [
            {**dict.fromkeys(SERIES), **each, "t": round((start + each["t"]) * 1000)} for each in samples
        ],
        "flags": [{"t": iso(start + 5), "kind": "scaled", "text": "1 → 3"}], "request": {}, "revisions": {}, **values,
    }  # fmt: skip


SECONDS = [{"t": t, "users": 60 if t >= 0 else 0, "rps": 50.0, "p95_ms": 90.0} for t in range(-3, 10)]


def test_runs_of_different_hours_share_the_axis() -> None:
    found = compared([run("a", start=ZERO, samples=SECONDS), run("b", start=ZERO + 9999.25, samples=SECONDS)])

    assert found["axis"] == {"from_s": -3.0, "to_s": 9.0}
    assert found["series"][0]["t"] == found["series"][1]["t"] == [float(t) for t in range(-3, 10)]
    assert found["series"][1]["flags"] == [{"t": 5.0, "kind": "scaled", "text": "1 → 3"}]


def test_a_gap_is_one_point_of_nulls_and_late_seconds_are_none() -> None:
    late = [{"t": 0.0, "rps": 1}, {"t": 2.1, "rps": 2}, {"t": 9.0, "rps": 3}]
    found = points(run("a", start=ZERO, samples=late))

    assert found["t"] == [0.0, 2.1, 5.55, 9.0]
    assert found["rps"] == [1, 2, None, 3]


def test_a_load_that_nobody_saw_begin_is_counted_from_its_request_and_says_so() -> None:
    found = points(run("a", start=ZERO, samples=SECONDS, load_at=None))

    assert (found["from_load"], found["t"][0]) == (False, -1.0)


def test_the_table_says_what_is_better() -> None:
    fast = [{**sample, "p95_ms": 45.0, "rps": 60.0} for sample in SECONDS]
    first = run("a", start=ZERO, samples=SECONDS, reaction={"load_to_ready_s": 40.0}, failures=2)
    second = run("b", start=ZERO, samples=fast, reaction={"load_to_ready_s": 50.0}, failures=2, peak_replicas=5)
    lines = {line["name"]: line for line in compared([first, second])["table"]}

    assert lines["p95_median"]["differences"] == [{"absolute": -45.0, "percent": -50.0, "verdict": "better"}]
    assert lines["rps_median"]["differences"] == [{"absolute": 10.0, "percent": 20.0, "verdict": "better"}]
    assert lines["load_to_ready_s"]["differences"] == [{"absolute": 10.0, "percent": 25.0, "verdict": "worse"}]
    assert lines["failed_percent"]["differences"][0]["verdict"] == "same"
    assert lines["peak_replicas"]["differences"][0]["verdict"] == "differs"
    assert lines["load_to_decision_s"]["differences"][0]["verdict"] == "unknown"
    assert lines["ceiling_rps"]["values"] == [None, None]


def test_only_seconds_under_load_count() -> None:
    idle = [{"t": 20.0, "users": 0, "p95_ms": 9000.0}, {"t": 21.0, "users": None, "p95_ms": 9000.0}]
    line = next(
        each
        for each in compared([run("a", start=ZERO, samples=SECONDS), run("b", start=ZERO, samples=SECONDS + idle)])[
            "table"
        ]
        if each["name"] == "p95_peak"
    )

    assert line["values"] == [90.0, 90.0]


def test_settings_and_revisions_tell_what_was_not_the_same() -> None:
    first = run("a", start=ZERO, samples=SECONDS, request={"users": 60}, revisions={"flask": {"revision": "aa"}})
    second = run("b", start=ZERO, samples=SECONDS, request={"users": 60}, revisions={})
    found = compared([first, second])

    assert found["settings"] == [{"name": "users", "values": [60, 60], "same": True}]
    assert found["revisions"] == [{"name": "flask", "values": ["aa", None], "same": False}]


def test_runs_without_a_single_sample_can_be_compared() -> None:
    found = compared([run(each, start=ZERO, samples=[], reaction={}, requests=None) for each in "abcd"])

    assert found["axis"] == {"from_s": None, "to_s": None}
    assert len(found["table"][0]["differences"]) == 3


@pytest.mark.parametrize("ids", ["", "a", "aa", "abcde"])
def test_fewer_than_two_more_than_four_or_the_same_twice_are_refused(ids: str) -> None:
    with pytest.raises(Refused, match="2 to 4 different runs"):
        compared([run(each, start=ZERO, samples=[]) for each in ids])


_figure = st.none() | st.floats(-1e9, 1e9)


@given(_figure, _figure, st.sampled_from(["lower", "higher", None]))
def test_turning_a_comparison_round_turns_the_verdict_round(first: Any, other: Any, better: Any) -> None:
    there = difference(first, other, better=better)
    back = difference(other, first, better=better)

    turned = {"better": "worse", "worse": "better"}
    assert back["verdict"] == turned.get(there["verdict"], there["verdict"])
    assert (there["verdict"] == "unknown") == (there["absolute"] is None) == (first is None or other is None)


def test_every_reaction_time_is_a_measure() -> None:
    from dashboard.runs.reaction import NAMES

    assert set(NAMES) <= {measure.name for measure in MEASURES}
