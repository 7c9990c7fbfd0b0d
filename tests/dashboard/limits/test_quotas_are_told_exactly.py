from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dashboard.limits import amounts, quotas


def quota(hard: dict[str, str], used: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    status = {} if used is None else {"hard": hard, "used": used}
    return {"metadata": {"name": "rq", "namespace": "shop"}, "spec": {"hard": hard, **spec}, "status": status}


def bars(*found: dict[str, Any]) -> dict[str, Any]:
    return {bar["resource"]: bar for row in quotas.rows(found) for bar in row["bars"]}


def test_a_recorded_full_quota_is_full_where_it_is_and_has_room_elsewhere(recorded: dict[str, Any]) -> None:
    found = bars(recorded["quota_full"])
    assert (found["pods"]["used"], found["pods"]["hard"], found["pods"]["word"]) == ("4", "4", "full")
    assert (found["requests.cpu"]["used"], found["requests.cpu"]["hard"]) == ("200m", "200m")
    assert (found["limits.memory"]["used"], found["limits.memory"]["word"]) == ("256Mi", "room")
    rows = quotas.rows([recorded["quota_full"]])
    assert quotas.sentence(rows) == "Full: pods and requests.cpu. The next pod that needs them is refused."
    assert quotas.tone(rows) == "full"


def test_a_quota_that_was_not_counted_yet_is_unknown_and_not_empty(recorded: dict[str, Any]) -> None:
    found = bars(recorded["quota_new"])
    assert {bar["word"] for bar in found.values()} == {"not counted yet"}
    assert {bar["used"] for bar in found.values()} == {"–"}
    assert {bar["fill"] for bar in found.values()} == {0}


def test_amounts_keep_the_units_in_which_they_were_written() -> None:
    found = bars(
        quota({"requests.cpu": "1200m", "limits.memory": "2304Mi"}, {"requests.cpu": "1", "limits.memory": "0"})
    )
    assert (found["requests.cpu"]["used"], found["requests.cpu"]["hard"]) == ("1", "1200m")
    assert found["requests.cpu"]["word"] == "near full"
    assert found["limits.memory"]["used"] == "0"


def test_what_is_not_allowed_at_all_is_said_in_one_line() -> None:
    rows = quotas.rows([quota({"services.nodeports": "0", "pods": "3"}, {"services.nodeports": "0", "pods": "1"})])
    assert [bar["resource"] for bar in rows[0]["bars"]] == ["pods"]
    assert rows[0]["none"] == "None allowed: services.nodeports."
    assert quotas.tone(rows) == "good"


def test_a_used_up_count_of_something_else_refuses_no_pod() -> None:
    rows = quotas.rows([quota({"services.nodeports": "1", "pods": "3"}, {"services.nodeports": "1", "pods": "1"})])
    assert quotas.sentence(rows) == "Room for pods; services.nodeports is used up."
    assert quotas.tone(rows) == "good"


def test_more_than_is_allowed_is_over() -> None:
    assert bars(quota({"pods": "2"}, {"pods": "3"}))["pods"]["word"] == "over"
    assert bars(quota({"pods": "0"}, {"pods": "3"}))["pods"]["word"] == "over"


def test_scopes_are_told() -> None:
    assert (
        quotas.rows([quota({"pods": "2"}, {}, scopes=["BestEffort"])])[0]["scopes"]
        == "counts only pods that are BestEffort"
    )


def test_without_a_quota_nothing_bounds_the_namespace() -> None:
    assert quotas.sentence([]) == "No quota: nothing bounds this namespace."
    assert quotas.tone([]) == "absent"


@pytest.mark.parametrize(
    ("resource", "amount", "text"),
    [
        ("requests.cpu", "0.1", "100m"),
        ("requests.cpu", "2", "2"),
        ("limits.memory", str(200 * 2**20), "200Mi"),
        ("limits.memory", str(2**30), "1Gi"),
        ("limits.memory", str(2**20 + 1), "2Mi"),
        ("pods", "2", "2"),
        ("services.nodeports", "1", "1"),
    ],
)
def test_computed_amounts_are_worded_as_kubernetes_does(resource: str, amount: str, text: str) -> None:
    assert amounts.said(resource, Decimal(amount)) == text
