"""`python -m sampleapp.agent`: tend the mongod beside it until told to stop."""

import logging
import os
import signal
import sys
import threading

from sampleapp.settings import SettingsError


def main() -> int:
    """Tend mongod; 2 when a setting is wrong."""
    from sampleapp.agent.settings import from_environment

    try:
        settings = from_environment(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s")

    from sampleapp.agent.http import StatusServer
    from sampleapp.agent.loop import Loop
    from sampleapp.agent.names import Names
    from sampleapp.agent.reconciler import Reconciler

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    reconciler = Reconciler(settings)
    loop = Loop(reconciler)
    names = Names(settings.hosts)
    server = StatusServer(settings.bind, member=settings.pod, loop=loop, names=names.latest)
    threading.Thread(target=names.run, args=(stop,), name="names", daemon=True).start()
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    loop.run(stop)
    server.shutdown()
    reconciler.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
