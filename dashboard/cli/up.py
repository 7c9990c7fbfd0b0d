"""`surgeboard up`: the local cluster (unless a kubeconfig is given) and the dashboard, as children, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from dashboard.cli import local_cluster
from dashboard.settings import Settings


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Runs both and waits; 0 when a person ended it, 1 when something could not start or died."""
    if not _is_free(settings.host, settings.port):
        return _fail(f"port {settings.port} is taken; stop what listens there or choose another with --port.")
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    try:
        with ExitStack() as stack:
            kubeconfig = settings.kubeconfig
            if kubeconfig is None:
                _say("starting the local cluster")
                folder = settings.data_dir / "cluster"
                kubeconfig = stack.enter_context(local_cluster.running(folder, port=arguments.api_port))
            _say("starting the dashboard")
            return _serve(settings, kubeconfig)
    except local_cluster.NotStarted as problem:
        return _fail(str(problem))
    except KeyboardInterrupt:
        return 0


def _serve(settings: Settings, kubeconfig: Path) -> int:
    command = [
        sys.executable,
        "-m",
        "dashboard",
        "serve",
        "--kubeconfig",
        str(kubeconfig),
        "--port",
        str(settings.port),
    ]
    command += ["--data-dir", str(settings.data_dir)]
    if settings.context is not None:
        command += ["--context", settings.context]
    child = subprocess.Popen(command, text=True, preexec_fn=local_cluster.end_with_parent)  # noqa: PLW1509
    try:
        return child.wait()
    finally:
        local_cluster.stop(child)


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _fail(sentence: str) -> int:
    print(f"surgeboard: {sentence}", file=sys.stderr)
    return 1


def _say(what: str) -> None:
    print(f"surgeboard: {what}", file=sys.stderr, flush=True)
