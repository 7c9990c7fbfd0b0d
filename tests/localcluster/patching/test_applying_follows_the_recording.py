"""Server-side apply gives the data, the owners and the conflicts a real API server gave."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.apiserver.patching.apply import server_side_apply
from localcluster.errors import ApiError
from localcluster.resources import CONFIG_MAPS


def without_times(obj: dict[str, Any]) -> list[dict[str, Any]]:
    return [{k: v for k, v in entry.items() if k != "time"} for entry in obj["metadata"].get("managedFields", [])]


def test_it_answers_every_recorded_step(applying: list[dict[str, Any]]) -> None:
    live: dict[str, Any] | None = None
    for step in applying:
        how = {"resource": CONFIG_MAPS, "manager": step["manager"], "force": step["force"], "now": "T"}
        if "refusal" in step:
            with pytest.raises(ApiError) as refused:
                server_side_apply(live, step["body"], **how)
            error = refused.value
            told = {"code": error.code, "reason": error.reason, "message": error.message, "details": error.details}
            assert told == step["refusal"]
            continue
        live = server_side_apply(live, step["body"], **how)
        assert live["data"] == step["data"]
        assert without_times(live) == step["managedFields"]


def test_it_returns_the_very_object_when_nothing_changes() -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1"}}
    live = server_side_apply(None, body, resource=CONFIG_MAPS, manager="m", force=False, now="T1")
    assert server_side_apply(live, body, resource=CONFIG_MAPS, manager="m", force=False, now="T2") is live


def test_a_second_owner_who_changes_nothing_gets_no_time() -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1"}}
    live = server_side_apply(None, body, resource=CONFIG_MAPS, manager="first", force=False, now="T1")
    shared = server_side_apply(live, body, resource=CONFIG_MAPS, manager="second", force=False, now="T2")
    times = {entry["manager"]: entry.get("time") for entry in shared["metadata"]["managedFields"]}
    assert times == {"first": "T1", "second": None}
