"""A locustfile of one's own: its user classes run against the target alone, and one that is broken says why."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

GOOD = """
from locust import FastHttpUser, HttpUser, LoadTestShape, constant, events, task

events.test_start.add_listener(lambda **_: 1 / 0)

class Reader(FastHttpUser):
    host = "http://192.0.2.1"
    wait_time = constant(0.05)

    @task
    def read(self):
        self.client.get("/mine")

class Slow(HttpUser):
    wait_time = constant(0.05)

    @task
    def read(self):
        self.client.get("/slow")

class Shape(LoadTestShape):
    def tick(self):
        return (400, 100)
"""


def given(folder: Path, text: str, name: str = "locustfile.py") -> dict[str, str]:
    file = folder / name
    file.write_text(text)
    return {"SWARM_SCENARIO": "mine", "SWARM_SCENARIO_FILE": str(file)}


def test_its_users_load_the_target_whatever_host_it_names(swarm: Any, target: Any, tmp_path: Path) -> None:
    own = given(tmp_path, GOOD)
    swarm.start(workers=1, worker_settings=own, **own)
    state = swarm.until(lambda s: s["users"] == 20 and len(s["endpoints"]) == 2, what="under load")
    assert {one["name"] for one in state["endpoints"]} == {"/mine", "/slow"}
    assert (state["target_users"], state["failures"]) == (20, 0)
    swarm.ask("POST", "/stop")
    state = swarm.until(lambda s: s["state"] == "stopped", what="stopped")
    assert state["requests"] == target.total


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import no_such_module_at_all", "ModuleNotFoundError: No module named 'no_such_module_at_all'"),
        ("def broken(:", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("x = 1", "there is no class of load users"),
        ("from locust import User\nclass Bare(User):\n    pass", "Bare is no HttpUser or FastHttpUser"),
    ],
)
def test_a_file_that_cannot_be_used_ends_the_swarm_with_its_last_line(
    swarm: Any, tmp_path: Path, text: str, sentence: str
) -> None:
    own = given(tmp_path, text)
    swarm.start(workers=0, **own)
    state = swarm.until(lambda s: s["state"] == "failed", what="failed")
    assert state["reason"].startswith("the locustfile mine.py cannot be used: ")
    assert sentence in state["reason"]
    assert swarm.master.wait(timeout=20) == 1


def test_a_task_that_raises_is_told_among_the_failures(swarm: Any, tmp_path: Path) -> None:
    own = given(tmp_path, GOOD.replace('self.client.get("/mine")', 'raise RuntimeError("my own mistake")'))
    swarm.start(workers=1, worker_settings=own, **own)
    state = swarm.until(lambda s: s["failures_by"], what="told of")
    assert state["failures_by"][0]["error"] == "my own mistake"
    assert state["failures_by"][0]["name"] == "a task of the scenario"


def test_without_keep_alive_each_request_is_a_new_connection(swarm: Any, target: Any, tmp_path: Path) -> None:
    own = given(tmp_path, GOOD)
    swarm.start(workers=1, worker_settings={**own, "SWARM_KEEP_ALIVE": "false"}, **own)
    swarm.until(lambda s: s["requests"] > 100, what="under load")
    swarm.ask("POST", "/stop")
    swarm.until(lambda s: s["state"] == "stopped", what="stopped")
    assert target.connections == target.total


def test_with_keep_alive_a_user_keeps_its_connection(swarm: Any, target: Any, tmp_path: Path) -> None:
    own = given(tmp_path, GOOD)
    swarm.start(workers=1, worker_settings=own, **own)
    swarm.until(lambda s: s["requests"] > 100, what="under load")
    swarm.ask("POST", "/stop")
    swarm.until(lambda s: s["state"] == "stopped", what="stopped")
    assert target.connections <= 20


def test_no_more_than_the_ceiling_goes_out_and_it_is_said(swarm: Any, target: Any, tmp_path: Path) -> None:
    """The ceiling itself is lowered for the test, since the small server would be the limit before it."""
    own = given(tmp_path, GOOD.replace("constant(0.05)", "constant(0)"))
    swarm.start(workers=1, worker_settings=own, ceiling=120, **own)
    state = swarm.until(lambda s: s["limited"] and s["requests"] > 400, what="held back")
    assert re.search("held back at 120 requests a second", state["limited_why"])
    assert state["rps"] <= 125
    swarm.ask("POST", "/stop")
