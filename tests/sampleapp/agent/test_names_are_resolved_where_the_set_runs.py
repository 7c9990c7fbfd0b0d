"""The agent asks for the members' names itself and says what it got."""

import threading
from datetime import UTC, datetime

import pytest

from sampleapp.agent.names import MOST, Names, addresses_of

HOSTS = ("mongo-0.mongo.mongodb.svc.cluster.local:27017", "mongo-1.mongo.mongodb.svc.cluster.local:27017")


@pytest.fixture
def answers():
    return {"mongo-0.mongo.mongodb.svc.cluster.local": ("127.64.1.5",)}


@pytest.fixture
def names(answers):
    def resolve(name):
        if name not in answers:
            raise OSError(-2, "Name or service not known")
        return answers[name]

    return Names(HOSTS, resolve=resolve, now=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC))


def test_a_name_leads_to_its_addresses_or_nowhere(names):
    names.turn()
    first, second = names.latest()
    assert (first.addresses, first.error, first.at) == (("127.64.1.5",), None, "2026-11-23T12:00:00.000Z")
    assert (second.addresses, second.error) == ((), "Name or service not known")


def test_before_the_first_question_nothing_is_claimed(names):
    assert [(each.addresses, each.error, each.at) for each in names.latest()] == [((), None, None)] * 2


def test_a_changed_record_is_seen_at_the_next_turn(names, answers):
    names.turn()
    answers["mongo-0.mongo.mongodb.svc.cluster.local"] = ("127.64.1.9",)
    names.turn()
    assert names.latest()[0].addresses == ("127.64.1.9",)


def test_no_more_addresses_are_told_than_anybody_reads(names, answers):
    answers["mongo-0.mongo.mongodb.svc.cluster.local"] = tuple(f"127.64.1.{last}" for last in range(50))
    names.turn()
    assert len(names.latest()[0].addresses) == MOST


def test_it_goes_on_until_told_to_stop(names, eventually):
    stop = threading.Event()
    thread = threading.Thread(target=names.run, args=(stop,))
    thread.start()
    eventually(lambda: names.latest()[0].addresses)
    stop.set()
    thread.join()


def test_the_machine_knows_itself():
    assert "127.0.0.1" in addresses_of("localhost")
