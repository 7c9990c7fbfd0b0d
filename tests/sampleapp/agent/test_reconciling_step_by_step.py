"""The reconciler against members made of dictionaries."""

import pytest

from sampleapp.agent.mongod import AUTHENTICATION_FAILED, UNAUTHORIZED, USER_EXISTS, Refused, Silent
from sampleapp.agent.reconciler import Reconciler
from sampleapp.agent.settings import AgentSettings

HOSTS = ("mongo-0.mongo:27017", "mongo-1.mongo:27017", "mongo-2.mongo:27017")

LOOKS = {"connectionStatus", "serverStatus", "dbStats", "collStats"}


class World:
    """Three members and their set. Levers: `silent` members, `initiated`, `primary`, `accounts`."""

    def __init__(self):
        self.silent = set()
        self.initiated = set()
        self.primary = None
        self.accounts = {}
        self.commands = []

    def connect(self, address, *, username="", password=""):
        return Connection(self, address, username, password)


class Connection:
    def __init__(self, world, address, username, password):
        self.world, self.address, self.username, self.password = world, address, username, password

    def close(self):
        pass

    def hello(self):
        return self.command({"hello": 1})

    def command(self, command, *, database="admin", existing=None):
        if self.address in self.world.silent:
            raise Silent("connection refused")
        name = next(iter(command))
        if self.username and self.world.accounts.get(self.username) != self.password:
            raise Refused("Authentication failed.", code=AUTHENTICATION_FAILED)
        try:
            return self._run(name, command, database)
        except Refused as refusal:
            if existing is not None and refusal.code == existing:
                return {}
            raise

    def _run(self, name, command, database):
        if name == "hello":
            return self._hello()
        if name == "replSetGetStatus":
            return {"set": "rs0", "members": [{"name": self.address, "stateStr": "SECONDARY", "self": True}]}
        if name == "replSetGetConfig":
            return {"config": {"_id": "rs0", "members": [{"host": host} for host in HOSTS]}}
        if name == "createUser":
            self._create_user(command)
        if name == "replSetInitiate":
            self.world.initiated |= {*HOSTS, "/run/0", "/run/1", "/run/2"}
        if name not in LOOKS:
            self.world.commands.append((self.address, name, database))
        return {}

    def _hello(self):
        if self.address not in self.world.initiated:
            return {"isreplicaset": True}
        primary = self.address == self.world.primary
        return {"setName": "rs0", "isWritablePrimary": primary, "secondary": not primary, "hosts": list(HOSTS)}

    def _create_user(self, command):
        if not self.username and self.world.accounts:
            raise Refused("command createUser requires authentication", code=UNAUTHORIZED)
        if command["createUser"] in self.world.accounts:
            raise Refused("User already exists", code=USER_EXISTS)
        self.world.accounts[command["createUser"]] = command["pwd"]


@pytest.fixture
def world():
    return World()


@pytest.fixture
def agent(world):
    def build(number):
        settings = AgentSettings(
            pod=f"mongo-{number}", hosts=HOSTS, socket=f"/run/{number}", root_password="root", password="app"
        )
        return Reconciler(settings, connect=world.connect)

    return build


def names(world):
    return [name for _, name, _ in world.commands]


def test_ordinal_0_waits_until_every_member_answers(world, agent):
    world.silent = {HOSTS[2]}
    seen = agent(0).step()
    assert seen.ready
    assert "Waiting for mongo-2" in seen.detail
    assert world.commands == []


def test_ordinal_0_initiates_once(world, agent):
    first = agent(0)
    for _ in range(3):
        first.step()
    agent(0).step()
    assert names(world) == ["replSetInitiate"]


def test_the_others_never_initiate(world, agent):
    assert "Waiting for ordinal 0" in agent(1).step().detail
    assert world.commands == []


def test_a_member_that_lost_its_volume_does_not_make_a_second_set(world, agent):
    world.initiated = {HOSTS[1], HOSTS[2]}
    seen = agent(0).step()
    assert "mongo-1 already belongs to rs0" in seen.detail
    assert world.commands == []


def assert_accounts(world):
    own = world.accounts.pop("replica-set-agent")
    assert len(own) == 64
    assert world.accounts == {"root": "root", "guestbook": "app"}
    world.accounts["replica-set-agent"] = own


@pytest.mark.parametrize("number", [0, 2])
def test_the_agent_beside_the_primary_makes_the_accounts_whatever_its_ordinal(world, agent, number):
    world.initiated = {"/run/0", "/run/1", "/run/2", *HOSTS}
    world.primary = f"/run/{number}"
    agents = [agent(each) for each in range(3)]
    for _ in range(2):
        for each in agents:
            each.step()
    assert_accounts(world)
    accounts = ["createUser", "createUser", "createRole", "updateRole", "createUser"]
    assert names(world) == [*accounts, "create", "createIndexes", "create", "createIndexes"]
    assert {address for address, _, _ in world.commands} == {f"/run/{number}"}


def test_work_that_was_cut_short_is_finished_later(world, agent):
    world.initiated = {"/run/1", *HOSTS}
    world.primary = "/run/1"
    world.accounts = {"root": "root"}
    agent(1).step()
    assert_accounts(world)


def test_another_root_password_is_said_with_what_to_do(world, agent):
    world.initiated = {"/run/0", *HOSTS}
    world.primary = "/run/0"
    world.accounts = {"root": "former"}
    detail = agent(0).step().detail
    assert "another password" in detail
    assert "former" not in detail.replace("the former Secret", "")


def test_a_silent_mongod_is_unknown_and_not_ready(world, agent):
    world.silent = {"/run/0"}
    seen = agent(0).step()
    assert (seen.state, seen.ready) == ("UNKNOWN", False)
    assert "does not answer" in seen.detail
