"""Each way in which a watch can fail, and that what follows is neither a storm nor silence."""

from __future__ import annotations

import random
import time
from functools import partial
from typing import Any

import pytest

from dashboard.kube.watching import Watching


def test_a_broken_connection_is_watched_again_from_the_same_place(api: Any, watched: Any, until: Any) -> None:
    api.put("a")
    watched.start()
    until(lambda: api.opened == 1)
    api.break_connection()
    api.put("b")
    until(lambda: watched.names() == ["a", "b"] and watched.reflector.state.state == "live")
    assert api.count("list") == 1
    assert [state.state for state in watched.states] == ["syncing", "live", "stale", "live"]


def test_stale_says_since_when_nothing_was_heard(api: Any, watched: Any, until: Any) -> None:
    watched.start()
    until(lambda: api.opened == 1)
    heard = watched.clock.now()
    api.refuse(503, times=5)
    api.break_connection()
    until(lambda: any(state.state == "stale" for state in watched.states))
    stale = next(state for state in watched.states if state.state == "stale")
    assert stale.since == heard
    assert stale.detail


def test_a_break_is_the_last_word_of_the_server(api: Any, watched: Any, until: Any) -> None:
    """A quiet resource was not stale for all the time in which nothing happened."""
    watched.start()
    until(lambda: api.opened == 1)
    watched.clock.time += 3600
    api.refuse(503, times=5)
    api.break_connection()
    until(lambda: any(state.state == "stale" for state in watched.states))
    stale = next(state for state in watched.states if state.state == "stale")
    assert stale.since >= 1_003_600.0


def test_one_that_is_answered_again_wakes_the_others(client: Any, watched: Any) -> None:
    watching = Watching(client, {"pods": watched.sink, "events": watched.sink}, report=lambda _state: None)
    woken: list[str] = []
    for reflector in watching.reflectors:
        reflector.retry = partial(woken.append, reflector.resource)  # type: ignore[method-assign]
    pods, events = watching.reflectors
    pods._enter("down")
    events._enter("live")
    assert woken == ["pods"]


def test_watching_relists_when_expired(api: Any, watched: Any, until: Any) -> None:
    api.put("a")
    watched.start()
    until(lambda: api.opened == 1)
    api.put("b")
    api.forget_silently("a")
    api.expire()
    api.break_connection()
    until(lambda: watched.names() == ["b"])
    assert api.count("list") == 2


@pytest.mark.parametrize(("code", "reason"), [(410, "Expired"), (500, "InternalError"), (418, "")])
def test_an_error_event_makes_it_relist(api: Any, watched: Any, until: Any, code: int, reason: str) -> None:
    watched.start()
    until(lambda: api.opened == 1)
    api.error_event(code, reason=reason)
    until(lambda: api.count("list") >= 2)
    assert watched.clock.waits, "it waits before it lists again"


@pytest.mark.parametrize(
    "line",
    [
        b'{"type": "MODIFIED", "object": {"metad',
        b'{"type": "SURPRISE", "object": {"metadata": {"resourceVersion": "7"}}}',
        b'{"type": "MODIFIED", "object": {"metadata": {"name": "no-version"}}}',
        b"[1, 2]",
        b"\xff\xfe",
    ],
)
def test_a_line_that_is_none_is_counted_and_makes_it_relist(api: Any, watched: Any, until: Any, line: bytes) -> None:
    watched.start()
    until(lambda: api.opened == 1)
    api.say(line)
    until(lambda: api.count("list") >= 2)
    assert watched.reflector.counts["garbled"] >= 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_refused_watch_is_asked_again_from_the_same_version(api: Any, watched: Any, until: Any, status: int) -> None:
    api.refuse(status, times=6, on="watch")
    watched.start()
    until(lambda: api.count("watch") == 7)
    until(lambda: watched.reflector.state.state == "live")
    assert api.count("list") == 1
    assert len({query["resourceVersion"] for _, _, query in api.requests if "watch" in query}) == 1
    assert len(watched.clock.waits) == 6


def test_waits_double_up_to_half_a_minute(api: Any, watched: Any, until: Any) -> None:
    api.refuse(503, times=12)
    watched.start()
    until(lambda: watched.names() == [] and api.count("watch") == 1)
    ceilings = [min(30.0, 0.5 * 2**failure) for failure in range(12)]
    assert len(watched.clock.waits) == 12
    assert all(0 < wait <= ceiling for wait, ceiling in zip(watched.clock.waits, ceilings, strict=True))
    assert max(watched.clock.waits) > 5


