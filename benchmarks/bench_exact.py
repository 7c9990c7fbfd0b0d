"""Whether everyone counts the same: 500 load users for 10 minutes, and the requests as each of five counted them.

The view that every page shows, the recorded run, its report, Locust's own statistics (as the master logs them at its
end) and the counter of the application itself, summed over its pods. Exits with 1 when two that are known differ.

The application's counter dies with its container, so it is read every second and once more when the load is over. A
container that ended under load may have counted more than was read of it: then its sum is unknown, never a guess.
A request that got no answer in time may have been counted by the application or not. Where there are such, its counter
must lie between the answers and the requests; where there are none, it must be the same to the last one.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from tables import show

from dashboard.cli import local_cluster
from dashboard.core import Core, connect
from dashboard.kube.errors import ApiError
from dashboard.load.request import SwarmRequest
from dashboard.runs.report import report
from dashboard.settings import Settings

BY = "benchmark"
COUNTED = re.compile(r'^guestbook_requests_total\{.*route="([^"]*)".*\} ([0-9.e+]+)$', re.MULTILINE)
LOGGED = re.compile(r"requests (\d+), failures (\d+); Locust counted (\d+) and (\d+)")
PODS = "/api/v1/namespaces/{}/pods"

Row = dict[str, Any]


@dataclass
class Counter:
    """The requests that the application's pods have counted on the scenario's routes."""

    core: Core
    before: dict[str, int] = field(default_factory=dict)
    latest: dict[str, int] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Reads every container's counter. One that went back to less was started anew: what it had counted is lost."""
        for key, pod in self.pods().items():
            try:
                counted = self._of(pod)
            except (ApiError, OSError):
                continue
            if counted is not None:
                if counted < self.latest.get(key, 0):
                    self.lost.add(key)
                self.latest[key] = counted

    @property
    def is_lost(self) -> bool:
        """Whether a container has gone with what it had counted."""
        return bool(self.lost) or not set(self.latest) <= set(self.pods())

    def total(self) -> int | None:
        """All of them since `before`; None when a container was lost on the way."""
        present = set(self.pods())
        if self.is_lost or not present <= set(self.latest):
            return None
        return sum(self.latest.values()) - sum(self.before.values())

    def pods(self) -> dict[str, str]:
        """Names by container: a pod and how often it was restarted."""
        target = self.core.target
        found = {}
        for pod in self.core.client.list(PODS.format(target.namespace), query={"labelSelector": "app=guestbook"}):
            for each in pod.get("status", {}).get("containerStatuses", []):
                if each.get("state", {}).get("running"):
                    found[f"{pod['metadata']['name']} {each['restartCount']}"] = pod["metadata"]["name"]
        return found

    def _of(self, pod: str) -> int | None:
        target = self.core.target
        answer = self.core.client.proxy_pod(target.namespace, pod, 8080, "/metrics", "GET", {}, None, timeout=(2, 5))
        text = answer.read().decode()
        if answer.status != 200:
            return None
        return round(sum(float(count) for route, count in COUNTED.findall(text) if route in target.paths))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--users", type=int, default=500)
    parser.add_argument("--duration", type=int, default=600)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--spawn-rate", type=int, default=3, help="so few that the autoscaler keeps up (3)")
    parser.add_argument("--kubeconfig", type=Path, help="a cluster to use; without it a local one is started")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kubeconfig = given.kubeconfig
        if kubeconfig is None:
            kubeconfig = stack.enter_context(local_cluster.running(folder / "cluster", port=0)).kubeconfig
        settings = Settings(data_dir=folder, kubeconfig=kubeconfig)
        core = Core(settings, connect(settings))
        core.start()
        stack.callback(core.stop)
        until("the cluster was read", lambda: core.watching.has_synced, within=60)
        core.stack.deploy(core.stack.names(), by=BY)
        until("deployed", lambda: row(core, "deploy").get("state") in ("done", "failed"), within=600)
        assert row(core, "deploy")["state"] == "done", row(core, "deploy")["error"]
        request = SwarmRequest(
            users=given.users, duration_s=given.duration, workers=given.workers, spawn_rate=given.spawn_rate
        )
        return told(measured(core, request, kubeconfig), request)


