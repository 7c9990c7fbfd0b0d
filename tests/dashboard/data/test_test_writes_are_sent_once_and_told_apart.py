"""Each write is sent once; confirmed, refused and unknown are told apart, and silence is unknown."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from dashboard.data.writing import BODY_MAX, Markers, Writing
from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.settings import Target

APP = Target("guestbook", "flask", "guestbook", 8080, ("/",))


@pytest.fixture
def markers(app: Any) -> Markers:
    return Markers(app.proxy_service, APP, "k3v9aa")


@pytest.mark.parametrize(
    ("status", "outcome", "told"),
    [(201, "confirmed", "confirmed"), (503, "refused", "refused"), (503, "unknown", "unknown"), (500, "", "unknown"),
     (404, "refused, really", "unknown")],
)  # fmt: skip
def test_the_app_s_word_decides(markers: Markers, app: Any, status: int, outcome: str, told: str) -> None:
    app.status, app.outcome = status, outcome
    assert markers.write(7) == told


def test_no_answer_is_unknown(markers: Markers, app: Any) -> None:
    app.error = errors.Unreachable("timed out")
    assert markers.write(7) == "unknown"


def test_what_is_stored_is_asked_of_the_app(markers: Markers, app: Any) -> None:
    for number in (2, 1, 9):
        markers.write(number)
    assert markers.stored() == [1, 2, 9]


def test_an_answer_without_end_is_not_read_to_its_end(markers: Markers, app: Any) -> None:
    app.proxy_service = lambda *_a, **_k: type(
        "Endless", (), {"status": 200, "body": iter([b"x" * 65536] * 99), "close": lambda _s: None}
    )()
    with pytest.raises(Refused):
        Markers(app.proxy_service, APP, "k3v9aa").stored()
    assert BODY_MAX < 65536 * 99


def test_writes_go_on_at_their_pace_while_others_wait() -> None:
    held, sent = threading.Event(), []

    def write(number: int) -> Any:
        sent.append(number)
        if number == 1:
            held.wait(10)
        return "confirmed"

    writing = Writing(write, time.monotonic)
    writing.start()
    end = time.monotonic() + 30
    while len(writing.written()) < 5 and time.monotonic() < end:
        time.sleep(0.01)
    assert 1 not in [each.number for each in writing.written()]
    held.set()
    writing.stop()
    done = writing.written()
    assert sorted(each.number for each in done) == sorted(sent) == list(range(len(sent)))
    time.sleep(0.15)
    assert len(writing.written()) == len(done)


def test_a_write_that_breaks_is_unknown_and_ends_nothing() -> None:
    def write(number: int) -> Any:
        if number == 0:
            raise RuntimeError("unforeseen")
        return "confirmed"

    writing = Writing(write, time.monotonic)
    writing.start()
    end = time.monotonic() + 30
    while len(writing.written()) < 3 and time.monotonic() < end:
        time.sleep(0.01)
    writing.stop()
    outcomes = {each.number: each.outcome for each in writing.written()}
    assert (outcomes[0], outcomes[1]) == ("unknown", "confirmed")
