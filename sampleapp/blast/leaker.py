"""`python -m sampleapp.blast.leaker`: answers requests, and leaks once it is told to, once in the life of its pod."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sampleapp.blast.answering import Answer, Server
from sampleapp.blast.ceilings import UNWATCHED_S
from sampleapp.blast.leaking import Leak
from sampleapp.blast.memory import anonymous_bytes
from sampleapp.blast.settings import Settings, address, from_environment, needs_token
from sampleapp.settings import SettingsError


class Leaker:
    """One pod's leak. `clock` counts seconds."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._asked = clock()
        self._lock = threading.Lock()
        self.leak = Leak(settings.ceiling_mb, settings.rate_mb_s, settings.seconds, self._is_watched)

    def state(self) -> Answer:
        """How it is; asking keeps the leak going."""
        self._asked = self._clock()
        told = {"who": self._settings.who, "bytes": anonymous_bytes(), "held_mb": self.leak.held_mb()}
        return 200, {**told, "leaked": self._has_leaked(), "ended": self.leak.ended}

    def begin(self) -> Answer:
        """Begins to leak; 409 when this pod has leaked already, before it was killed perhaps."""
        with self._lock:
            try:
                # Made before the first byte is taken: whatever kills this process, the next one knows.
                Path(self._settings.marker).touch(exist_ok=False)
            except FileExistsError:
                return 409, {"error": "this pod has leaked already"}
            except OSError as error:
                return 503, {"error": f"nothing is leaked without a marker: {error}"}
        self._asked = self._clock()
        threading.Thread(target=self.leak.run, name="leak", daemon=True).start()
        return 202, {"begun": True}

    def end(self) -> Answer:
        """Ends the leak; everything is given back."""
        self.leak.stop()
        return 202, {"ending": True}

    def _is_watched(self) -> bool:
        return self._clock() - self._asked <= UNWATCHED_S

    def _has_leaked(self) -> bool:
        return Path(self._settings.marker).exists()


def main() -> int:
    """Serve until killed or unasked; 2 when a setting is wrong."""
    try:
        settings = from_environment(os.environ)
        needs_token(settings)
        where = address(settings.bind)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    leaker = Leaker(settings)
    routes = {("GET", "/"): leaker.state, ("POST", "/leak"): leaker.begin, ("POST", "/release"): leaker.end}
    server = Server(where, routes, guarded=frozenset({"/leak", "/release"}), token=settings.token)
    if settings.neighbour_bind:
        _start_neighbour(settings)
    server.serve_while_asked()
    return 0


def _start_neighbour(settings: Settings) -> None:
    """A second program in this very container, without the token."""
    inherited = {key: value for key, value in os.environ.items() if key != "BLAST_TOKEN"}
    environ = {**inherited, "BLAST_WHO": "beside", "BLAST_BIND": settings.neighbour_bind}
    subprocess.Popen([sys.executable, "-m", "sampleapp.blast.neighbour"], env=environ)


if __name__ == "__main__":
    sys.exit(main())
