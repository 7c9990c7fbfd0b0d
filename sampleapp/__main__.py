"""`python -m sampleapp`: serve the guestbook until told to stop."""

import os
import sys

from sampleapp.settings import SettingsError, from_environment


def main() -> int:
    """Serve; 2 when a setting is wrong."""
    try:
        settings = from_environment(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    from sampleapp.server import Server

    Server(settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
