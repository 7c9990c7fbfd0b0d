"""`python -m sampleapp.blast.neighbour`: does nothing but answer, so that one can see when it no longer does."""

import os
import sys

from sampleapp.blast.answering import Answer, Server
from sampleapp.blast.memory import anonymous_bytes
from sampleapp.blast.settings import address, from_environment
from sampleapp.settings import SettingsError


def main() -> int:
    """Serve until killed or unasked; 2 when a setting is wrong."""
    try:
        settings = from_environment(os.environ)
        where = address(settings.bind)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2

    def state() -> Answer:
        return 200, {"who": settings.who, "bytes": anonymous_bytes()}

    Server(where, {("GET", "/"): state}, guarded=frozenset(), token="").serve_while_asked()
    return 0


if __name__ == "__main__":
    sys.exit(main())
