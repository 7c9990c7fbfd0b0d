"""`python -m swarm.worker`: carries load users for a master, and ends when told to or when the master is gone."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time

from swarm import pinning, starting
from swarm.ceilings import Refused
from swarm.settings import Address, WorkerSettings, worker_settings

log = logging.getLogger("swarm.worker")
REPORT_INTERVAL_S = 1.0
"""Locust's three seconds would make every figure of the page three seconds older."""


def work(settings: WorkerSettings) -> int:
    """Works until the master says quit or is silent for too long; 0 then, 1 when there never was a master."""
    # Imported here because importing Locust patches the process: only one that carries a swarm may have that.
    import gevent
    import locust  # noqa: F401 - the patching has to come first
    from locust import runners
    from locust.env import Environment

    from swarm.scenario import GuestbookUser

    if not wait_for(settings.master, patience=settings.patience):
        master = f"{settings.master.host}:{settings.master.port}"
        log.error("no master at %s within %g s; is the master's pod running?", master, settings.patience)
        return 1
    pinning.install(settings.pin)
    runners.WORKER_REPORT_INTERVAL = REPORT_INTERVAL_S
    runners.MASTER_HEARTBEAT_TIMEOUT = int(settings.master_silence)
    environment = Environment(user_classes=[GuestbookUser])
    runner = environment.create_worker_runner(settings.master.host, settings.master.port)
    gevent.signal_handler(signal.SIGTERM, runner.quit)
    log.info("working for %s:%d", settings.master.host, settings.master.port)
    runner.greenlet.join()
    environment.events.quitting.fire(environment=environment, reverse=True)  # type: ignore[no-untyped-call]
    # The farewell leaves through a background thread of the transport; without a moment it would be lost.
    gevent.sleep(0.3)
    log.info("ended")
    return 0


def wait_for(master: Address, *, patience: float) -> bool:
    """Whether the master's port could be reached in time; its name may not resolve before its pod runs."""
    import socket

    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((master.host, master.port), timeout=2):
                return True
        except OSError:
            time.sleep(0.25)
    return False


def main() -> int:
    """Exit code 2 for settings that are refused."""
    starting.end_by_signal()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = worker_settings(os.environ)
    except Refused as error:
        print(f"swarm.worker: {error}", file=sys.stderr)
        return 2
    return work(settings)


if __name__ == "__main__":
    sys.exit(main())
