"""The plan names what would happen; its nonce does just that, once; whatever is in the way refuses in a sentence."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dashboard.audit import Audit
from dashboard.confirming import VALID_S, Plans
from dashboard.data.killing import Killing
from dashboard.data.outage import Outcome, Written
from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.kube.rules import rule_of
from dashboard.settings import Target

APP = Target("guestbook", "flask", "guestbook", 8080, ("/",))
BY = {"by": "operator", "session": "s1"}


class Writes:
    """Test writes on the fake clock: ten a second, as the app behind them answers."""

    def __init__(self, write: Callable[[int], Outcome], clock: Callable[[], float]) -> None:
        self._write, self._clock = write, clock
        self._began: float | None = None
        self._done: list[Written] = []
        self._over = False

    def start(self) -> None:
        self._began = self._clock()

    def stop(self) -> None:
        self.written()
        self._over = True

    def written(self) -> list[Written]:
        if self._began is not None and not self._over:
            for number in range(len(self._done), int((self._clock() - self._began) * 10)):
                at = self._began + number / 10
                self._done.append(Written(number, at, at + 0.01, self._write(number)))
        return list(self._done)


class Cluster:
    """What is deleted and announced. Levers: `refuse` the delete, `node_ready`, `on_delete`."""

    def __init__(self, app: Any) -> None:
        self.proxy_service = app.proxy_service
        self.deleted: list[tuple[str, str | None, int | None]] = []
        self.events: list[Mapping[str, Any]] = []
        self.refuse: errors.ApiError | None = None
        self.node_ready: str | errors.ApiError = "True"
        self.on_delete: Callable[[], None] = lambda: None

    def get(self, path: str) -> Any:
        assert path == "/api/v1/nodes/local"
        if isinstance(self.node_ready, errors.ApiError):
            raise self.node_ready
        return {"status": {"conditions": [{"type": "Ready", "status": self.node_ready}]}}

    def delete(self, path: str, *, uid: str | None, grace_period_seconds: int | None) -> Any:
        if self.refuse is not None:
            raise self.refuse
        self.deleted.append((path.rpartition("/")[2], uid, grace_period_seconds))
        self.on_delete()
        return {}

    def create(self, path: str, body: Mapping[str, Any]) -> Any:
        self.events.append(body)
        return body


class Lab:
    """Everything around one `Killing`, on a clock of its own. Work in the background waits for `run`."""

    def __init__(self, world: Any, app: Any, clock: Any, folder: Path) -> None:
        self.world, self.app, self.clock = world, app, clock
        self.cluster = Cluster(app)
        self.audit_path = folder / "audit.jsonl"
        self.rows: list[Mapping[str, Any]] = []
        self.told: list[tuple[str, str, Mapping[str, Any]]] = []
        self.background: list[Callable[[], None]] = []
        self.killing = Killing(
            self.cluster, APP, world.picture, self.rows.append, self._note, Audit(self.audit_path, clock.now),
            clock.now, clock, clock.sleep, self.background.append, Plans(clock), Writes,  # type: ignore[arg-type]
        )  # fmt: skip
        self.cluster.on_delete = self.fail_over

    def _note(self, kind: str, text: str, **more: Any) -> None:
        self.told.append((kind, text, more))

    def fail_over(self, *, down_s: float = 2.2, back_s: float = 8.0) -> None:
        """The primary dies; another is elected after a while, and the killed one comes back later."""
        died, killed = self.clock(), self.world.primary
        self.world.primary, self.world.states[killed] = None, "DOWN"
        del self.world.pods[killed]
        self.app.status, self.app.outcome = 503, "refused"

        def pass_time() -> None:
            if self.clock() - died > down_s and self.world.primary is None:
                self.world.primary, self.world.term, self.world.elected_at = "mongo-2", 5, self.clock.now()
                self.app.status, self.app.outcome = 201, "confirmed"
            if self.clock() - died > back_s and killed not in self.world.pods:
                self.world.states[killed] = "SECONDARY"
                self.world.reborn(killed, "127.64.1.9")

        self.clock.on_sleep = pass_time

    def run(self) -> Mapping[str, Any]:
        self.background.pop()()
        return self.rows[-1]

    def kill(self) -> Mapping[str, Any]:
        self.killing.kill(self.killing.plan(**BY).nonce, **BY)
        return self.run()

    def audit(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.audit_path.read_text().splitlines()]


@pytest.fixture
def lab(world: Any, app: Any, clock: Any, tmp_path: Path) -> Lab:
    return Lab(world, app, clock, tmp_path)


def refused(work: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as found:
        work()
    return found.value.sentence


def test_the_plan_names_the_pod_what_happens_and_what_is_at_risk_and_changes_nothing(lab: Lab) -> None:
    document = lab.killing.plan(**BY).document()
    lines = {each["label"]: each["text"] for each in document["lines"]}
    assert (document["pod"], document["valid_s"], lines["Who"]) == ("mongo-0", VALID_S, "operator")
    assert lines["Killed"] == "Pod mongo-0 in mongodb on node local, the primary."
    assert "mongo-1 and mongo-2 elect a primary (2 votes are needed, 2 are left)" in lines["Then"]
    assert "nothing may be written" in lines["At risk"]
    assert (lab.cluster.deleted, lab.app.markers, lab.rows) == ([], {}, [])


def test_a_confirmed_kill_is_measured_to_its_end(lab: Lab) -> None:
    row = lab.kill()
    assert (row["state"], row["new_primary"], row["verdict"]["lost"]) == ("done", "mongo-2", 0)
    assert lab.cluster.deleted == [("mongo-0", "uid-mongo-0", 0)]
    assert 2000 <= row["outage_ms"] <= 3200
    assert 2000 <= row["elected_ms"] <= 3000
    assert 8000 <= row["back_ms"] <= 9500
    counts = row["counts"]
    assert row["verdict"]["checked"] == counts["confirmed"] > 60
    assert counts["refused"] >= 15
    assert row["sentence"].startswith("Nothing was confirmed for ")
    assert f"; {counts['refused']} of {counts['sent']} writes were refused or have no known end. " in row["sentence"]
    assert "It was no handover: no primary was heard of for the election timeout." in row["sentence"]
    assert row["sentence"].endswith(f"0 of {counts['confirmed']} confirmed writes lost.")
    assert {each["state"] for each in row["steps"]} == {"done"}
    assert any(failed for _, _, failed in row["buckets"])


def test_every_step_of_it_is_told_as_it_happens(lab: Lab) -> None:
    lab.kill()
    states = [row["state"] for row in lab.rows]
    assert list(dict.fromkeys(states)) == ["measuring", "killing", "recovering", "verifying", "done"]
    during = next(row for row in lab.rows if row["state"] == "recovering" and row["counts"]["refused"] > 6)
    assert (during["sentence"], during["outage_ms"]) == ("Nothing is confirmed since mongo-0 was killed.", None)
    assert [each["state"] for each in during["steps"]] == ["done", "done", "now", "ahead", "ahead", "ahead"]


def test_it_is_on_record_in_the_story_and_in_the_cluster(lab: Lab) -> None:
    lab.kill()
    assert [(line["action"], line["outcome"]) for line in lab.audit()] == [
        ("kill primary", "begun"), ("kill primary end", "done"),
    ]  # fmt: skip
    assert lab.audit()[0]["target"]["uid"] == "uid-mongo-0"
    kind, text, more = lab.told[0]
    assert (kind, more["flag"], more["about"]["name"]) == ("failover", "kill", "mongo-0")
    assert text == "operator killed the primary mongo-0 to see a failover"
    assert "confirmed writes lost" in lab.told[-1][1]
    (event,) = lab.cluster.events
    assert (event["reason"], event["involvedObject"]["kind"]) == ("PrimaryKilled", "StatefulSet")


def test_a_quick_change_of_primary_may_interrupt_nothing(lab: Lab) -> None:
    def at_once() -> None:
        lab.fail_over(back_s=5.0)
        lab.world.primary, lab.world.term, lab.world.reason = "mongo-1", 5, "stepUpRequestSkipDryRun"
        lab.app.status, lab.app.outcome = 201, "confirmed"

    lab.cluster.on_delete = at_once
    row = lab.kill()
    assert row["sentence"].startswith("Writing was not interrupted: at most 0.1 s passed between two confirmations.")
    assert "It was a handover, not a crash: mongo-0 let mongo-1 be elected before it ended." in row["sentence"]
    assert (row["outage_ms"], row["outage_from_ms"]) == (100, None)
    assert next(each for each in row["steps"] if each["id"] == "elect")["text"].endswith("as it was told to stop")


def test_a_confirmed_write_that_is_not_there_is_named(lab: Lab) -> None:
    lab.app.lose = {3, 5}
    row = lab.kill()
    assert (row["verdict"]["lost"], row["verdict"]["lost_numbers"], row["tone"]) == (2, [3, 5], "failed")
    assert row["sentence"].endswith("Confirmed and not there: #3, #5.")


def test_the_same_nonce_kills_once(lab: Lab) -> None:
    plan = lab.killing.plan(**BY)
    assert lab.killing.kill(plan.nonce, **BY) is lab.killing.kill(plan.nonce, **BY)
    lab.run()
    assert (len(lab.cluster.deleted), lab.background) == (1, [])


def test_a_nonce_holds_for_its_session_and_two_minutes(lab: Lab) -> None:
    plan = lab.killing.plan(**BY)
    assert "not valid any more" in refused(lambda: lab.killing.kill(plan.nonce, by="operator", session="other"))
    lab.clock.seconds += VALID_S + 1
    assert "not valid any more" in refused(lambda: lab.killing.kill(plan.nonce, **BY))
    assert lab.background == []


def test_while_one_runs_no_other_begins(lab: Lab) -> None:
    first, second = lab.killing.plan(**BY), lab.killing.plan(**BY)
    lab.killing.kill(first.nonce, **BY)
    assert "already" in refused(lambda: lab.killing.kill(second.nonce, **BY))
    assert "already" in refused(lambda: lab.killing.plan(**BY))
    lab.run()
    assert lab.killing.plan(**BY).pod == "mongo-2"


def test_a_primary_that_changed_since_the_plan_is_not_killed(lab: Lab) -> None:
    plan = lab.killing.plan(**BY)
    lab.world.primary, lab.world.term = "mongo-1", 5
    assert refused(lambda: lab.killing.kill(plan.nonce, **BY)).startswith("mongo-1 is primary by now")
    assert lab.background == []


def test_a_set_without_a_spare_member_refuses_and_says_why(lab: Lab) -> None:
    lab.world.states["mongo-1"] = "DOWN"
    sentence = refused(lambda: lab.killing.plan(**BY))
    assert "mongo-1 is not there: without mongo-0 there would be 1 of the 2 votes" in sentence
    assert lab.audit()[-1]["outcome"] == "refused"


def test_a_node_that_does_not_answer_refuses(lab: Lab) -> None:
    lab.cluster.node_ready = "Unknown"
    assert "its node local does not answer" in refused(lambda: lab.killing.plan(**BY))


def test_a_node_that_may_not_be_read_is_said_in_the_plan(lab: Lab) -> None:
    lab.cluster.node_ready = errors.Forbidden(403, "Forbidden", "nodes is forbidden")
    risk = next(each["text"] for each in lab.killing.plan(**BY).document()["lines"] if each["label"] == "At risk")
    assert "may not be read" in risk


def test_an_app_that_takes_no_test_writes_refuses(lab: Lab) -> None:
    lab.app.too_old = True
    assert "older than this dashboard" in refused(lambda: lab.killing.plan(**BY))
    lab.app.too_old, lab.app.error = False, errors.Unreachable("no endpoints available")
    assert "cannot be reached" in refused(lambda: lab.killing.plan(**BY))


def test_an_app_that_confirms_nothing_ends_it_before_the_kill(lab: Lab) -> None:
    lab.app.status, lab.app.outcome = 503, "refused"
    row = lab.kill()
    assert (row["state"], lab.cluster.deleted) == ("failed", [])
    assert "so nothing was killed" in row["sentence"]
    assert lab.audit()[-1]["outcome"] == "failed"


def test_a_delete_that_is_denied_kills_nothing_and_names_the_right(lab: Lab) -> None:
    denied = errors.Forbidden(403, "Forbidden", "pods is forbidden")
    denied.rule = rule_of("delete", "/api/v1/namespaces/mongodb/pods/mongo-0")
    lab.cluster.refuse = denied
    row = lab.kill()
    assert (row["state"], row["killed_at"]) == ("failed", None)
    assert row["error"] == (
        "The cluster does not allow killing the pod. It needs delete pods mongo-0 in namespace mongodb."
    )
    assert [kind for kind, _, _ in lab.told] == ["warning"]


def test_a_pod_replaced_at_that_very_moment_is_left_alone(lab: Lab) -> None:
    lab.cluster.refuse = errors.Conflict(409, "Conflict", "uid does not match")
    assert "was replaced at this moment" in str(lab.kill()["error"])


def test_a_member_that_does_not_come_back_is_told_after_patience_ends(lab: Lab) -> None:
    lab.cluster.on_delete = lambda: lab.fail_over(back_s=10_000)
    row = lab.kill()
    assert (row["state"], row["back_ms"], row["verdict"]["lost"]) == ("done", None, 0)
    assert next(each for each in row["figures"] if each["id"] == "back")["value"] == "–"
    assert row["sentence"].endswith("mongo-0 was not back within 120 s.")
    assert row["tone"] == "partial"


def test_writes_that_are_never_confirmed_again_are_not_called_uninterrupted(lab: Lab) -> None:
    lab.cluster.on_delete = lambda: setattr(lab.app, "status", 503)
    row = lab.kill()
    assert (row["state"], row["tone"], row["again_ms"]) == ("done", "partial", None)
    assert row["sentence"].startswith("Nothing is confirmed since mongo-0 was killed. 0 of ")
    again = next(each for each in row["steps"] if each["id"] == "again")
    assert (again["state"], again["text"]) == ("ahead", "")


def test_what_nobody_expected_ends_it_too(lab: Lab) -> None:
    lab.cluster.on_delete = lambda: 1 / 0
    row = lab.kill()
    assert (row["state"], row["active"]) == ("failed", False)
    assert "went wrong" in row["error"]


def test_a_kill_without_an_answer_is_not_claimed(lab: Lab) -> None:
    lab.cluster.refuse = errors.Unreachable("no answer in time")
    row = lab.kill()
    assert (row["state"], row["killed_at"]) == ("failed", None)
    assert "did not say whether it killed mongo-0" in row["error"]


def test_a_kill_that_nobody_can_put_on_record_does_not_happen(lab: Lab) -> None:
    plan = lab.killing.plan(**BY)
    lab.audit_path.mkdir()
    assert "nothing is done" in refused(lambda: lab.killing.kill(plan.nonce, **BY))
    assert (lab.background, lab.cluster.deleted) == ([], [])
    lab.audit_path.rmdir()
    assert lab.kill()["state"] == "done"


def test_two_confirmations_at_once_begin_one_kill(lab: Lab) -> None:
    plan = lab.killing.plan(**BY)
    threads = [threading.Thread(target=lab.killing.kill, args=(plan.nonce,), kwargs=BY) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(lab.background) == 1