def measured(core: Core, request: SwarmRequest, kubeconfig: Path) -> dict[str, Any]:
    """One swarm from start to end; what each says of it."""
    counter = Counter(core)
    until("every pod of the application was asked", lambda: counter.look() or counter.total() is not None, within=60)
    counter.before = dict(counter.latest)
    plan = core.starting.plan(request, by=BY, session=BY)
    core.starting.start(plan.nonce, by=BY, session=BY)
    log = MasterLog(kubeconfig, plan.swarm_id)
    over = ("stopped", "failed")
    until("running", lambda: row(core, "swarm")["state"] in ("running", *over), within=120)
    log.start()
    until(
        "over", lambda: counter.look() or row(core, "swarm")["state"] in over, within=request.duration_s + 120, step=1
    )
    # A pod that has only just started does not answer yet; one that is lost never will.
    until(
        "every pod was asked again", lambda: counter.look() or counter.total() is not None or counter.is_lost, within=60
    )
    page = row(core, "swarm")
    until("recorded", lambda: (core.archive.of_swarm(plan.swarm_id) or {}).get("swarm_state") in over, within=30)
    document = core.archive.document((core.archive.of_swarm(plan.swarm_id) or {})["run_id"])
    html = report(document, made_at=datetime.now(UTC))
    return {
        "page": page, "run": document, "report": embedded(html), "locust": log.counted(), "app": counter.total(),
        "lost": sorted(counter.lost | (set(counter.latest) - set(counter.pods()))),
    }  # fmt: skip


def told(found: dict[str, Any], request: SwarmRequest) -> int:
    """Prints the table; 1 when two that are known differ."""
    page, run, locust = found["page"], found["run"], found["locust"]
    endpoints = run["endpoints"]
    rows = {
        "the page": (page["requests"], page["failures"]),
        "its endpoints": (summed(page["endpoints"], "requests"), summed(page["endpoints"], "failures")),
        "the run": (run["requests"], run["failures"]),
        "the run's endpoints": (summed(endpoints, "requests"), summed(endpoints, "failures")),
        "the report": (found["report"]["requests"], found["report"]["failures"]),
        "the master": locust[:2],
        "Locust itself": locust[2:],
    }
    title = f"{request.users} load users for {request.duration_s} s: {page['state']}, {page['error'] or 'no error'}"
    show(title, ("counted by", "requests", "failed"), [
        *((who, *map(text, told)) for who, told in rows.items()), ("the app's counter", text(found["app"]), ""),
    ])  # fmt: skip
    totals = run["totals"] or {}
    print(f"  the master says: exact {totals.get('exact')}, cut off {totals.get('cut_off')}; "
          f"containers of the app that were lost: {', '.join(found['lost']) or 'none'}")  # fmt: skip
    agree = [len({told[column] for told in rows.values() if told[column] is not None}) == 1 for column in (0, 1)]
    print(f"  requests {'agree' if agree[0] else 'DIFFER'}, failures {'agree' if agree[1] else 'DIFFER'}")
    fits, sentence = judged(found["app"], requests=run["requests"], pods=run["pods"])
    print(f"  {sentence}")
    return 0 if all(agree) and fits else 1


def judged(counted: int | None, *, requests: int, pods: list[Row]) -> tuple[bool, str]:
    """Whether the application's counter fits what the load users got from it, and how that is known."""
    answered = summed([each for each in pods if each["pod"]], "requests")
    if counted is None:
        return False, "what the app has counted is not known"
    if answered == requests:
        same = counted == requests
        return same, f"every request was answered, and the app has counted {'the same' if same else 'OTHERWISE'}"
    fits = answered <= counted <= requests
    return fits, (
        f"{requests - answered:,} requests got no answer in time; the app has counted {counted - answered:,} of them"
        if fits else f"the app has counted {counted:,}, which is NOT between {answered:,} answers and {requests:,}"
    )  # fmt: skip


class MasterLog:
    """The master's log, read while it runs: it goes with its pod."""

    def __init__(self, kubeconfig: Path, swarm_id: str) -> None:
        program = Path(sys.executable).with_name("kubectl")
        self._command = [str(program), "--kubeconfig", str(kubeconfig), "-n", "load", "logs", "-f",
                         f"job/swarm-{swarm_id}-master"]  # fmt: skip
        self._text = ""
        self._thread = threading.Thread(target=self._read, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def counted(self) -> tuple[int | None, ...]:
        """Requests and failures as the master counted them and as Locust did; all None when the log was lost."""
        self._thread.join(40)
        found = LOGGED.search(self._text)
        return tuple(int(each) for each in found.groups()) if found else (None,) * 4

    def _read(self) -> None:
        self._text = subprocess.run(self._command, capture_output=True, text=True, check=False).stdout


def embedded(html: str) -> Row:
    """The run's document inside a report."""
    found = re.search(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert found, "the report holds no data"
    document: Row = json.loads(found[1])
    return document


def row(core: Core, view: str) -> Row:
    return dict(core.views.get(view, "current") or {})


def summed(rows: list[Row], name: str) -> int:
    return sum(each[name] for each in rows)


def text(value: int | None) -> str:
    return "unknown" if value is None else f"{value:,}"


def until(what: str, condition: Callable[[], Any], *, within: float, step: float = 0.2) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within, f"not within {within:.0f} s: {what}"
        time.sleep(step)


if __name__ == "__main__":
    sys.exit(main())
