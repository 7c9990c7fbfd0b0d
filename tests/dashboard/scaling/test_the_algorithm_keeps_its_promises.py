"""Properties of the documented algorithm, whatever the numbers are."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dashboard.scaling.algorithm import (
    Behavior,
    Change,
    History,
    PodFigure,
    Policy,
    Recommendation,
    Rules,
    Settings,
    after,
    decide,
    proposal,
    propose,
    usage,
)

NOW = 10_000.0

policies = st.lists(
    st.builds(Policy, st.sampled_from(["Pods", "Percent"]), st.integers(1, 200), st.integers(1, 1800)),
    min_size=1, max_size=3,
).map(tuple)  # fmt: skip
rules = st.builds(
    Rules,
    st.integers(0, 600),
    st.sampled_from(["Max", "Min", "Disabled"]),
    policies,
    st.floats(0, 0.5),
)
behaviors = st.one_of(st.just(Behavior.unwritten()), st.just(Behavior.defaults()), st.builds(Behavior, rules, rules))


@st.composite
def settings(draw: st.DrawFn) -> Settings:
    low = draw(st.integers(1, 20))
    return Settings(low, draw(st.integers(low, 100)), draw(st.integers(1, 200)), draw(behaviors))


histories = st.builds(
    History,
    st.lists(st.builds(Recommendation, st.floats(NOW - 900, NOW - 1), st.integers(0, 100)), max_size=5).map(tuple),
    st.lists(st.builds(Change, st.floats(NOW - 900, NOW - 1), st.integers(-10, 10)), max_size=5).map(tuple),
)
utilisations = st.integers(0, 1000)
sizes = st.integers(1, 100)


@given(settings(), sizes, utilisations, histories)
def test_what_is_desired_never_leaves_the_bounds(s: Settings, size: int, percent: int, history: History) -> None:
    decision = decide(NOW, size, propose(size, percent, s), s, history)

    assert s.min <= decision.desired <= s.max


@given(settings(), sizes, utilisations, utilisations, histories)
def test_more_use_never_asks_for_fewer(s: Settings, size: int, one: int, other: int, history: History) -> None:
    low, high = sorted((one, other))

    assert propose(size, low, s).replicas <= propose(size, high, s).replicas
    assert (
        decide(NOW, size, propose(size, low, s), s, history).desired
        <= decide(NOW, size, propose(size, high, s), s, history).desired
    )


@given(settings(), sizes, utilisations, histories, st.integers(0, 600))
def test_a_longer_window_never_changes_faster(
    s: Settings, size: int, percent: int, history: History, longer: int
) -> None:
    size = min(max(size, s.min), s.max)
    behavior = s.behavior
    patient = Behavior(
        replace(behavior.up, stabilization_s=behavior.up.stabilization_s + (longer if behavior.written else 0)),
        replace(behavior.down, stabilization_s=behavior.down.stabilization_s + longer),
        behavior.written,
    )
    step = propose(size, percent, s)
    quick = decide(NOW, size, step, s, history).desired
    slow = decide(NOW, size, step, replace(s, behavior=patient), history).desired

    if behavior.written:
        assert abs(slow - size) <= abs(quick - size)
    else:
        assert slow >= quick  # without a behavior the window only ever keeps replicas


@given(settings(), sizes, utilisations, histories)
def test_one_line_of_the_sum_decides(s: Settings, size: int, percent: int, history: History) -> None:
    decision = decide(NOW, size, propose(size, percent, s), s, history)

    assert sum(term.deciding for term in decision.terms) == 1


@given(settings(), sizes, utilisations)
def test_inside_the_tolerance_nothing_is_asked_for(s: Settings, size: int, percent: int) -> None:
    step = propose(size, percent, s)

    if step.within_tolerance:
        assert step.replicas == size
    else:
        assert step.ratio < 1 or step.replicas >= size


@given(settings(), sizes, utilisations, histories)
def test_a_direction_that_is_switched_off_is_not_taken(s: Settings, size: int, percent: int, history: History) -> None:
    size = min(max(size, s.min), s.max)
    off = Behavior(replace(s.behavior.up, select="Disabled"), replace(s.behavior.down, select="Disabled"))
    step = propose(size, percent, s)

    assert decide(NOW, size, step, replace(s, behavior=off), history).desired == size


@given(
    settings(),
    st.lists(st.integers(0, 1000), min_size=1, max_size=8),
    st.integers(0, 8),
    st.integers(0, 8),
)
def test_doubt_softens_a_change_and_never_turns_it(s: Settings, used: list[int], unready: int, missing: int) -> None:
    sure = [
        PodFigure(f"sure-{n}", each, 100, started_at=0, ready_changed_at=1, measured_at=NOW)
        for n, each in enumerate(used)
    ]
    doubtful = [PodFigure(f"new-{n}", None, 100, phase="Pending", ready=False) for n in range(unready)]
    silent = [PodFigure(f"silent-{n}", None, 100) for n in range(missing)]
    size = len(used) + unready + missing
    found = usage([*sure, *doubtful, *silent], now=NOW)
    assert found is not None
    step = proposal(found, current=size, target=s.target_percent, behavior=s.behavior)

    if step.softened is not None:
        assert (step.replicas - size) * (step.ratio - 1) >= 0
        assert (step.softened - step.ratio) * (step.ratio - 1) <= 0


@given(settings(), sizes, st.lists(utilisations, min_size=1, max_size=30))
def test_a_history_stays_short_and_the_size_within_its_bounds(s: Settings, size: int, loads: list[int]) -> None:
    history, now = History(), 0.0
    for percent in loads:
        now += 15
        decision = decide(now, size, propose(size, percent, s), s, history)
        history, size = after(history, now, decision, s), decision.desired
        assert s.min <= size <= s.max
        longest = max(s.behavior.up.memory_s, s.behavior.down.memory_s)
        assert all(now - each.at <= longest for each in history.recommendations)
