"""The workers behind Locust's master runner; translates, decides nothing."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import gevent
from locust.env import Environment
from locust.rpc import Message

from swarm.conductor import WorkerView
from swarm.scenario import GuestbookUser
from swarm.settings import Address
from swarm.statistics import Report


class LocustFleet:
    """A Locust master."""

    def __init__(self, *, target: str, bind: Address) -> None:
        # Locust reads a few of its command line's options from here; rebalancing is the conductor's task.
        options = Namespace(enable_rebalancing=False, headless=False)
        self._environment = Environment(user_classes=[GuestbookUser], host=target, parsed_options=options)
        self._runner = self._environment.create_master_runner(bind.host, bind.port)
        self._spreading: gevent.Greenlet[..., None] | None = None

    def listen(self, on_report: Callable[[Iterable[Report]], None]) -> None:
        """From now on `on_report` gets what each worker saw since its last report."""

        def listener(client_id: str, data: Mapping[str, Any]) -> None:  # noqa: ARG001 - Locust passes both by name
            on_report(reports_of(data))

        self._environment.events.worker_report.add_listener(listener)  # type: ignore[no-untyped-call]

    def workers(self) -> list[WorkerView]:
        """All workers Locust knows."""
        return [
            WorkerView(one.id, one.state, one.user_count, round(float(one.cpu_usage), 1))
            for one in list(self._runner.clients.values())
        ]

    def spread(self, users: int, spawn_rate: float) -> None:
        """Starts or changes the load; a change still under way is given up for the new one."""
        self._give_up_spreading()
        self._spreading = gevent.spawn(self._runner.start, users, spawn_rate)

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


def reports_of(data: Mapping[str, Any]) -> list[Report]:
    """The reports in a worker's message."""
    return [
        Report(
            method=one["method"],
            name=one["name"],
            requests=one["num_requests"],
            failures=one["num_failures"],
            response_times={int(ms): count for ms, count in one["response_times"].items()},
        )
        for one in data.get("stats", [])
    ]
