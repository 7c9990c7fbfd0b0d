"""`surgeboard serve`: the dashboard under gunicorn, one gevent worker (DESIGN decision 8)."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from gunicorn.app.base import BaseApplication

from dashboard.settings import Settings

HTTP_RESERVE = 200
"""Connections kept free for pages and probes while every viewer's socket is open."""


class Application(BaseApplication):  # type: ignore[misc]
    """gunicorn's application: builds the dashboard in the worker, after the fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """gunicorn's own settings; nothing is read from its files or variables."""
        settings = self._settings
        for name, value in {
            "bind": f"{settings.host}:{settings.port}",
            "worker_class": "gevent",
            "workers": 1,
            "worker_connections": settings.viewers_max + HTTP_RESERVE,
            "graceful_timeout": 3,
            "control_socket_disable": True,
            "loglevel": "warning",
            "proc_name": "surgeboard",
            "post_worker_init": _announce,
            "worker_exit": _leave,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Wires and starts the dashboard; the WSGI application."""
        from dashboard.wiring import Dashboard

        self.dashboard = Dashboard(self._settings)
        self.dashboard.start()
        return self.dashboard.wsgi


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Serves until it is told to stop; 1 when the cluster's configuration cannot be used."""
    del arguments
    from dashboard.core import connect
    from dashboard.kube.errors import ApiError
    from dashboard.logs import configure

    configure(settings.log_level)
    try:
        connect(settings)
    except ApiError as error:
        print(f"surgeboard: {error.message}", file=sys.stderr)
        return 1
    Application(settings).run()
    return 0


def _announce(worker: Any) -> None:
    """Once the worker serves, where to go."""
    dashboard = worker.app.dashboard
    print(f"Surgeboard shows the cluster {dashboard.cluster_name}. Sign in, once, with this URL:", file=sys.stderr)
    print(dashboard.links.renew(), flush=True)


def _leave(server: Any, worker: Any) -> None:
    del server
    dashboard = getattr(worker.app, "dashboard", None)
    if dashboard is not None:
        dashboard.stop()
