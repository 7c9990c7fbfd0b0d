import http.client
import json
import threading

import pytest

from sampleapp.agent.http import StatusServer
from sampleapp.agent.loop import SETTLED_S, STALE_S, STUCK_S, UNSETTLED_S, Loop
from sampleapp.agent.names import Resolved
from sampleapp.agent.replset import MemberStatus, Observation


class Steps:
    def __init__(self):
        self.seen = Observation(
            state="PRIMARY",
            primary="mongo-0",
            members=(MemberStatus(name="mongo-0", state="PRIMARY", lag_seconds=0.0),),
            set="rs0",
        )
        self.failing = False

    def step(self):
        if self.failing:
            raise RuntimeError("unforeseen")
        return self.seen


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def steps():
    return Steps()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def loop(steps, clock):
    return Loop(steps, clock=clock)


@pytest.fixture
def get(loop):
    resolved = Resolved(name="mongo-0.mongo", addresses=("127.64.1.5",), at="2026-11-23T12:00:00Z")
    server = StatusServer("127.0.0.1:0", member="mongo-0", loop=loop, names=lambda: [resolved])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def ask(path):
        connection = http.client.HTTPConnection(*server.server_address, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    yield ask
    server.shutdown()
    thread.join()
    server.server_close()


def test_status_is_the_last_observation(loop, get):
    loop.turn()
    status, body = get("/status?any=thing")
    assert status == 200
    document = json.loads(body)
    told = {name: document[name] for name in ("member", "state", "primary", "set", "detail")}
    assert told == {"member": "mongo-0", "state": "PRIMARY", "primary": "mongo-0", "set": "rs0", "detail": ""}
    (member,) = document["members"]
    assert (member["name"], member["state"], member["lag_seconds"]) == ("mongo-0", "PRIMARY", 0.0)
    assert member["votes"] is None
    assert document["resolved"] == [
        {"name": "mongo-0.mongo", "addresses": ["127.64.1.5"], "error": None, "at": "2026-11-23T12:00:00Z"}
    ]


def test_status_holds_no_password_and_no_entry(loop, get):
    loop.turn()
    assert not {"password", "keyfile", "text"} & set(str(json.loads(get("/status")[1])).split("'"))


def test_readiness_follows_the_member(loop, steps, get):
    assert get("/readyz")[0] == 503
    loop.turn()
    assert get("/readyz")[0] == 200
    steps.seen = Observation(state="RECOVERING")
    loop.turn()
    assert get("/readyz") == (503, "RECOVERING\n")


def test_an_old_observation_says_nothing_any_more(loop, clock, get):
    loop.turn()
    clock.now += STALE_S + 1
    assert get("/readyz")[0] == 503
    assert json.loads(get("/status")[1])["state"] == "UNKNOWN"
    assert get("/healthz")[0] == 200


def test_a_stuck_loop_is_unhealthy(loop, clock, get):
    loop.turn()
    clock.now += STUCK_S + 1
    assert get("/healthz")[0] == 503


def test_other_paths_are_refused(get):
    assert get("/")[0] == 404


def test_it_looks_more_often_until_the_set_stands(loop, steps):
    assert loop.turn() == SETTLED_S
    steps.seen = Observation(state="STARTUP2")
    assert loop.turn() == UNSETTLED_S


def test_an_unforeseen_fault_does_not_end_the_loop(loop, steps, eventually):
    steps.failing = True
    stop = threading.Event()
    pauses = []

    class Impatient:
        def wait(self, pause):
            pauses.append(pause)
            steps.failing = len(pauses) < 2
            return stop.is_set()

    thread = threading.Thread(target=loop.run, args=(Impatient(),))
    thread.start()
    eventually(lambda: loop.latest().state == "PRIMARY")
    stop.set()
    thread.join()
    assert pauses[1] == SETTLED_S
