"""L11: who started and stopped what, from where, with which caps and totals: on record, and as an Event."""

from __future__ import annotations

import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from dashboard.audit import Asker, Audit, asking
from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.load.request import SwarmRequest

START = {"users": 20, "spawn_rate": 10, "duration_s": 180, "workers": 1, "profile": "steady"}


@pytest.fixture(autouse=True)
def asked_from_a_browser() -> Any:
    token = asking.set(Asker("operator", "127.0.0.1", "session-7", "loadtest"))
    yield
    asking.reset(token)


def test_a_swarm_leaves_a_line_for_its_start_its_stop_and_its_end(driver: Any) -> None:
    swarm_id = driver.start(SwarmRequest(users=20, note="before the release"))
    driver.cluster.running(users=20)
    driver.tick()
    driver.swarms.set_users(30, 5, by="operator")
    driver.swarms.stop(by="visitor")
    driver.tick(2)

    start, users, stop, end = driver.record()
    assert {each["swarm"] for each in (start, users, stop, end)} == {swarm_id}
    assert (start["action"], start["outcome"], start["by"]) == ("swarm start", "started", "operator")
    assert (start["from"], start["session"], start["capability"]) == ("127.0.0.1", "session-7", "loadtest")
    assert start["target"] == {"id": "guestbook", "namespace": "flask", "service": "guestbook", "port": 8080}
    assert (start["caps"], start["why"], start["addresses"]) == (START, "before the release", ["10.96.0.7"])
    assert (users["action"], users["users"]) == ("swarm users", 30)
    assert (stop["action"], stop["by"]) == ("swarm stop", "visitor")
    assert (end["action"], end["outcome"], end["totals"]) == ("swarm end", "stopped", {"requests": 100, "failures": 0})


def test_a_refused_start_is_on_record_with_its_reason(driver: Any) -> None:
    driver.start()
    with pytest.raises(Refused):
        driver.start()
    last = driver.record()[-1]
    assert (last["outcome"], "active already" in last["why"]) == ("refused", True)


def test_neither_token_nor_nonce_is_in_the_record_the_events_or_any_row(driver: Any) -> None:
    plan = driver.starting.plan(SwarmRequest(), by="operator", session="s")
    driver.starting.start(plan.nonce, by="operator", session="s")
    driver.cluster.running()
    driver.tick()
    driver.swarms.stop(by="operator")
    driver.tick(2)
    (token,) = driver.cluster.tokens
    told = driver.audit.path.read_text() + repr(driver.cluster.events) + repr(driver.rows) + repr(driver.story)
    assert plan.nonce not in told + repr(plan)
    assert token not in told


def test_the_cluster_is_told_of_start_and_stop(driver: Any) -> None:
    driver.start()
    driver.cluster.running()
    driver.tick()
    driver.swarms.stop(by="operator")
    driver.tick(2)
    assert [each["reason"] for each in driver.cluster.events] == ["SwarmStarted", "SwarmStopped"]
    about = driver.cluster.events[0]["involvedObject"]
    assert (about["kind"], about["namespace"], about["name"]) == ("Service", "flask", "guestbook")
    assert "operator sends 60 load users" in driver.cluster.events[0]["message"]


def test_an_event_that_cannot_be_written_is_said_in_the_log_and_stops_nothing(
    driver: Any, caplog: pytest.LogCaptureFixture
) -> None:
    create = driver.cluster.create

    def refuses_events(path: str, manifest: Any) -> Any:
        if path.endswith("/events"):
            raise errors.Forbidden(403, "Forbidden", "events is forbidden")
        return create(path, manifest)

    driver.cluster.create = refuses_events
    driver.start()
    assert driver.swarms.is_active
    assert "SwarmStarted" in caplog.text


def test_what_cannot_be_recorded_is_not_started_but_can_be_stopped(driver: Any) -> None:
    driver.audit.path.mkdir(parents=True)
    with pytest.raises(Refused, match="audit record cannot be"):
        driver.start()
    assert driver.cluster.objects == {}
    driver.audit.path.rmdir()
    driver.start()
    driver.audit.path.unlink()
    driver.audit.path.mkdir()
    driver.swarms.stop(by="operator")
    driver.tick()
    assert driver.cluster.objects == {}


def test_a_record_that_somebody_laid_elsewhere_is_not_written_to(driver: Any, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch()
    driver.audit.path.symlink_to(other)
    with pytest.raises(Refused, match="audit record cannot be written"):
        driver.start()
    assert (driver.cluster.objects, other.read_text()) == ({}, "")


def test_the_file_is_its_owners_alone_and_only_grows(driver: Any) -> None:
    driver.start()
    path = driver.audit.path
    before = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    driver.swarms.stop(by="operator")
    assert path.read_bytes().startswith(before)


def test_lines_of_many_writers_stay_whole_and_a_text_cannot_fake_one(driver: Any) -> None:
    audit: Audit = driver.audit
    fake = 'x\n{"action": "swarm start", "outcome": "started"}'
    writers = [
        threading.Thread(target=audit.write, args=("deploy",), kwargs={"by": fake, "outcome": "begun", "n": "x" * 400})
        for _ in range(31)
    ]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert [each["action"] for each in driver.record()] == ["deploy"] * 31
