"""`surgeboard up`: the local cluster (unless a kubeconfig is given) and the dashboard, as children, until Ctrl-C."""

from __future__ import annotations

import argparse
import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from dashboard.cli import ending, local_cluster
from dashboard.cli.local_cluster import LocalCluster
from dashboard.settings import Settings

POLL_S = 0.2
DASHBOARD_STOP_S = 5


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Runs both and waits; 0 when a person ended it, 1 when something could not start or died."""
    refusal = _refusal(settings, api_port=arguments.api_port)
    if refusal is not None:
        return _fail(refusal)
    try:
        with ExitStack() as stack:
            cluster = None
            if settings.kubeconfig is None:
                _say("starting the local cluster")
                folder = settings.data_dir / "cluster"
                cluster = stack.enter_context(
                    local_cluster.running(folder, port=arguments.api_port, verbose=arguments.verbose)
                )
                settings = settings.on(kubeconfig=cluster.kubeconfig)
            _say("starting the dashboard")
            return _serve(settings, cluster, verbose=arguments.verbose)
    except local_cluster.NotStarted as problem:
        return _fail(str(problem))
    except KeyboardInterrupt:
        _say("ended")
        return 0


def _serve(settings: Settings, cluster: LocalCluster | None, *, verbose: bool) -> int:
    """Until one of them ends, which neither does by itself."""
    child = local_cluster.start(serving(settings, verbose=verbose))
    try:
        while child.poll() is None:
            if cluster is not None and cluster.process.poll() is not None:
                return _fail(f"the local cluster ended unexpectedly; {cluster.log} may say why. Start it again.")
            ending.heed()
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        _say("ending")
        raise
    finally:
        local_cluster.stop(child, within=DASHBOARD_STOP_S)
    return 0 if child.returncode == 0 else _fail("the dashboard ended; the lines above say why.")


def serving(settings: Settings, *, verbose: bool) -> list[str]:
    """The command line of the dashboard with these settings."""
    command = [sys.executable, "-m", "dashboard", "serve", "--kubeconfig", str(settings.kubeconfig)]
    command += ["--port", str(settings.port), "--data-dir", str(settings.data_dir)]
    command += ["--context", settings.context] if settings.context is not None else []
    command += ["--read-only"] if settings.read_only else []
    return command + (["--verbose"] if verbose else [])


def _refusal(settings: Settings, *, api_port: int) -> str | None:
    """Why it cannot start at all, found before anything runs."""
    if settings.context is not None and settings.kubeconfig is None:
        return "--context chooses a cluster of a kubeconfig; give --kubeconfig too."
    if not _is_free(settings.host, settings.port):
        return f"port {settings.port} is taken; stop what listens there or choose another with --port."
    if settings.kubeconfig is None and not _is_free("127.0.0.1", api_port):
        return (
            f"port {api_port}, where the local cluster's API server would listen, is taken; "
            "stop what listens there or choose another with --api-port."
        )
    return _unwritable(settings.data_dir)


def _unwritable(folder: Path) -> str | None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return f"the data folder {folder} cannot be written ({error.strerror}); choose another with --data-dir."
    return None


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
