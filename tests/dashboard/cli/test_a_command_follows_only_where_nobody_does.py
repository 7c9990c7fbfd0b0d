"""Following a swarm from a command: beside a dashboard it reads that one's record, without one it follows by itself."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from dashboard.cli.swarm_following import LOST_S, OTHERS_S, QUIET_S, Following
from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.settings import Target
from dashboard.store.views import Views

JOB = {
    "metadata": {"name": "swarm-abc123-master", "creationTimestamp": "2026-01-01T10:00:00Z"},
    "spec": {"template": {"spec": {"containers": [{"name": "master", "env": []}]}}},
}
SECRET = {"data": {"token": base64.b64encode(b"secret").decode()}}
POD = {"metadata": {"name": "master-pod"}, "status": {"phase": "Running"}}


class Answer:
    status = 200

    def read(self) -> bytes:
        return b'{"state": "stopping", "users": 5}'


class FakeCore:
    """A core whose parts note what they are asked for; it is its own client, swarms, archive, audit and watching."""

    def __init__(self) -> None:
        self.views = Views()
        self.client = self.swarms = self.archive = self.audit = self.watching = self
        self.targets = {"guestbook": Target("guestbook", "flask", "guestbook", 8080)}
        self.has_synced = True
        self.jobs: list[Any] = [JOB]
        self.pods: list[Any] = [POD]
        self.run: dict[str, Any] | None = None
        self.document_of_run: dict[str, Any] = {}
        self.is_active = False
        self.does: list[str] = []

    def start(self) -> None:
        self.does.append("start")

    def list(self, path: str, *, query: Any = None) -> list[Any]:
        return self.jobs if path.endswith("/jobs") else self.pods

    def get(self, path: str) -> Any:
        return SECRET

    def proxy_pod(self, *asked: Any, timeout: Any) -> Answer:
        self.does.append(f"{asked[4]} {asked[3]}")
        return Answer()

    def of_swarm(self, swarm_id: str) -> dict[str, Any] | None:
        return self.run

    def document(self, run_id: str) -> dict[str, Any]:
        return self.document_of_run

    def write(self, action: str, **given: Any) -> None:
        self.does.append(f"record {action}")

    def adopt(self) -> None:
        self.does.append("adopt")
        self.is_active = bool(self.jobs)

    def stop(self, *, by: str) -> None:
        self.does.append("stop")

    def tick(self) -> None:
        self.is_active = False
        self.views.put("swarm", "current", {"id": "abc123", "state": "stopped", "users": 0})


class Given:
    """A Following on it, with a clock that sleeping moves."""

    def __init__(self) -> None:
        self.core = FakeCore()
        self.is_followed = True
        self.seconds = 0.0
        core: Any = self.core
        self.following = Following(core, lambda: self.is_followed, lambda: self.seconds, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def given() -> Given:
    return Given()


def test_beside_a_dashboard_its_record_is_read_and_nothing_is_asked(given: Given) -> None:
    assert given.following.row("abc123")["state"] == "starting"

    given.core.run = {"run_id": "01R", "state": "recording", "requests": 9, "failures": 1}
    sample = {"users": 5, "rps": 6.0, "p95_ms": 40, "failed_percent": 0.0}
    given.core.document_of_run = {"samples": [sample], "swarm_state": "running", "swarm_error": None, "totals": None}
    row = given.following.row("abc123")

    assert (row["state"], row["users"], row["requests"], row["is_recorded"]) == ("running", 5, 9, False)
    given.core.run["state"] = "complete"
    assert given.following.row("abc123")["is_recorded"]
    assert given.core.does == []


def test_when_the_dashboard_goes_away_it_follows_by_itself(given: Given) -> None:
    given.is_followed = False
    assert given.following.row("abc123")["state"] == "starting"
    assert (given.core.does, given.following.is_own) == (["start"], True)

    given.core.views.put("swarm", "current", {"id": "abc123", "state": "running", "users": 5})
    given.core.views.put("recording", "current", {"state": "recording"})
    row = given.following.row("abc123")
    assert (row["state"], row["users"], row["is_recorded"]) == ("running", 5, False)


def test_a_swarm_that_is_not_found_again_is_lost(given: Given) -> None:
    given.is_followed = False
    given.following.row("abc123")
    given.seconds += LOST_S

    assert given.following.row("abc123")["state"] == "failed"


def test_a_cluster_that_cannot_be_read_is_told(given: Given) -> None:
    given.core.has_synced = False
    with pytest.raises(Refused, match="could not be read"):
        given.following.begin()


def test_beside_a_dashboard_the_master_is_told_to_stop_and_the_pods_end_is_awaited(given: Given) -> None:
    given.following.sleep = lambda seconds: given.core.pods.clear()
    row = given.following.end(by="me")

    assert row == {"id": "abc123", "state": "stopped", "error": None}
    assert given.core.does == ["record swarm stop", "POST /stop"]


def test_a_dashboard_that_does_not_see_it_through_is_not_waited_for_for_ever(given: Given) -> None:
    row = given.following.end(by="me")

    assert given.seconds > QUIET_S
    assert given.core.does == ["record swarm stop", "POST /stop", "adopt", "stop"]
    assert (row or {})["state"] == "stopped"


def test_without_a_dashboard_it_sees_the_stop_through(given: Given) -> None:
    given.is_followed = False
    assert (given.following.end(by="me") or {})["users"] == 0
    assert OTHERS_S <= given.seconds < QUIET_S  # somebody may follow it from elsewhere
    assert given.core.does[-2:] == ["adopt", "stop"]


def test_where_none_runs_there_is_nothing_to_do(given: Given) -> None:
    given.core.jobs = []

    assert given.following.end(by="me") is None
    assert given.following.found() is None
    given.following.stop(by="me")
    assert given.core.does == []


def test_a_master_that_does_not_answer_yet_is_starting(given: Given) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise errors.ApiError(503, "ServiceUnavailable", "no")

    given.core.proxy_pod = away  # type: ignore[method-assign]
    assert (given.following.found() or {})["state"] == "starting"
