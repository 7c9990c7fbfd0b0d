"""How long each bundle takes to be healthy on a fresh local cluster, and again; how long a swarm takes to stop."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tables import seconds, show

from dashboard.cli import local_cluster
from dashboard.core import Core, connect
from dashboard.load.request import SwarmRequest
from dashboard.settings import Settings

BY = "benchmark"
PATIENCE_S = 300.0


def until(condition: Callable[[], bool], what: str) -> float:
    """Seconds until it is true."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < PATIENCE_S, what
        time.sleep(0.05)
    return time.monotonic() - began


def deploy(core: Core, bundle: str) -> float:
    began = time.monotonic()
    core.stack.deploy([bundle], by=BY)
    until(lambda: (core.views.get("deploy", "current") or {}).get("finished_at") is not None, bundle)
    row = core.views.get("deploy", "current") or {}
    assert row["state"] == "done", row["error"]
    return time.monotonic() - began


def swarm_is(core: Core, state: str) -> bool:
    row = core.views.get("swarm", "current") or {}
    return row.get("state") == state and (state != "running" or (row.get("rps") or 0) > 0)


def stops(core: Core, users: int) -> tuple[str, str, str]:
    began = time.monotonic()
    plan = core.starting.plan(SwarmRequest(users=users, spawn_rate=50, duration_s=120), by=BY, session=BY)
    core.starting.start(plan.nonce, by=BY, session=BY)
    until(lambda: swarm_is(core, "running"), "a swarm at work")
    to_load = time.monotonic() - began
    time.sleep(5)
    core.swarms.stop(by=BY)
    return str(users), seconds(to_load), seconds(until(lambda: swarm_is(core, "stopped"), "stopped"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, local_cluster.running(Path(folder), port=0) as cluster:
        settings = Settings(kubeconfig=cluster.kubeconfig, data_dir=Path(folder))
        core = Core(settings, connect(settings))
        core.start()
        try:
            until(lambda: core.watching.has_synced, "the cluster was read")
            names = core.stack.names()
            first = {name: deploy(core, name) for name in names}
            again = {name: deploy(core, name) for name in names}
            rows = [(name, seconds(first[name]), seconds(again[name])) for name in names]
            total = ("all", seconds(sum(first.values())), seconds(sum(again.values())))
            show("deploying, until everything is healthy", ("bundle", "first", "again"), [*rows, total])
            head = ("load users", "start to the first requests", "stop to users 0 and rate 0")
            show("a swarm, verified by its master", head, [stops(core, users) for users in (10, 60)])
        finally:
            core.stop()


if __name__ == "__main__":
    main()
