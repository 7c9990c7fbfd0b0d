"""Master and workers as processes against a small HTTP server: load, stop, end, and the ways to be orphaned."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any


def test_it_loads_the_target_and_a_stop_is_verified(swarm: Any, target: Any) -> None:
    """Every kind of request arrives, the numbers agree with the target, and after the stop nothing arrives."""
    swarm.start(workers=2)
    state = swarm.until(lambda s: s["users"] == 20 and s["requests"] > 60 and s["rps"] > 0, what="under load")
    assert (state["state"], state["target_users"], len(state["workers"])) == ("running", 20, 2)
    assert state["failures"] == 0
    assert state["p95_ms"] is not None
    assert {(one["method"], one["name"]) for one in state["endpoints"]} <= {
        ("GET", "/"), ("GET", "/api/entries"), ("GET", "/work"), ("POST", "/entries"),
    }  # fmt: skip
    asked = time.monotonic()
    assert swarm.ask("POST", "/stop")["state"] in ("stopping", "stopped")
    state = swarm.until(lambda s: s["state"] == "stopped", what="stopped")
    assert time.monotonic() - asked < 5
    assert (state["users"], state["rps"], state["reason"]) == (0, 0.0, "stopped on request")
    assert state["requests"] <= target.total
    quiet = target.total
    assert swarm.master.wait(timeout=15) == 0
    assert [worker.wait(timeout=15) for worker in swarm.workers] == [0, 0]
    assert target.total == quiet


def test_entries_are_written_as_json(swarm: Any, target: Any) -> None:
    swarm.start(workers=1)
    swarm.until(lambda _: target.bodies, what="written to")
    assert set(target.bodies[0]) == {"name", "message"}
    swarm.ask("POST", "/stop")


def test_it_ends_after_its_duration(swarm: Any) -> None:
    swarm.start(workers=1, SWARM_DURATION_S="3", SWARM_LINGER_S="2")
    state = swarm.until(lambda s: s["state"] == "stopped", what="over")
    assert state["reason"] == "the duration is over"
    assert state["requests"] > 0
    assert swarm.master.wait(timeout=15) == 0
    assert swarm.workers[0].wait(timeout=15) == 0


def test_it_ends_when_nobody_asks_any_more(swarm: Any, target: Any) -> None:
    swarm.start(workers=1, SWARM_SILENCE_S="3", SWARM_LINGER_S="0")
    swarm.until(lambda s: s["requests"] > 0, what="under load")
    assert swarm.master.wait(timeout=20) == 0
    assert swarm.workers[0].wait(timeout=15) == 0
    quiet = target.total
    time.sleep(0.5)
    assert target.total == quiet


def test_a_lost_worker_s_users_move_to_the_others(swarm: Any) -> None:
    swarm.start(workers=2)
    swarm.until(lambda s: s["users"] == 20 and len(s["workers"]) == 2, what="spread over two")
    swarm.workers[0].kill()
    state = swarm.until(lambda s: [w["users"] for w in s["workers"]] == [20, 0], what="moved to one")
    left, lost = state["workers"]
    assert (left["lost_at"], lost["state"], lost["lost_at"] is None) == (None, "missing", False)
    assert "1 of 2 workers are left" in state["reason"]

    swarm.add_worker()
    state = swarm.until(lambda s: [w["users"] for w in s["workers"]] == [10, 10, 0], what="shared with the new one")
    assert (state["reason"], state["totals"]["exact"]) == (None, False)
    swarm.ask("POST", "/stop")


def test_workers_end_when_the_master_is_gone(swarm: Any, target: Any) -> None:
    swarm.start(workers=1)
    swarm.until(lambda s: s["requests"] > 0, what="under load")
    swarm.master.kill()
    assert swarm.workers[0].wait(timeout=20) == 0


def test_the_number_of_users_can_be_changed(swarm: Any) -> None:
    swarm.start(workers=1)
    swarm.until(lambda s: s["users"] == 20, what="at 20")
    swarm.ask("PUT", "/users", {"users": 5, "spawn_rate": 20})
    swarm.until(lambda s: s["users"] == 5 and s["target_users"] == 5, what="at 5")
    swarm.ask("POST", "/stop")


def test_a_worker_that_still_looks_for_its_master_ends_by_a_signal(swarm: Any) -> None:
    """As the first process of a container it has no default action, so it must have one of its own."""
    worker = swarm.add_worker()
    deadline = time.monotonic() + 20
    while not catches(worker.pid, signal.SIGTERM):
        assert time.monotonic() < deadline
        time.sleep(0.05)

    worker.terminate()

    assert worker.wait(timeout=20) == 0


def catches(process: int, number: signal.Signals) -> bool:
    status = Path(f"/proc/{process}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)
