from __future__ import annotations

import threading
from typing import Any

import pytest

from sampleapp.blast.answering import TOKEN_HEADER, Server
from sampleapp.blast.ceilings import UNASKED_S
from sampleapp.blast.conducting import ANSWERED_S, OVER_S, SETTLE_S, UNREAD_S, WAIT_S, Conductor
from sampleapp.blast.probing import Probing, Target, word_of


class Fake(Target):
    """A target that answers as it is told to; `posts` is what it was told."""

    def __init__(self, who: str) -> None:
        super().__init__(who, "host", 1)
        self.up = True
        self.told: dict[str, Any] = {"bytes": 9, "ended": None}
        self.posts: list[tuple[str, str]] = []

    def ask(self, method: str = "GET", path: str = "/", headers: dict[str, str] | None = None) -> dict[str, Any]:
        if not self.up:
            raise ConnectionRefusedError
        if method == "POST":
            self.posts.append((path, (headers or {}).get(TOKEN_HEADER, "")))
        return self.told


class Course:
    """An experiment with a clock in the test's hand."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.targets = {who: Fake(who) for who in ("leaker", "beside", "elsewhere")}
        self.probings = {who: Probing(each, 0.0, lambda: self.seconds) for who, each in self.targets.items()}
        self.conductor = Conductor(self.probings, "token", lambda: self.seconds)
        self.alive = True
        self.looked_on = True

    def run(self, seconds: float) -> str:
        for _ in range(round(seconds * 10)):
            self.seconds += 0.1
            for each in self.probings.values():
                each.look(self.seconds)
            if self.looked_on:
                self.conductor.read()
            self.alive = self.alive and self.conductor.step()
        return self.conductor.phase


@pytest.fixture
def course() -> Course:
    return Course()


def test_it_looks_on_before_and_after_the_leak(course: Course) -> None:
    assert course.run(1) == "before"
    assert course.run(2) == "leaking"
    assert course.targets["leaker"].posts == [("/leak", "token")]
    course.targets["leaker"].up = False
    assert course.run(1) == "after"
    course.targets["leaker"].up = True
    assert course.run(4) == "over"
    document = course.conductor.document()
    assert list(document["marks"]) == ["before", "leaking", "after", "over"]
    assert sum(1 for each in document["probes"]["leaker"] if each[3]) == 10
    assert all(each[3] is None for each in document["probes"]["elsewhere"])
    course.looked_on = False
    course.run(OVER_S + 1)
    assert not course.alive


def test_a_leak_that_ends_by_itself_is_looked_on_too(course: Course) -> None:
    course.run(3)
    course.targets["leaker"].told = {"bytes": 9, "ended": "its own ceiling"}
    assert course.run(0.3) == "after"
    assert course.run(4) == "over"
    assert course.conductor.document()["leak"]["ended"] == "its own ceiling"


def test_nothing_leaks_before_all_have_answered(course: Course) -> None:
    course.targets["beside"].up = False
    assert course.run(WAIT_S - 1) == "waiting"
    assert course.run(2) == "over"
    assert "beside" in str(course.conductor.reason)
    assert ("/leak", "token") not in course.targets["leaker"].posts


def test_who_does_not_answer_again_is_not_waited_for_for_ever(course: Course) -> None:
    course.run(3)
    course.targets["leaker"].up = False
    assert course.run(SETTLE_S + 2) == "over"


def test_without_anybody_who_reads_the_record_it_ends_and_gives_back(course: Course) -> None:
    course.run(3)
    course.looked_on = False
    assert course.run(UNASKED_S + 1) == "over"
    assert course.targets["leaker"].posts[-1] == ("/release", "token")
    course.run(UNREAD_S - 2)
    assert course.alive
    assert course.conductor.document()["probes"]["leaker"]
    course.run(3)
    assert not course.alive


def test_an_end_that_nobody_has_read_can_be_read_for_longer(course: Course) -> None:
    course.run(3)
    course.looked_on = False
    course.targets["leaker"].told = {"bytes": 9, "ended": "its own ceiling"}
    assert course.run(6) == "over"
    assert course.conductor.reason == "it has run its course"
    course.run(OVER_S + 5)
    assert course.alive
    course.conductor.read()
    course.run(ANSWERED_S - 1)
    assert course.alive
    course.run(2)
    assert not course.alive


def test_a_stop_ends_it_at_once(course: Course) -> None:
    course.run(3)
    course.conductor.end("it was stopped")
    assert course.run(0.1) == "over"
    assert course.targets["leaker"].posts[-1] == ("/release", "token")


def test_what_went_wrong_is_told_in_few_words() -> None:
    assert word_of(ConnectionRefusedError()) == "connection refused"
    assert word_of(TimeoutError()) == "no answer within 1 s"
    assert word_of(ConnectionResetError()) == "connection broken off"
    assert word_of(ValueError("status 503")) == "status 503"


def test_what_changes_something_needs_the_token() -> None:
    begun: list[int] = []

    def begin() -> tuple[int, dict[str, Any]]:
        begun.append(1)
        return 202, {}

    routes = {("POST", "/leak"): begin, ("GET", "/"): lambda: (200, {"who": "me"})}
    server = Server(("127.0.0.1", 0), routes, guarded=frozenset({"/leak"}), token="a-long-token-of-ours")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    target = Target("me", "127.0.0.1", server.server_address[1])
    try:
        assert target.ask()["who"] == "me"
        for headers in ({}, {TOKEN_HEADER: "wrong"}):
            with pytest.raises(ValueError, match="401"):
                target.ask("POST", "/leak", headers)
        with pytest.raises(ValueError, match="404"):
            target.ask("GET", "/etc/passwd")
        target.ask("POST", "/leak", {TOKEN_HEADER: "a-long-token-of-ours"})
        assert begun == [1]
    finally:
        server.shutdown()
        server.server_close()
