"""Agents' answers become one picture; what nobody says is unknown."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.data import rows
from dashboard.data.judging import judged
from dashboard.data.picture import picture, why_no_kill


def member_rows(world: Any) -> dict[str, dict[str, Any]]:
    seen = world.picture()
    return {each.name: rows.member(each, seen) for each in seen.members}


def set_row(world: Any, **more: Any) -> dict[str, Any]:
    about = {"deployed": True, "rule": None, "detail": None, "at": "2026-11-23T12:00:00Z", **more}
    return rows.of_set(world.picture(), **about)


def fact(row: dict[str, Any], label: str) -> str:
    return next(str(each["value"]) for each in row["facts"] if each["label"] == label)


def test_a_healthy_set_says_who_leads_and_how_far_the_others_are_behind(world: Any) -> None:
    row = set_row(world)
    assert (row["state"], row["tone"], row["primary"], row["term"]) == ("ok", "ok", "mongo-0", 4)
    assert row["sentence"] == "mongo-0 is primary, mongo-1 and mongo-2 follow, 0.1 s behind at most."
    assert (row["members"], row["alive"], row["majority"], row["answering"]) == (3, 3, 2, 3)
    assert row["why_no_kill"] is None


def test_members_are_told_with_name_role_and_figures(world: Any) -> None:
    found = member_rows(world)
    first, second = found["mongo-0"], found["mongo-1"]
    assert (first["word"], first["tone"], first["star"], first["told_by"]) == ("primary", "ready", True, None)
    assert second["dns"] == "mongo-1.mongo.mongodb.svc.cluster.local"
    assert (fact(first, "writes"), fact(second, "behind the primary")) == ("come here", "0.1 s")
    assert (fact(second, "last heartbeat"), fact(second, "copies from")) == ("0.4 s ago", "mongo-0")
    assert (fact(second, "votes, priority"), fact(second, "oplog window")) == ("1, 1", "3.0 h")
    assert fact(second, "oplog size") == "88 KiB of 128.0 MiB"
    assert fact(second, "data, on disk") == "2 KiB, 5.0 MiB"
    assert (fact(second, "mongod"), fact(second, "up for")) == ("6.0.5", "14 min")


def test_an_entry_that_only_the_primary_has_heard_of_is_no_lag(world: Any) -> None:
    answers = world.answers()
    answers["mongo-0"].status.of("mongo-2").lag_seconds = 10.0
    seen = picture(world.rows(), answers)
    assert (seen.find("mongo-2").lag, seen.find("mongo-1").lag) == (0.1, 0.1)  # type: ignore[union-attr]
    world.silent, world.lags["mongo-2"] = {"mongo-2"}, 10.0
    assert world.picture().find("mongo-2").lag == 10.0


def test_a_member_that_says_nothing_is_told_of_by_the_primary(world: Any) -> None:
    world.silent = {"mongo-2"}
    world.states["mongo-2"] = "DOWN"
    row = member_rows(world)["mongo-2"]
    assert (row["word"], row["tone"], row["told_by"]) == ("down", "trouble", "mongo-0")
    assert row["trouble"] == "Its agent does not answer. mongo-0 says: “no answer”."
    assert {fact(row, label) for label in ("behind the primary", "oplog window", "mongod", "up for")} == {"–"}
    assert (
        set_row(world)["sentence"]
        == "mongo-0 is primary. mongo-2 is not there: if another is lost, nothing can be written."
    )


HOST = "mongo-2.mongo.mongodb.svc.cluster.local:27017"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (f"Error connecting to {HOST} :: caused by :: Could not find address for {HOST}: cut",
         "its name leads nowhere yet"),
        ("Error connecting to mongo-2:27017 (127.64.1.7:27017) :: caused by :: Connection refused",
         "nothing listens at its address"),
        ("Couldn't get a connection within the time limit of 500ms", "it does not answer in time"),
        ("Request failed :: caused by :: Connection reset by peer", "it broke the connection off"),
        ("The server is in quiesce mode and will shut down; shutting down", "it is shutting down"),
        ("something of its own", "“something of its own”"),
    ],
)  # fmt: skip
def test_why_a_member_is_not_heard_is_told_in_words_for_people(world: Any, words: str, told: str) -> None:
    world.states["mongo-2"], world.silent = "DOWN", {"mongo-2"}
    world.trouble = words
    assert member_rows(world)["mongo-2"]["trouble"] == f"Its agent does not answer. mongo-0 says: {told}."


@pytest.mark.parametrize(
    ("state", "words"),
    [("RECOVERING", "not known while it recovers"), ("STARTUP2", "not known while it copies")],
)
def test_a_member_that_is_not_back_yet_has_no_lag_that_could_be_counted(world: Any, state: str, words: str) -> None:
    world.states["mongo-2"], world.lags["mongo-2"] = state, None
    row = member_rows(world)["mongo-2"]
    assert (row["lag_seconds"], fact(row, "behind the primary")) == (None, words)


def test_what_was_heard_of_a_former_pod_says_nothing_of_its_successor(world: Any) -> None:
    world.silent = {"mongo-2"}
    assert member_rows(world)["mongo-2"]["told_by"] == "mongo-0"
    world.reborn("mongo-2", "127.64.1.9")
    world.pods["mongo-2"]["ready_at"] = None
    row = member_rows(world)["mongo-2"]
    assert (row["state"], row["word"], row["told_by"], row["lag_seconds"]) == (None, "starting", None, None)
    assert (fact(row, "last heartbeat"), fact(row, "votes, priority")) == ("–", "1, 1")
    assert (set_row(world)["word"], set_row(world)["alive"]) == ("2 of 3 members", 2)
    assert why_no_kill(world.picture()) is not None
    del world.pods["mongo-2"]
    assert member_rows(world)["mongo-2"]["state"] is None
    assert set_row(world)["state"] == "degraded"


def test_what_is_heard_of_the_pod_that_is_there_counts(world: Any) -> None:
    world.silent = {"mongo-2"}
    world.pods["mongo-2"]["created_at"] = "2026-11-23T11:59:50Z"
    assert member_rows(world)["mongo-2"]["word"] == "secondary"
    world.pods["mongo-2"]["created_at"] = "2026-11-23T11:59:59Z"
    assert member_rows(world)["mongo-2"]["word"] == "unknown"
    world.pods["mongo-2"] |= {"created_at": "2026-11-23T11:59:40Z", "ready_at": None}
    assert member_rows(world)["mongo-2"]["word"] == "secondary"


def test_a_former_mongod_that_still_answers_is_not_its_successor(world: Any) -> None:
    world.silent = {"mongo-2"}
    world.pods["mongo-2"] |= {"created_at": "2026-11-23T11:59:55Z", "ready_at": None}
    assert member_rows(world)["mongo-2"]["word"] == "starting"
    assert set_row(world)["state"] == "degraded"


def test_without_any_agent_nothing_is_claimed(world: Any) -> None:
    world.silent = {"mongo-0", "mongo-1", "mongo-2"}
    row = set_row(world)
    assert (row["state"], row["primary"], row["term"], row["alive"]) == ("unanswered", None, None, 0)
    assert {each["word"] for each in member_rows(world).values()} == {"unknown"}


def test_members_that_were_never_ready_are_starting(world: Any) -> None:
    world.silent = {"mongo-0", "mongo-1", "mongo-2"}
    for pod in world.pods.values():
        pod["ready_at"] = None
    assert set_row(world)["state"] == "starting"


def test_denied_agents_are_denied_and_not_silent(world: Any) -> None:
    world.denied = True
    row = set_row(world, rule={"sentence": "needs get pods/proxy in namespace mongodb"}, detail="forbidden")
    assert (row["state"], row["rule"]["sentence"]) == ("forbidden", "needs get pods/proxy in namespace mongodb")
    assert member_rows(world)["mongo-1"]["trouble"] == "What its agent says may not be read."


def test_a_database_that_may_not_be_seen_is_not_called_absent() -> None:
    judgement = judged(picture([], {}), deployed=False, denied=False, unseen=True)
    assert (judgement.state, "not deployed" in judgement.sentence) == ("forbidden", False)


def test_what_is_no_agents_answer_is_no_answer(world: Any) -> None:
    world.garbled = {"mongo-1"}
    row = member_rows(world)["mongo-1"]
    assert "cannot be read" in row["trouble"]
    assert (row["word"], row["told_by"]) == ("secondary", "mongo-0")


def test_without_a_primary_it_says_why_nothing_can_be_written(world: Any) -> None:
    world.primary = None
    assert "the members are electing one" in set_row(world)["sentence"]
    world.states |= {"mongo-1": "DOWN", "mongo-2": "RECOVERING"}
    assert "only 1 of the 2 votes" in set_row(world)["sentence"]


def test_two_that_call_themselves_primary_are_told_apart_by_their_terms(world: Any) -> None:
    answers = world.answers()
    stale = answers["mongo-1"].status
    stale.state, stale.term = "PRIMARY", 3
    seen = picture(world.rows(), answers)
    assert seen.primary is not None
    assert (seen.primary.name, seen.witness.term if seen.witness else None) == ("mongo-0", 4)
    stale.term = 4
    assert picture(world.rows(), answers).primary is None


def test_a_member_without_a_pod_stays_on_the_page(world: Any) -> None:
    del world.pods["mongo-1"]
    world.states["mongo-1"] = "DOWN"
    row = member_rows(world)["mongo-1"]
    assert (row["uid"], row["word"], row["trouble"]) == (
        None,
        "down",
        "Its pod is not there. mongo-0 says: “no answer”.",
    )


def test_a_pod_that_is_ending_is_ending_whatever_its_mongod_says(world: Any) -> None:
    world.pods["mongo-1"]["deleted_at"] = "2026-11-23T12:00:00Z"
    assert member_rows(world)["mongo-1"]["tone"] == "ending"


@pytest.mark.parametrize(
    ("deployed", "state"), [(False, "absent"), (True, "starting")], ids=["nothing deployed", "no pod yet"]
)
def test_before_there_is_a_pod(deployed: bool, state: str) -> None:
    assert judged(picture([], {}), deployed=deployed, denied=False).state == state


def test_a_set_that_is_being_made_says_so(world: Any) -> None:
    world.primary, world.states = None, dict.fromkeys(world.states, "NOT_INITIATED")
    assert set_row(world)["state"] == "starting"


def test_a_set_of_which_the_first_mongods_just_answer_is_being_made_too(world: Any) -> None:
    world.primary, world.states = None, {"mongo-0": "NOT_INITIATED", "mongo-1": "UNKNOWN", "mongo-2": "UNKNOWN"}
    assert set_row(world)["state"] == "starting"


def test_agents_that_reach_no_mongod_know_nothing(world: Any) -> None:
    world.primary, world.states = None, dict.fromkeys(world.states, "UNKNOWN")
    row = set_row(world)
    assert (row["state"], row["sentence"]) == (
        "unanswered", "The agents answer, but none of them reaches its mongod, so nothing is known of the set.",
    )  # fmt: skip


def test_an_older_agent_tells_less_and_that_is_known(world: Any) -> None:
    status = world.status("mongo-1")
    older = {key: status[key] for key in ("member", "state", "primary", "set", "detail")}
    older["members"] = [{key: each[key] for key in ("name", "state", "lag_seconds")} for each in status["members"]]
    world.status = lambda _name: {**older, "member": _name, "state": world.state(_name)}
    row = member_rows(world)["mongo-1"]
    assert (row["word"], fact(row, "behind the primary"), fact(row, "mongod")) == ("secondary", "0.1 s", "–")


class TestTheKillIsRefused:
    def why(self, world: Any) -> str:
        return why_no_kill(world.picture()) or ""

    def test_when_too_few_votes_would_be_left(self, world: Any) -> None:
        world.states["mongo-2"] = "RECOVERING"
        assert self.why(world).startswith("mongo-2 is not there: without mongo-0 there would be 1 of the 2 votes")

    def test_without_a_primary(self, world: Any) -> None:
        world.primary = None
        assert "There is no primary now" in self.why(world)

    def test_when_nobody_can_tell(self, world: Any) -> None:
        world.silent = {"mongo-0", "mongo-1", "mongo-2"}
        assert "No agent answers" in self.why(world)

    def test_when_there_is_no_database(self, world: Any) -> None:
        world.pods.clear()
        assert self.why(world) == "No member of a database is seen here."
