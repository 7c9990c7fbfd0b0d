"""What recording costs: one second of a run, which holds up every browser meanwhile, and reading a run back.

A long run on a busy cluster: 300 pods of which 8 are under load, 500 lines of the story, four endpoints, 15 minutes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from tables import show

from dashboard.runs.archive import Archive
from dashboard.runs.compare import compared
from dashboard.runs.recorder import Recorder
from dashboard.scaling.sampler import Sampler
from dashboard.store.times import iso
from dashboard.store.views import Views

SECONDS = 900
PODS, UNDER_LOAD = 300, 8
ENDPOINTS = [{"method": "GET", "name": f"/{n}", "requests": 1, "failures": 0, "rps": 1.5, "p50_ms": 9, "p95_ms": 20,
              "p99_ms": 40} for n in range(4)]  # fmt: skip


class Run:
    """Recorded in its own time, as fast as it goes."""

    def __init__(self, folder: Path) -> None:
        self.t = 1_800_000_000.0
        self.views = Views()
        self.sampler = Sampler(self.views, "flask", "guestbook", self.now)
        self.archive = Archive(folder / "runs.db")
        self.recorder = Recorder(
            self.archive, self.views, self.sampler, self.now, lambda: self.t, note=lambda _kind, _text: None
        )
        self.ticks: list[float] = []
        self._fill()
        self.recorder.start()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.t, UTC)

    def _fill(self) -> None:
        self.views.put("workloads", "d", {"uid": "d", "kind": "Deployment", "namespace": "flask", "name": "guestbook",
                                          "replicas": UNDER_LOAD, "ready": UNDER_LOAD})  # fmt: skip
        self.views.put("hpas", "h", {"uid": "h", "namespace": "flask", "name": "guestbook", "target": {"name":
                                     "guestbook"}, "min": 8, "max": 8, "cpu_target": 50})  # fmt: skip
        for number in range(500):
            self.views.put("story", f"old{number}", {"id": f"old{number}", "t": iso(self.t - 30), "kind": "normal",
                           "object": None, "text": "It was scheduled.", "count": 1, "quiet": True})  # fmt: skip
        self._measure()

    def _measure(self) -> None:
        for number in range(PODS):
            self.views.put("pods", f"p{number}", {
                "uid": f"p{number}", "name": f"guestbook-{number}", "namespace": "flask", "ready": True,
                "workload": {"uid": "d" if number < UNDER_LOAD else "x"}, "deleted_at": None, "memory_bytes": 99_000,
                "cpu_millicores": 50, "cpu_percent": 50, "cpu_request_millicores": 100, "metrics_at": iso(self.t),
            })  # fmt: skip

    def play(self, swarm_id: str) -> None:
        row: dict[str, Any] = {"id": swarm_id, "state": "starting", "target": "guestbook", "profile": "steady",
                               "target_users": 500, "users": 0, "started_at": iso(self.t)}  # fmt: skip
        for second in range(SECONDS):
            self.t += 1
            state = "running" if second > 3 else "starting"
            row = {**row, "state": state, "users": 500 if second > 3 else 0, "rps": 900.5, "p95_ms": 91.5,
                   "requests": second * 900, "failures": 3, "endpoints": ENDPOINTS, "workers": [{"id": "w"}] * 10,
                   "pods": [{"pod": f"guestbook-{n}", "requests": 9, "share_percent": 12.5} for n in range(UNDER_LOAD)],
                   }  # fmt: skip
            self.views.put("swarm", "current", row)
            if second % 15 == 0:
                self._measure()
            if second % 5 == 0:
                key = f"{swarm_id}-{second}"
                self.views.put("story", key, {"id": key, "t": iso(self.t), "kind": "warning", "object": None,
                                              "text": "Back-off restarting.", "count": 1, "quiet": False})  # fmt: skip
            self._second()
        self.views.put("swarm", "current", {**row, "state": "stopped", "users": 0})
        while (self.views.get("recording", "current") or {})["state"] == "recording":
            self.t += 1
            self._second()

    def _second(self) -> None:
        self.sampler.tick()
        began = time.perf_counter()
        self.recorder.tick()
        self.ticks.append(time.perf_counter() - began)


def taken(work: Callable[[], Any], times: int = 20) -> float:
    """The median, in seconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return sorted(found)[times // 2]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder))
        for number in range(4):
            run.play(f"s{number}")
        ticks = sorted(run.ticks)
        rows = [(name, f"{ticks[min(len(ticks) - 1, int(len(ticks) * share))] * 1e6:.0f} µs")
                for name, share in (("median", 0.5), ("99 %", 0.99), ("longest", 1.0))]  # fmt: skip
        show(f"one second of recording ({len(ticks)} of them)", ("", "takes"), rows)
        archive = run.archive
        ids = [each["run_id"] for each in archive.list()]
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / len(ids) / 1024
        documents = [archive.document(each) for each in ids]
        reads = [
            ("the list of runs", archive.list),
            ("one run whole", lambda: archive.document(ids[0])),
            ("comparing four", lambda: compared(documents)),
        ]
        show("reading", ("", "takes"), [(what, f"{taken(work) * 1e3:.1f} ms") for what, work in reads])
        began = time.perf_counter()
        archive.delete(ids[0])
        deleting = time.perf_counter() - began
        show(
            "a run of 15 minutes",
            ("", ""),
            [("on the disk", f"{size:.0f} KiB"), ("deleting", f"{deleting * 1e3:.0f} ms")],
        )
        run.recorder.stop()


if __name__ == "__main__":
    main()
