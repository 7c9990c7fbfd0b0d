from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.limits import memory

MI = 2**20


def row(**changes: Any) -> dict[str, Any]:
    pod = {"uid": "u", "namespace": "shop", "name": "web-1", "phase": "Running", "node": "local", "deleted_at": None,
           "memory_bytes": 60 * MI, "memory_limit_bytes": 64 * MI, "metrics_at": "2026-11-23T12:00:00Z"}  # fmt: skip
    return memory.rows([pod | changes], specs={}, allocatable={"local": 8 * 2**30}).get("u", {})


def test_a_figure_and_a_limit_make_a_bar() -> None:
    found = row()
    assert (found["used"], found["limit"], found["percent"], found["word"]) == (
        "60 Mi",
        "of 64 Mi",
        "94 %",
        "near its limit",
    )
    assert row(memory_bytes=64 * MI)["word"] == "at its limit"
    assert row(memory_bytes=MI // 2)["used"] == "0.5 Mi"


def test_without_a_figure_it_is_unknown_and_has_no_bar() -> None:
    found = row(memory_bytes=None)
    assert (found["used"], found["word"], found["has_bar"]) == ("–", "no figure", False)


def test_without_a_limit_the_node_is_told_as_text(made_pod: Callable[..., Any]) -> None:
    pod = {
        "uid": "u",
        "name": "web-1",
        "phase": "Running",
        "node": "local",
        "memory_bytes": MI,
        "memory_limit_bytes": None,
    }
    found = memory.rows([pod], specs={"u": made_pod(main={})}, allocatable={"local": 8 * 2**30})["u"]
    assert found["has_bar"] is False
    assert found["note"] == "Container main has no memory limit and may take all that node local can give, 8.0 Gi."


def test_pods_that_do_not_run_are_left_out() -> None:
    assert row(phase="Succeeded") == {}
    assert row(deleted_at="2026-11-23T12:00:00Z") == {}


def test_a_row_stays_the_same_while_it_says_the_same() -> None:
    later = row(metrics_at="2026-11-23T12:00:15Z", memory_bytes=60 * MI + 4096)
    assert later == row()
    assert row(memory_bytes=61 * MI) != row()
