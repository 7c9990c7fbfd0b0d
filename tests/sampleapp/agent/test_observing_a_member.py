from datetime import UTC, datetime, timedelta

import pytest

from sampleapp.agent import replset
from sampleapp.agent.replset import Observation, observe, short_name
from sampleapp.agent.settings import AgentSettings

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOSTS = tuple(f"mongo-{number}.mongo.mongodb.svc.cluster.local:27017" for number in range(3))
SETTINGS = AgentSettings(pod="mongo-1", hosts=HOSTS, socket="/run/s", root_password="r", password="p")


def member(number, state, *, behind=0.0, health=1, me=False):
    document = {"name": HOSTS[number], "stateStr": state, "health": health}
    document["optimeDate"] = NOW - timedelta(seconds=behind)
    return document | ({"self": True} if me else {})


def status(*members):
    return {"set": "rs0", "members": list(members)}


HELLO = {"setName": "rs0", "secondary": True, "isWritablePrimary": False, "primary": HOSTS[0], "hosts": list(HOSTS)}


def test_a_member_that_waits_to_be_initiated_is_ready():
    seen = observe({"isreplicaset": True}, None)
    assert (seen.state, seen.set, seen.ready) == ("NOT_INITIATED", None, True)


@pytest.mark.parametrize(
    ("state", "ready"),
    [("PRIMARY", True), ("SECONDARY", True), ("STARTUP2", False), ("RECOVERING", False), ("ROLLBACK", False)],
)
def test_in_a_set_only_primary_and_secondary_are_ready(state, ready):
    assert observe(HELLO, status(member(1, state, me=True))).ready is ready


def test_an_unknown_member_is_not_ready():
    assert not Observation(state=replset.UNKNOWN).ready


def test_without_an_account_hello_tells_state_and_primary_but_not_the_others():
    seen = observe(HELLO, None)
    assert (seen.state, seen.primary, seen.set) == ("SECONDARY", "mongo-0", "rs0")
    assert [(each.name, each.state, each.lag_seconds) for each in seen.members] == [
        ("mongo-0", None, None),
        ("mongo-1", None, None),
        ("mongo-2", None, None),
    ]


def test_with_an_account_lag_is_counted_from_the_primary():
    seen = observe(HELLO, status(member(0, "PRIMARY"), member(1, "SECONDARY", behind=1.23, me=True)))
    assert [each.lag_seconds for each in seen.members] == [0.0, 1.2]


def test_a_member_ahead_by_a_heartbeat_has_no_negative_lag():
    assert observe(HELLO, status(member(0, "PRIMARY"), member(1, "SECONDARY", behind=-2))).members[1].lag_seconds == 0


def test_lag_is_unknown_without_primary_and_for_a_member_that_is_down():
    seen = observe(HELLO, status(member(0, "(not reachable/healthy)", health=0), member(1, "SECONDARY", me=True)))
    assert [(each.state, each.lag_seconds) for each in seen.members] == [("DOWN", None), ("SECONDARY", None)]
    assert seen.primary is None


def test_members_that_differ_are_named_and_never_changed():
    wanted = replset.wanted_config(SETTINGS)
    assert replset.difference(wanted, wanted) == ""
    sentence = replset.difference(wanted, {"_id": "rs0", "members": [{"host": "other:27017"}]})
    assert "other:27017" in sentence
    assert HOSTS[2] in sentence


def test_the_wanted_set_has_names_in_order_and_the_short_election():
    config = replset.wanted_config(SETTINGS)
    assert [each["host"] for each in config["members"]] == list(HOSTS)
    assert config["settings"] == {"electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500}


def test_names_are_short_and_addresses_whole():
    assert short_name(HOSTS[2]) == "mongo-2"
    assert short_name("127.61.1.3:27017") == "127.61.1.3"
