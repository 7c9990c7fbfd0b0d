"""Carries load users for a master from its first order to its last, on Locust's worker runner."""

from __future__ import annotations

import logging
import signal
import time
from typing import Any

import gevent
from locust import User, runners
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import WorkerRunner

from swarm import visitors
from swarm.observing import Observer
from swarm.pacing import Gate
from swarm.reports import SHARE
from swarm.settings import Address, WorkerSettings
from swarm.visitors import Cut

log = logging.getLogger(__name__)
REPORT_INTERVAL_S = 1.0
"""Locust's three seconds would make every figure of the page three seconds older."""


def carry(settings: WorkerSettings, master: Address, classes: list[type[User]]) -> None:
    """Returns when the master has said quit, or is gone, or this process was told to end."""
    runners.WORKER_REPORT_INTERVAL = REPORT_INTERVAL_S
    runners.MASTER_HEARTBEAT_TIMEOUT = int(settings.master_silence)
    gate, cut = Gate(now=time.monotonic, sleep=gevent.sleep, closed=StopUser), Cut()
    observer = Observer(gate=gate, cut=cut, pod=settings.pod, node=settings.node, cores=settings.cores)
    readied = visitors.ready(classes, gate=gate, cut=cut, keep_alive=settings.keep_alive)
    environment = Environment(user_classes=readied)
    events: Any = environment.events
    events.request.add_listener(observer.on_request)
    events.report_to_master.add_listener(observer.on_report)
    events.test_stopping.add_listener(lambda **_: gate.close())
    runner = environment.create_worker_runner(master.host, master.port)
    runner.register_message(SHARE, lambda msg, **_: gate.share(float(msg.data["per_second"])))
    # Locust reports once more after the last load user has ended: that report is the last of all.
    events.test_stop.add_listener(lambda **_: observer.end())
    gevent.signal_handler(signal.SIGTERM, lambda: gevent.spawn(_end, runner))
    watching = gevent.spawn(observer.watch, gevent.sleep)
    log.info("working for %s:%d", master.host, master.port)
    runner.greenlet.join()
    watching.kill()
    events.quitting.fire(environment=environment, reverse=True)


def _end(runner: WorkerRunner) -> None:
    """As on the master's quit: what was counted is reported before the end."""
    runner.stop()
    runner._send_stats()  # noqa: SLF001 - Locust offers no other way
    runner.greenlet.kill(block=True)
