import time

import pytest

from sampleapp.burden import LEAK_MB, Hoard, burn


@pytest.mark.parametrize(("path", "setting"), [("/work?ms=1", "ALLOW_WORK"), ("/leak?mb=1", "ALLOW_LEAK")])
def test_without_permission_it_is_a_403_that_names_the_setting(client, path, setting):
    answer = client.get(path)
    assert answer.status_code == 403
    assert setting in answer.json["error"]


def test_work_burns_this_threads_own_cpu_time():
    before = time.thread_time()
    burn(30)
    assert time.thread_time() - before >= 0.03


def test_work_ends_by_the_clock_it_is_given():
    times = iter([0.0, 0.0, 0.4, 1.0])
    assert burn(1000, clock=lambda: next(times)) > 0


def test_work_answers_with_what_it_did(client_with):
    answer = client_with(allow_work=True).get("/work?ms=3")
    assert answer.status_code == 200
    assert answer.json["ms"] == 3


@pytest.mark.parametrize("ms", ["2001", "-1", "abc", "1.5", ""])
def test_work_has_a_ceiling(client_with, ms):
    answer = client_with(allow_work=True).get("/work", query_string={"ms": ms})
    assert answer.status_code == 400
    assert "0 to 2000" in answer.json["error"]


def test_leak_holds_memory_and_says_how_much(client_with):
    client = client_with(allow_leak=True)
    assert client.get("/leak?mb=3").json["held_mb"] == 3
    assert client.get("/leak?mb=2").json["held_mb"] == 5


def test_leak_has_a_ceiling_in_all(client_with):
    client = client_with(allow_leak=True)
    client.get("/leak?mb=2")
    answer = client.get(f"/leak?mb={LEAK_MB - 1}")
    assert answer.status_code == 400
    assert "already holds 2 MB" in answer.json["error"]
    assert client.get("/leak?mb=0").json["held_mb"] == 2


def test_a_refused_hold_holds_nothing():
    hoard = Hoard()
    assert not hoard.hold(LEAK_MB + 1)
    assert hoard.held_mb() == 0
