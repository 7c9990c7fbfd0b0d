"""`python -m sampleapp.blast.prober`: asks everybody in the experiment, has it leak, and tells what it saw.

Two bounds of its own: nobody reads the record, or it is over. Then the process ends well, and so does its Job.
"""

import os
import sys
import threading
import time

from sampleapp.blast.answering import Answer, Server
from sampleapp.blast.conducting import LEAKER, Conductor
from sampleapp.blast.probing import Probing, Target
from sampleapp.blast.settings import Settings, address, from_environment, needs_token
from sampleapp.settings import SettingsError

STEP_S = 0.1


def main() -> int:
    """Run one experiment; 2 when a setting is wrong."""
    try:
        settings = from_environment(os.environ)
        needs_token(settings)
        where = address(settings.bind)
        if LEAKER not in [who for who, _, _ in settings.targets]:
            raise SettingsError(f"BLAST_TARGETS names no {LEAKER}. Set it to name=host:port, by commas.")
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    conduct(settings, where)
    return 0


def conduct(settings: Settings, where: tuple[str, int]) -> None:
    """From the first question to the last."""
    began, stop = time.monotonic(), threading.Event()
    probings = {who: Probing(Target(who, host, port), began) for who, host, port in settings.targets}
    conductor = Conductor(probings, settings.token)

    def state() -> Answer:
        return 200, conductor.read()

    def end() -> Answer:
        conductor.end("it was stopped")
        return 200, conductor.read()

    routes = {("GET", "/state"): state, ("POST", "/stop"): end}
    Server(where, routes, guarded=frozenset({"/state", "/stop"}), token=settings.token).start()
    for each in probings.values():
        threading.Thread(target=each.run, args=(stop,), name=f"asks-{each.target.who}", daemon=True).start()
    while conductor.step():
        if conductor.phase == "over":
            stop.set()
        time.sleep(STEP_S)


if __name__ == "__main__":
    sys.exit(main())