def test_the_server_s_wish_counts_more_than_the_back_off(api: Any, watched: Any, until: Any) -> None:
    api.refuse(429, on="list", Retry_After="17")
    watched.start()
    until(lambda: api.opened == 1)
    assert 17 <= watched.clock.waits[0] < 18


def test_a_watch_that_ends_at_once_again_and_again_does_not_spin(api: Any, watched: Any, until: Any) -> None:
    watched.start()
    for number in range(1, 6):
        until(lambda number=number: api.opened == number)
        api.end_watches()
    until(lambda: len(watched.clock.waits) >= 5)


def test_forbidden_is_said_and_asked_again_once_a_minute(api: Any, watched: Any, until: Any) -> None:
    api.refuse(403, times=3, on="list", reason="Forbidden")
    watched.start()
    until(lambda: watched.reflector.state.state == "live")
    assert watched.clock.waits == [60.0, 60.0, 60.0]
    assert [state.state for state in watched.states] == ["syncing", "forbidden", "live"]


def test_after_401_the_credential_is_read_again(
    api: Any, watched: Any, until: Any, kubeconfig: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    monkeypatch.setattr(watched.source, "renew_credential", lambda: read.append(True))
    api.refuse(401, times=2)
    watched.start()
    until(lambda: watched.reflector.state.state == "live")
    assert len(read) == 2


def test_down_is_what_never_answered(api: Any, watched: Any, until: Any) -> None:
    api.refuse(500, times=3)
    watched.start()
    until(lambda: watched.reflector.state.state == "live")
    assert [state.state for state in watched.states] == ["syncing", "down", "live"]


def test_another_cluster_on_the_same_address_is_read_anew(api: Any, watched: Any, until: Any) -> None:
    """Its versions are younger: a watch from ours would wait for days, or be refused for ever."""
    api.put("old")
    watched.start()
    until(lambda: api.opened == 1)
    api.begin_anew()
    api.put("new")
    until(lambda: watched.names() == ["new"])
    assert watched.other_clusters == 1


def test_a_version_from_the_future_makes_it_relist(api: Any, watched: Any, until: Any) -> None:
    """A server restored from a backup is the same cluster, only younger."""
    api.put("a")
    watched.start()
    until(lambda: api.opened == 1)
    api.refuse(504, on="watch", reason="Timeout")
    api.break_connection()
    until(lambda: api.count("list") == 2)


def test_a_failing_sink_does_not_end_it(api: Any, watched: Any, until: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    api.put("a")
    apply, failures = watched.sink.apply, iter([True])

    def failing(found: Any) -> None:
        if next(failures, False):
            raise RuntimeError("a defect in a projection")
        apply(found)

    monkeypatch.setattr(watched.sink, "apply", failing)
    watched.start()
    until(lambda: api.opened == 1)
    api.put("b")
    until(lambda: watched.names() == ["a", "b"])
    assert api.count("list") == 2


def test_a_peer_that_falls_silent_is_left(api: Any, impatient: Any, until: Any) -> None:
    """The classic: the connection is open, and dead."""
    api.put("a")
    impatient.start()
    until(lambda: api.opened == 1)
    api.freeze()
    api.put("b")
    until(lambda: api.count("watch") >= 2)
    assert any(state.state == "stale" for state in impatient.states)
    api.thaw()
    until(lambda: impatient.names() == ["a", "b"])


def test_whatever_happens_in_the_end_the_sink_holds_what_the_server_holds(api: Any, watched: Any, until: Any) -> None:
    luck = random.Random(20261123)  # noqa: S311  a test
    faults = [
        api.break_connection,
        api.end_watches,
        api.expire,
        api.garbage,
        lambda: api.error_event(410, reason="Expired"),
        lambda: api.refuse(luck.choice([401, 429, 500, 503, 504]), times=luck.randint(1, 3)),
    ]
    watched.start()
    for _ in range(300):
        name = f"pod-{luck.randrange(20)}"
        action = luck.random()
        if action < 0.5:
            api.put(name, phase=luck.choice(["Running", "Pending"]))
        elif action < 0.7 and name in api.names():
            api.delete(name)
        elif action < 0.85:
            luck.choice(faults)()
        else:
            time.sleep(0.002)
    until(lambda: watched.names() == api.names() and watched.reflector.state.state == "live")
    until(lambda: {name: pod.metadata.resource_version for name, pod in watched.sink.held.items()} == api.versions())
