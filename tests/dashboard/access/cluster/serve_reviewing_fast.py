"""`surgeboard serve` as it is, but for how often the cluster is asked about people: every so many seconds, told by an
argument."""

from __future__ import annotations

import os
import sys

from gevent import monkey

monkey.patch_all()

from dashboard.cli.serve import Application  # noqa: E402
from dashboard.logs import configure  # noqa: E402
from dashboard.settings import Settings  # noqa: E402


class Fast(Application):
    def load(self) -> object:
        from dashboard.wiring import Dashboard

        self.dashboard = Dashboard(self._settings, review_every_s=float(sys.argv[1]))
        self.dashboard.start()
        return self.dashboard.wsgi


if __name__ == "__main__":
    settings = Settings.from_environment(os.environ)
    configure("INFO", "text")
    Fast(settings).run()
