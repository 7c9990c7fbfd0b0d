"""`surgeboard serve`: the dashboard under gunicorn, one gevent worker (DESIGN decision 8)."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from dashboard.logs import configure, formatter
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
            "logger_class": _logger(settings.log_format),
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

    configure(settings.log_level, settings.log_format)
    try:
        connect(settings)
    except ApiError as error:
        print(f"surgeboard: {error.message}", file=sys.stderr)
        return 1
    Application(settings).run()
    return 0


def _logger(form: str) -> type[Logger]:
    """gunicorn's own lines in our form."""

    class Lines(Logger):  # type: ignore[misc]
        def setup(self, cfg: Any) -> None:
            super().setup(cfg)
            for handler in self.error_log.handlers:
                handler.setFormatter(formatter(form))

    return Lines


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
