"""Serves the guestbook with gunicorn: one worker process, many threads, and an orderly end.

On SIGTERM the pod first says that it is not ready and goes on answering, so that requests which are still sent to it
find somebody; then it stops accepting and finishes what is in flight. It decides nothing about the answers.
"""

import os
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer
from gunicorn.workers.gthread import ThreadWorker

from sampleapp.settings import Settings

Wsgi = Callable[..., Any]

FINISH_S = 10
"""For requests in flight after the draining; longer than the longest of them (5 s in the database)."""

KILLED = 137
"""The exit code of a container that was killed, as when it ran out of memory."""


class DrainingWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threaded worker, which fails its readiness some time before it stops accepting."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        server: Server = self.app
        if server.draining.is_set():
            return
        server.draining.set()
        stop = threading.Timer(server.settings.drain_seconds, super().handle_exit, args=(sig, frame))
        stop.daemon = True
        stop.start()


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, told everything by our settings and nothing by files or arguments."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.draining = threading.Event()
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": self.settings.bind,
            "workers": 1,
            "worker_class": DrainingWorker,
            "threads": self.settings.threads,
            # A kept-alive connection ties its client to one pod: new replicas would be given no load.
            "keepalive": 0,
            "graceful_timeout": int(self.settings.drain_seconds) + FINISH_S,
            "timeout": 60,  # the worker is short of CPU on purpose; 60 s of silence is no shortage any more
            "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,  # noqa: S108 - never a slow disk
            "control_socket_disable": True,
            "child_exit": _end_with_the_worker,
            "loglevel": "info",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Wsgi:
        """Build the application in the worker, since the driver's threads do not survive a fork."""
        from sampleapp.web.application import create_app

        return create_app(self.settings, draining=self.draining)


def _end_with_the_worker(arbiter: Arbiter, worker: object) -> None:
    """End the container when its only worker dies, so that Kubernetes sees it, restarts it and counts it."""
    del worker
    still_serving = bool(arbiter.LISTENERS)
    if still_serving:
        raise HaltServer("The worker died; the container ends with it.", KILLED)
