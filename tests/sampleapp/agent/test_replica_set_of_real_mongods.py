"""Three real mongod with their agents: made once, kept through deaths, and no confirmed entry lost."""

import threading
from contextlib import contextmanager

import pymongo
import pytest
from pymongo.errors import OperationFailure

from sampleapp.agent import accounts
from sampleapp.agent.loop import Loop
from sampleapp.agent.reconciler import Reconciler
from sampleapp.database import Guestbook, Unavailable, connect
from sampleapp.entries import NewEntry
from sampleapp.markers import Marker

pytestmark = pytest.mark.cluster


class Agents:
    """The agents as threads. Levers: start and stop each."""

    def __init__(self, real_set):
        self._real_set = real_set
        self._running = {}

    def start(self, number):
        stop = threading.Event()
        reconciler = Reconciler(self._real_set.agent_settings(number))
        loop = Loop(reconciler)
        thread = threading.Thread(target=loop.run, args=(stop,))
        thread.start()
        self._running[number] = (loop, stop, thread, reconciler)

    def stop(self, number):
        _, stop, thread, reconciler = self._running.pop(number)
        stop.set()
        thread.join()
        reconciler.close()

    def see(self, number):
        return self._running[number][0].latest()

    def states(self):
        return sorted(self.see(number).state for number in self._running)

    def primary(self):
        return next((number for number in self._running if self.see(number).state == "PRIMARY"), None)

    def stop_all(self):
        for number in list(self._running):
            self.stop(number)


@pytest.fixture
def agents(real_set):
    running = Agents(real_set)
    yield running
    running.stop_all()


@pytest.fixture
def standing(agents, eventually):
    """The set, made by agents that came up in an awkward order."""
    for number in (2, 0, 1):
        agents.start(number)
    eventually(lambda: agents.states() == ["PRIMARY", "SECONDARY", "SECONDARY"])
    return agents


@contextmanager
def root_client(real_set):
    client = pymongo.MongoClient(
        list(real_set.hosts), replicaSet="rs0", username="root", password=real_set.ROOT_PASSWORD, authSource="admin"
    )
    try:
        yield client
    finally:
        client.close()


@contextmanager
def guestbook_of(real_set):
    book = Guestbook(connect(real_set.app_settings()), database="guestbook")
    try:
        yield book
    finally:
        book.close()


def inventory(client):
    """What must exist exactly once."""
    users = [user["user"] for name in ("admin", "guestbook") for user in client[name].command("usersInfo")["users"]]
    config = client.admin.command("replSetGetConfig")["config"]
    return users, sorted(client.guestbook.entries.index_information()), config["version"], config["term"]


def has_entries(real_set, number):
    """Whether this very member has any."""
    with pymongo.MongoClient(
        list(real_set.hosts)[number], directConnection=True, readPreference="secondaryPreferred", username="root",
        password=real_set.ROOT_PASSWORD, authSource="admin",
    ) as client:  # fmt: skip
        return client.guestbook.entries.count_documents({}) > 0


def works(book):
    try:
        book.add(NewEntry(text="Are you there?"), pod="test")
    except Unavailable:
        return False
    return True


def test_the_set_its_accounts_and_its_index_are_made_once_and_restarts_add_nothing(standing, real_set, eventually):
    with root_client(real_set) as client, guestbook_of(real_set) as book:
        eventually(lambda: works(book))
        before = inventory(client)
        assert before[:2] == (["replica-set-agent", "root", "guestbook"], ["_id_", "newest"])
        assert client.guestbook.markers.index_information()["kept"]["expireAfterSeconds"] == 600
        settings = client.admin.command("replSetGetConfig")["config"]["settings"]
        assert (settings["electionTimeoutMillis"], settings["heartbeatIntervalMillis"]) == (2000, 500)
        for number in range(3):
            standing.stop(number)
        for number in (1, 2, 0):
            standing.start(number)
        eventually(lambda: standing.states() == ["PRIMARY", "SECONDARY", "SECONDARY"])
        assert inventory(client) == before
    seen = standing.see(1)
    assert sorted(member.state for member in seen.members) == ["PRIMARY", "SECONDARY", "SECONDARY"]
    assert all(member.lag_seconds is not None for member in seen.members)
    assert [(member.votes, member.priority) for member in seen.members] == [(1, 1)] * 3
    assert seen.vitals.version.count(".") == 2
    assert None not in (seen.vitals.uptime_seconds, seen.vitals.data_bytes, seen.vitals.storage_bytes)
    assert seen.vitals.oplog.hours >= 0
    assert seen.vitals.oplog.max_bytes > 1024**2
    primary = standing.see(standing.primary())
    assert primary.election.reason == "electionTimeout"
    assert (primary.election.term, primary.term) == (primary.term, seen.term)
    assert primary.election.votes_needed == 2


