"""The workers behind Locust's master runner; translates, decides nothing."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import gevent
from locust import User, runners
from locust.env import Environment
from locust.rpc import Message
from locust.runners import MasterRunner

from swarm.crew import WorkerView
from swarm.reports import SHARE, Told, told
from swarm.settings import Address

STOP_TIMEOUT_S = 2.0
"""How long a load user that is told to end may wait for the answer it has asked for, so that it is counted."""
FOR_EVER_S = 1_000_000


class _Runner(MasterRunner):
    """Locust's master, which spreads load users only when the conductor says so."""

    on_exception: Callable[[str], None]

    def start(self, *_: Any, **__: Any) -> None:
        """Locust calls this when workers come and go; the conductor sees that too, and it alone decides."""

    def spread(self, users: int, spawn_rate: float) -> None:
        super().start(users, spawn_rate)

    def log_exception(self, node_id: str, msg: str, formatted_tb: str) -> None:
        super().log_exception(node_id, msg, formatted_tb)
        self.on_exception(msg)


class LocustFleet:
    """A Locust master. `classes`: the load users' classes, by whose names the workers know them."""

    def __init__(self, *, target: str, bind: Address, classes: list[type[User]]) -> None:
        # Lost workers stay listed: when Locust forgets one it forgets too who has how many users, and would begin anew.
        runners.HEARTBEAT_DEAD_INTERNAL = -FOR_EVER_S
        # Locust reads a few of its command line's options from here; rebalancing is the conductor's task.
        options = Namespace(enable_rebalancing=False, headless=False)
        self._environment = Environment(
            user_classes=classes, host=target, parsed_options=options, stop_timeout=STOP_TIMEOUT_S
        )
        self._runner = _Runner(self._environment, bind.host, bind.port)
        self._runner.on_exception = lambda _: None
        self._environment.runner = self._runner
        self._spreading: gevent.Greenlet[..., None] | None = None
        self._latest: dict[str, Told] = {}

    def listen(self, on_report: Callable[[Told], None], on_exception: Callable[[str], None]) -> None:
        """From now on `on_report` gets what each worker tells, `on_exception` the text of each task that failed."""

        def listener(client_id: str, data: Mapping[str, Any]) -> None:
            report = told(client_id, data)
            before = self._latest.get(client_id)
            if report.cpu_percent is None and before is not None:
                self._latest[client_id] = replace(report, cpu_percent=before.cpu_percent)
            else:
                self._latest[client_id] = report
            on_report(report)

        self._environment.events.worker_report.add_listener(listener)  # type: ignore[no-untyped-call]
        self._runner.on_exception = on_exception

    def workers(self) -> list[WorkerView]:
        """All workers Locust knows."""
        found = []
        for one in list(self._runner.clients.values()):
            latest = self._latest.get(one.id) or Told(one.id)
            found.append(
                WorkerView(
                    one.id, one.state, one.user_count, latest.cpu_percent, latest.pod, latest.node, latest.late_ms
                )
            )
        return found

    def spread(self, users: int, spawn_rate: float) -> None:
        """Starts or changes the load; a change still under way is given up for the new one."""
        self._give_up_spreading()
        self._spreading = gevent.spawn(self._runner.spread, users, spawn_rate)

    def share(self, per_second: float) -> None:
        """Tells every worker that answers how many requests a second it may make."""
        for worker in list(self._runner.clients.values()):
            if worker.state != runners.STATE_MISSING:
                self._runner.send_message(SHARE, {"per_second": per_second}, client_id=worker.id)

    def counted(self) -> tuple[int, int]:
        """Requests and failures as Locust itself has added them up."""
        total = self._environment.stats.total
        return total.num_requests, total.num_failures

    def quit(self) -> None:
        """Tells every worker to end; Locust then hands out no more users."""
        self._give_up_spreading()
        self._runner.stop(send_stop_to_client=False)
        for worker in list(self._runner.clients.values()):
            self._runner.server.send_to_client(Message("quit", None, worker.id))  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Ends Locust's own greenlets."""
        self._runner.greenlet.kill(block=True, timeout=2)

    def _give_up_spreading(self) -> None:
        if self._spreading is not None:
            self._spreading.kill(block=True)
            self._spreading = None
