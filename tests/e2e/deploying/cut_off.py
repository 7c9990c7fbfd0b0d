"""Deploys one bundle and kills itself with signal 9 as soon as the named stage is sent. Not a test: run by tests.

`python cut_off.py KUBECONFIG RECORDS_NAMESPACE FOLDER STAGE`; without an end by that signal the stage never came.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dashboard.core import connect, now
from dashboard.settings import Settings
from dashboard.stack.actions import Stack
from dashboard.stack.bundles.catalogue import Catalogue


def main(kubeconfig: str, namespace: str, folder: str, stage: str) -> None:
    """Runs until the stage is sent."""

    def watch(row: Mapping[str, Any]) -> None:
        own = [step for step in row["steps"] if step["stage"] == stage]
        if row["state"] == "applying" and own and all(step["result"] != "pending" for step in own):
            os.kill(os.getpid(), signal.SIGKILL)

    client = connect(Settings(kubeconfig=Path(kubeconfig)))
    stack = Stack(
        client, Catalogue(Path(folder)), watch, lambda *_, **__: None, now, time.monotonic, time.sleep,
        lambda work: work(), namespace,
    )  # fmt: skip
    print(stack.run(stack.names(), by="somebody killed"))


if __name__ == "__main__":
    main(*sys.argv[1:])
