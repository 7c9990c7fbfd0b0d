"""`surgeboard rehearse`: plays the demonstration without a person; exit 0 only if it scaled up and back as asserted."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from dashboard.cli import asserts, ending, local_cluster
from dashboard.cli.rehearsal import Failed, Rehearsal
from dashboard.core import Core, connect
from dashboard.errors import Refused
from dashboard.kube.errors import ApiError
from dashboard.load.request import SwarmRequest
from dashboard.logs import configure
from dashboard.runs import files
from dashboard.settings import Settings


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Plays it against the kubeconfig's cluster, else against a fresh local one; 0 done, 1 failed. Raises Misused."""
    configure(settings.log_level)
    began = time.monotonic()
    held_to = asserts.read(",".join(arguments.asserts)) if arguments.asserts else ()
    try:
        with ExitStack() as stack:
            _make_private(settings.data_dir)
            if settings.kubeconfig is None:
                say("starting a local cluster")
                folder = settings.data_dir / "rehearsal"
                if local_cluster.is_running(folder):
                    raise Refused(f"another rehearsal runs in {folder}; wait for it, or choose another --data-dir.")
                shutil.rmtree(folder, ignore_errors=True)
                cluster = stack.enter_context(local_cluster.running(folder, port=0))
                settings = settings.on(kubeconfig=cluster.kubeconfig)
            document = play(settings, arguments)
    except (Failed, Refused, ApiError, local_cluster.NotStarted) as problem:
        say(f"failed after {time.monotonic() - began:.0f} s: {problem}")
        return 1
    document["asserts"] = asserts.judged(held_to, document)
    if arguments.output is not None:
        files.write(document, Path(arguments.output))
    if arguments.json:
        print(json.dumps(document, ensure_ascii=False))
    say(f"done in {time.monotonic() - began:.0f} s: up to {document['peak_replicas']} replicas and back")
    for each in document["asserts"]:
        say(each["sentence"])
    return 0 if all(each["met"] for each in document["asserts"]) else 1


def _make_private(folder: Path) -> None:
    """The data folder, before the local cluster makes one that others may look into."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        problem = f"the data folder {folder} cannot be made ({error.strerror}); choose another with --data-dir."
        raise Refused(problem) from error


def play(settings: Settings, arguments: argparse.Namespace) -> dict[str, Any]:
    """The acts on the cluster of `settings`."""
    request = SwarmRequest(users=arguments.users, duration_s=arguments.duration)
    core = Core(settings, connect(settings))
    core.start()
    try:
        return Rehearsal(core, request, say, time.monotonic, pause).play()
    finally:
        core.stop()


def pause(seconds: float) -> None:
    """Waits, and heeds a signal that came."""
    ending.heed()
    time.sleep(seconds)


def say(what: str) -> None:
    """One line of progress on stderr; stdout is for the document."""
    print(f"surgeboard: {what}", file=sys.stderr, flush=True)