def test_the_app_may_read_and_add_and_nothing_else(standing, real_set, eventually):
    with guestbook_of(real_set) as book:
        eventually(lambda: works(book))
    client = connect(real_set.app_settings())
    try:
        for forbidden in (
            lambda: client.guestbook.entries.delete_many({}),
            lambda: client.guestbook.entries.drop(),
            lambda: client.guestbook.other.insert_one({}),
            lambda: client.guestbook.markers.delete_many({}),
            lambda: client.admin.command("replSetGetStatus"),
        ):
            with pytest.raises(OperationFailure, match="not authorized"):
                forbidden()
    finally:
        client.close()


def test_markers_are_kept_beside_the_entries_and_counted_by_series(standing, real_set, eventually):
    with guestbook_of(real_set) as book:
        eventually(lambda: works(book))
        before = book.count()
        for number in (0, 7, 12):
            book.mark(Marker(series="k3v9aa", number=number))
        book.mark(Marker(series="k3v9ab", number=1))
        assert book.marked("k3v9aa") == [0, 7, 12]
        assert (book.count(), book.marked("other1")) == (before, [])


def test_the_agent_looks_with_an_account_that_reads_no_data(standing, real_set, eventually):
    eventually(lambda: standing.see(0).vitals is not None)
    client = pymongo.MongoClient(
        list(real_set.hosts), replicaSet="rs0", username=accounts.MONITOR, authSource="admin",
        password=accounts.monitor_password(real_set.agent_settings(0)),
    )  # fmt: skip
    try:
        for forbidden in (
            lambda: client.guestbook.entries.find_one({}),
            lambda: client.guestbook.entries.insert_one({}),
            lambda: client.admin.command({"replSetStepDown": 1}),
            lambda: client.admin.command("usersInfo"),
        ):
            with pytest.raises(OperationFailure, match="not authorized"):
                forbidden()
    finally:
        client.close()


def test_no_confirmed_entry_is_lost_when_the_primary_is_killed_under_writers(standing, real_set, eventually):
    confirmed, stop = [], threading.Event()
    with guestbook_of(real_set) as book:
        eventually(lambda: works(book))

        def write(writer):
            number = 0
            while not stop.is_set():
                number += 1
                try:
                    confirmed.append(book.add(NewEntry(text=f"{writer}/{number}"), pod="test").id)
                except Unavailable:
                    stop.wait(0.05)  # said to be unconfirmed: nothing was promised

        writers = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
        for writer in writers:
            writer.start()
        eventually(lambda: len(confirmed) > 50)
        killed = standing.primary()
        real_set.kill(killed)
        eventually(lambda: standing.primary() not in (None, killed))
        after_election = len(confirmed)
        eventually(lambda: len(confirmed) > after_election + 50)
        real_set.start(killed)
        eventually(lambda: standing.states() == ["PRIMARY", "SECONDARY", "SECONDARY"])
        stop.set()
        for writer in writers:
            writer.join()
        assert book.newest(limit=1)
    with root_client(real_set) as client:
        stored = {str(document["_id"]) for document in client.guestbook.entries.find({}, {"_id": 1})}
    assert len(set(confirmed)) == len(confirmed)
    assert set(confirmed) - stored == set()


def test_ordinal_0_that_lost_its_volume_is_taken_in_again_and_makes_no_second_set(standing, real_set, eventually):
    with guestbook_of(real_set) as book:
        eventually(lambda: works(book))
        with root_client(real_set) as client:
            before = inventory(client)[0]
        standing.stop(0)
        real_set.kill(0)
        real_set.wipe(0)
        eventually(lambda: standing.primary() in (1, 2))
        real_set.start(0)
        standing.start(0)
        eventually(lambda: standing.states() == ["PRIMARY", "SECONDARY", "SECONDARY"])
        eventually(lambda: works(book))
        with root_client(real_set) as client:
            assert inventory(client)[0] == before
        assert book.count() > 1


def test_with_two_members_dead_reading_goes_on_and_adding_is_refused(standing, real_set, eventually):
    with guestbook_of(real_set) as book:
        eventually(lambda: works(book))
        eventually(lambda: has_entries(real_set, 2))  # two of three confirm an entry, and the third may lag
        real_set.kill(0)
        real_set.kill(1)
        eventually(lambda: not works(book))
        assert [entry.text for entry in book.newest(limit=1)] == ["Are you there?"]
