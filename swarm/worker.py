"""`python -m swarm.worker`: carries load users for a master, and ends when told to or when the master is gone."""

from __future__ import annotations

import logging
import os
import sys
import time

from swarm import pinning, starting
from swarm.ceilings import Refused
from swarm.settings import Address, WorkerSettings, worker_settings

log = logging.getLogger("swarm.worker")


def work(settings: WorkerSettings) -> int:
    """Works until the master says quit or is silent for too long; 0 then, 1 when there never was a master.

    Raises Refused for a scenario that cannot be used.
    """
    # Imported here because importing Locust patches the process: only one that carries a swarm may have that.
    import gevent
    import locust  # noqa: F401 - the patching has to come first

    from swarm import locustfile
    from swarm.carrying import carry

    address = wait_for(settings.master, patience=settings.patience)
    if address is None:
        master = f"{settings.master.host}:{settings.master.port}"
        log.error("no master at %s within %g s; is the master's pod running?", master, settings.patience)
        return 1
    # The pin comes before the file is run: what its import connects to would else get out.
    pinning.install(settings.pin)
    # And from here on no name but the target's is looked up, hence the master's address.
    carry(settings, Address(address, settings.master.port), locustfile.user_classes(settings.scenario))
    # The farewell leaves through a background thread of the transport; without a moment it would be lost.
    gevent.sleep(0.3)
    log.info("ended")
    return 0


def wait_for(master: Address, *, patience: float) -> str | None:
    """The master's IP address once its port can be reached; its name may not resolve before its pod runs."""
    import socket

    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((master.host, master.port), timeout=2) as made:
                return str(made.getpeername()[0])
        except OSError:
            time.sleep(0.25)
    return None


def main() -> int:
    """Exit code 2 for settings, or a scenario, that are refused."""
    starting.end_by_signal()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        return work(worker_settings(os.environ))
    except Refused as error:
        print(f"swarm.worker: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
