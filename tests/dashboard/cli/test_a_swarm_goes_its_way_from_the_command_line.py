"""`surgeboard swarm`: nothing starts unasked or unfollowed, Ctrl-C stops it for certain, and what is told is true."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dashboard import cli
from dashboard.cli import swarm
from dashboard.cli.options import Misused
from dashboard.cli.session import Session
from dashboard.cli.stopping import Stopping
from dashboard.cli.terminal import Terminal
from dashboard.errors import Refused
from dashboard.load.pinning import Pinned
from dashboard.load.plan import Plan
from dashboard.load.request import SwarmRequest
from dashboard.settings import Settings, Target

TARGET = Target("guestbook", "flask", "guestbook", 8080, ("/",))
RUNNING = {"id": "abc123", "state": "running", "users": 5, "rps": 6.0, "p95_ms": 40, "failed_percent": 0.0}
ENDED = {"id": "abc123", "state": "stopped", "users": 0, "requests": 82, "failures": 1, "error": None, "run_id": "01R"}
KEYS = {"action", "cluster", "plan", "state", "swarm", "error"}


@dataclass
class FakeFollowing:
    """Tells the rows it was given, one a look; `does` is what it was asked to do. It is core and starting, too."""

    rows: list[Mapping[str, Any]]
    followed: bool = True
    recorded_after: int = 0
    runs: Mapping[str, Any] | None = None
    during: Callable[[], None] = lambda: None
    does: list[str] = field(default_factory=list)
    requests: list[SwarmRequest] = field(default_factory=list)

    @property
    def core(self) -> Any:
        return SimpleNamespace(starting=self, stop=lambda: self.does.append("close"))

    def is_followed(self) -> bool:
        return self.followed

    def begin(self) -> None:
        self.does.append("begin")

    def plan(self, request: SwarmRequest, *, by: str, session: str) -> Plan:
        self.requests.append(request)
        pinned = Pinned("guestbook.flask.svc", 8080, ("10.0.0.1",), (), "uid")
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        return Plan("n0nce", session, by, "abc123", request, TARGET, pinned, "It is fenced.", moment)

    def start(self, nonce: str, *, by: str, session: str) -> None:
        self.does.append(f"start {nonce}")

    def row(self, swarm_id: str) -> Mapping[str, Any]:
        self.during()
        row = self.rows.pop(0) if len(self.rows) > 1 else self.rows[0]
        self.recorded_after -= 1
        return {**row, "is_recorded": self.recorded_after < 0}

    def stop(self, *, by: str) -> None:
        self.does.append("stop")

    def end(self, *, by: str) -> Mapping[str, Any] | None:
        self.does.append("end")
        return self.runs

    def found(self) -> Mapping[str, Any] | None:
        return self.runs

    def sleep(self, seconds: float) -> None:
        pass


@dataclass
class Asked:
    """`surgeboard swarm …`; `out` and `err` are what was said last."""

    stream: Callable[..., io.StringIO]
    given: FakeFollowing
    stopping: Stopping = field(default_factory=Stopping)
    out: str = ""
    err: str = ""

    def __call__(self, *words: str, typed: str | None = None) -> Any:
        arguments = cli._parser().parse_args(["swarm", *words])
        there = {"is_terminal": typed is not None}
        out, err = self.stream(), self.stream(**there)
        terminal = Terminal(out, err, self.stream(typed or "", **there), arguments.json, {"TERM": "dumb"})
        cluster = {"name": "here", "server": "https://127.0.0.1"}
        nothing: Any = None
        session = Session(arguments, terminal, nothing, nothing, self.stopping, cluster, Settings())
        following: Any = self.given
        try:
            swarm.check(arguments, terminal)
            return swarm.work(session, lambda _: following)
        finally:
            self.out, self.err = out.getvalue(), err.getvalue()


@pytest.fixture
def asked(stream: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    monkeypatch.chdir(tmp_path)
    return Asked(stream, FakeFollowing([RUNNING, ENDED]))


def test_the_plan_is_shown_then_asked_then_started(asked: Asked) -> None:
    ended = asked("start", "--users", "5", "--why", "to see", typed="y\n")

    assert "5 load users" in asked.err
    assert "at the latest" in asked.err
    assert "Start on here? [y/N]" in asked.err
    assert (ended.status, ended.document["state"]) == (0, "starting")
    assert asked.given.does == ["start n0nce", "close"]
    assert (asked.given.requests[0].users, asked.given.requests[0].note) == (5, "to see")


@pytest.mark.parametrize("typed", ["", "\n", "n\n", "yess\n"])
def test_any_other_answer_starts_nothing(asked: Asked, typed: str) -> None:
    ended = asked("start", typed=typed)

    assert (ended.status, ended.document["state"], asked.given.does) == (1, "cancelled", ["close"])


def test_without_a_terminal_yes_must_be_said(asked: Asked) -> None:
    with pytest.raises(Misused, match="--yes"):
        asked("start")

    assert asked.given.does == []


@pytest.mark.parametrize(
    "words",
    [["--users", "501"], ["--spawn-rate", "0"], ["--duration", "901"], ["--workers", "51"], ["--profile", "storm"],
     ["--target", "HTTP://x"], ["--p95-limit", "1"], ["--failed-limit", "nan"], ["--why", "two\nlines"]],
)  # fmt: skip
def test_past_a_ceiling_is_misuse(asked: Asked, words: list[str]) -> None:
    with pytest.raises(Misused):
        asked("start", "--yes", *words)

    assert asked.given.does == []


def test_every_option_reaches_the_request(asked: Asked) -> None:
    asked(
        "start", "--yes", "--target", "shop", "--users", "7", "--spawn-rate", "3", "--duration", "33s", "--profile",
        "double wave", "--workers", "2", "--no-keep-alive", "--scenario", "own", "--p95-limit", "250",
        "--failed-limit", "2.5", "--why", "so",
    )  # fmt: skip

    assert asked.given.requests == [
        SwarmRequest("shop", 7, 3, 33, "double wave", 2, False, "own", 250, 2.5, "so"),
    ]


def test_without_a_dashboard_nothing_is_left_to_itself(asked: Asked) -> None:
    asked.given.followed = False
    with pytest.raises(Refused, match="Say --wait"):
        asked("start", "--yes")

    assert asked.given.does == ["close"]


@pytest.mark.parametrize(("followed", "does"), [(True, []), (False, ["begin"])])
def test_waiting_goes_on_until_it_is_recorded(asked: Asked, followed: bool, does: list[str]) -> None:
    asked.given.followed, asked.given.recorded_after = followed, 4
    ended = asked("start", "--yes", "--wait")

    assert asked.given.does == [*does, "start n0nce", "close"]
    assert asked.given.recorded_after < 0
    assert (ended.status, ended.document["swarm"]["run_id"]) == (0, "01R")
    assert "The swarm has ended: 82 requests, 1 failed." in asked.out


def test_a_swarm_that_failed_is_a_failure(asked: Asked) -> None:
    asked.given.rows = [RUNNING, {**ENDED, "state": "failed", "error": "all workers are gone"}]
    ended = asked("start", "--yes", "--wait")

    assert (ended.status, ended.document["error"]["sentence"]) == (1, "all workers are gone")


def test_ctrl_c_stops_the_swarm_once_and_waits_for_its_end(asked: Asked) -> None:
    asked.given.rows = [RUNNING, RUNNING, RUNNING, {**RUNNING, "state": "stopping"}, ENDED]
    asked.given.during = lambda: None if asked.stopping.was_asked else asked.stopping._hear(2, None)
    ended = asked("start", "--yes", "--wait")

    assert asked.given.does == ["start n0nce", "stop", "close"]
    assert (ended.status, ended.document["state"]) == (1, "stopped")
    assert "the swarm is quiet" in ended.document["error"]["sentence"]


def test_a_second_ctrl_c_ends_at_once_and_says_what_becomes_of_it(asked: Asked) -> None:
    asked.given.during = lambda: asked.stopping._hear(2, None)
    asked.given.rows = [RUNNING]
    ended = asked("start", "--yes", "--wait")

    assert (ended.status, ended.document["state"]) == (1, "cancelled")
    assert "ends by itself" in ended.document["error"]["sentence"]


@pytest.mark.parametrize("words", [["stop"], ["status"]])
def test_where_none_runs_all_is_well(asked: Asked, words: list[str]) -> None:
    ended = asked(*words)

    assert (ended.status, ended.document["state"], ended.document["swarm"]) == (0, "none", None)
    assert "No swarm runs" in asked.out


def test_stop_and_status_tell_of_the_one_that_runs(asked: Asked) -> None:
    asked.given.runs = RUNNING
    assert asked("status").document["swarm"]["users"] == 5
    assert "5 load users, 6 requests/s" in asked.out

    assert asked("stop").status == 0
    assert "no load is left" in asked.out


def test_no_document_holds_the_nonce(asked: Asked) -> None:
    ended = asked("start", "--yes", "--wait", "--json")

    assert set(ended.document) == KEYS
    assert "n0nce" not in str(ended.document) + asked.out + asked.err
