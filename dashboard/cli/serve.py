"""`surgeboard serve`: the dashboard under gunicorn, one gevent worker (DESIGN decision 8)."""

from __future__ import annotations

import argparse
import socket
import sys
import threading
import time
from collections.abc import Iterable
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from dashboard.addresses import in_the_clear
from dashboard.logs import configure, formatter
from dashboard.settings import Settings

HTTP_RESERVE = 200
"""Connections kept free for pages and probes while every viewer's socket is open."""
HEAD_S = 5
"""Within which a request's head has to be here, and after which a quiet connection is closed."""
LOOK_S = 0.2
"""How often it is seen whether the end has come."""
UNHEARD_MS = 45_000
"""Until a peer that takes nothing of what is sent is given up; a silent browser is, after as long."""


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
            "keepalive": HEAD_S,
            "limit_request_line": 4094,
            "limit_request_fields": 50,
            "limit_request_field_size": 8190,
            "header_map": "drop",  # X_Forwarded_User would arrive under the name of X-Forwarded-User
            "forwarded_allow_ips": "",  # whom to believe about forwarding is the gate's business
            "control_socket_disable": True,
            "loglevel": "warning",
            "logger_class": _logger(settings.log_format),
            "proc_name": "surgeboard",
            "post_worker_init": _begin,
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


def _begin(worker: Any) -> None:
    """Once the worker serves, where to go."""
    give_up_on_the_unheard(worker.sockets)
    dashboard = worker.app.dashboard
    threading.Thread(target=_let_go, args=(worker,), name="let-go", daemon=True).start()
    local = dashboard.settings.auth == "local"
    for url in in_the_clear(dashboard.settings.urls):
        print(f"surgeboard: tokens and cookies can be read on their way to {url}; use https there.", file=sys.stderr)
    how = "once, with this URL" if local else "here"
    print(f"Surgeboard shows the cluster {dashboard.cluster_name}. Sign in, {how}:", file=sys.stderr)
    print(dashboard.links.renew() if local else "\n".join(dashboard.settings.urls), flush=True)


def _let_go(worker: Any) -> None:
    """Once the worker is told to end, send every browser off: a socket is a request that would not end by itself."""
    while worker.alive:
        time.sleep(LOOK_S)
    worker.app.dashboard.sockets.stop()


def give_up_on_the_unheard(listeners: Iterable[socket.socket]) -> None:
    """Who asks and never reads the answer would keep a connection for ever; what a listener has, its children have."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux alone has it
    for listener in listeners:
        if option is not None and listener.family in (socket.AF_INET, socket.AF_INET6):
            listener.setsockopt(socket.IPPROTO_TCP, option, UNHEARD_MS)


def _leave(server: Any, worker: Any) -> None:
    del server
    dashboard = getattr(worker.app, "dashboard", None)
    if dashboard is not None:
        dashboard.stop()
