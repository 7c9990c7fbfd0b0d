"""`python -m swarm.master`: wires settings, workers, conductor and control endpoint, and turns the wheel."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time

import gevent
from gevent.pywsgi import WSGIServer

from swarm import starting
from swarm.ceilings import Refused
from swarm.conductor import Conductor
from swarm.control import ControlEndpoint
from swarm.settings import MasterSettings, master_settings

log = logging.getLogger("swarm.master")
TICK_S = 0.25


def lead(settings: MasterSettings) -> int:
    """Runs one swarm to its end; 0 when it ended as it should, 1 when it failed."""
    # Imported here because importing Locust patches the process: only the one that leads a swarm may have that.
    from swarm import locustfile
    from swarm.fleet import LocustFleet

    classes, refusal = [], ""
    try:
        classes = locustfile.user_classes(settings.scenario)
    except Refused as error:
        refusal = str(error)
    fleet = LocustFleet(target=settings.target, bind=settings.workers_bind, classes=classes)
    conductor = Conductor(settings, fleet, now=time.time)
    fleet.listen(conductor.reported, conductor.task_failed)
    if refusal:
        conductor.fail(refusal)
    endpoint = ControlEndpoint(conductor, token=settings.token, now=time.time)
    server = WSGIServer((settings.bind.host, settings.bind.port), endpoint, log=None, error_log=log)
    server.start()
    log.info("control endpoint on %s:%d, target %s", settings.bind.host, settings.bind.port, settings.target)
    terminated: list[int] = []
    gevent.signal_handler(signal.SIGTERM, lambda: terminated.append(1))
    while not conductor.over and not (terminated and conductor.finished_at is not None):
        if terminated:
            conductor.stop("the master was told to end")
        conductor.tick()
        gevent.sleep(TICK_S)
    server.stop(timeout=1)
    fleet.close()
    whole = conductor.statistics.whole()
    log.info(
        "ended: %s (%s); requests %d, failures %d; Locust counted %d and %d",
        conductor.state, conductor.reason, whole["requests"], whole["failures"], *fleet.counted(),
    )  # fmt: skip
    return 1 if conductor.state == "failed" else 0


def main() -> int:
    """Exit code 2 for settings that are refused."""
    starting.end_by_signal()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = master_settings(os.environ)
    except Refused as error:
        print(f"swarm.master: {error}", file=sys.stderr)
        return 2
    return lead(settings)


if __name__ == "__main__":
    sys.exit(main())
