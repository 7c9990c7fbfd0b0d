"""What a request begins in the background is done for the same person, under gevent too, and for nobody else."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest

PROGRAM = textwrap.dedent(
    """
    import json, threading, time
    from dashboard.core import _in_background
    from dashboard.data.asking import Asking
    from dashboard.data.writing import Writing
    from dashboard.kube.credential import Credential, acting_as, acting_with
    from dashboard.ticker import Ticker

    PEOPLE = [f"person-{number}" for number in range(8)]
    seen = {name: {} for name in PEOPLE}
    ended = {name: threading.Event() for name in PEOPLE}
    after = {}

    def by():
        person = acting_with.get()
        return person.by if person else None

    def work(name):
        time.sleep(0.05)  # others are asking meanwhile, and this request is answered
        found = set()
        wrote = threading.Event()

        def write(number):
            found.add(by())
            wrote.set()
            return "confirmed"

        writing = Writing(write=write, clock=time.monotonic)
        writing.start()
        wrote.wait(10)
        writing.stop()
        seen[name] = {"work": by(), "writes": list(found)}
        ended[name].set()

    def serve(names):
        # One connection that is kept open: several requests in the same thread, one after the other.
        for name in names:
            with acting_as(Credential(name, lambda name=name: name)):
                _in_background(lambda name=name: work(name))
            after[name] = by()

    connections = [threading.Thread(target=serve, args=(PEOPLE[at::4],)) for at in range(4)]
    for each in connections: each.start()
    for each in connections: each.join()
    for each in ended.values(): each.wait(20)
    ticked = threading.Event()
    ticks = []

    def tick():
        ticks.append(by())
        ticked.set()

    ticker = Ticker("t", 0.01, [tick])
    ticker.start(); ticked.wait(10); ticker.stop()
    print(json.dumps({"seen": seen, "after": after, "ticks": ticks[:1]}))
    """
)


@pytest.mark.parametrize("start", ["", "from gevent import monkey; monkey.patch_all()\n"], ids=["threads", "gevent"])
def test_background_work_and_its_own_threads_carry_the_person_of_their_request(start: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", start + PROGRAM], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    assert told["seen"] == {name: {"work": name, "writes": [name]} for name in told["seen"]}
    assert set(told["after"].values()) == {None}
    assert told["ticks"] == [None]
