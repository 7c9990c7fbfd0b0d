"""Equal lines are one with a count, near-equal ones of a workload's pods unfold; deeds stay single. Real Events."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.story.asking import Asked
from dashboard.story.grouping import folded, grouped, workload_of


def row(t: str = "05:00:00", **more: Any) -> dict[str, Any]:
    about = {"kind": "Pod", "namespace": "flask", "name": more.pop("pod", "guestbook-7d9f86b5c4-x2kqp")}
    return {"id": f"{t}{more}", "t": f"2026-11-23T{t}Z", "kind": "warning", "object": about, "text": "It fails.",
            "count": 1, "reason": "Unhealthy", **more}  # fmt: skip


@pytest.mark.parametrize(
    ("pod", "workload"),
    [
        ("guestbook-7d9f86b5c4-x2kqp", "guestbook"), ("mongo-0", "mongo"),
        ("swarm-k3v9-worker-8kd2p", "swarm-k3v9-worker"),
        ("alone", "alone"), ("my-app-2", "my-app"),
    ],
)  # fmt: skip
def test_a_pod_s_name_tells_its_workload(pod: str, workload: str) -> None:
    assert workload_of(row(pod=pod)) == workload
    assert workload_of({"object": {"kind": "Service", "name": pod}}) is None


def test_equal_lines_are_one_with_a_count_and_two_times() -> None:
    later = row("05:05:00", count=3, reason=None, first="2026-11-23T05:02:00Z")
    (group,) = grouped([later, row("05:00:00", reason=None)])
    assert (group.count, group.first, group.newest["t"]) == (4, "2026-11-23T05:00:00Z", "2026-11-23T05:05:00Z")
    assert group.are_equal


def test_pods_of_one_workload_with_the_same_trouble_are_one_line() -> None:
    names = ("guestbook-7d9f86b5c4-x2kqp", "guestbook-7d9f86b5c4-m4dzt", "guestbook-66bb9c4d8f-q7hsl")
    (group,) = grouped([row(pod=name, text=f"{name} fails.") for name in names])
    assert (group.count, group.workload, group.are_equal) == (3, "guestbook", False)


def test_another_workload_namespace_reason_or_hour_is_another_line() -> None:
    others = [
        row("05:30:00"),
        row("05:20:00", reason="BackOff"),
        row("05:19:00", pod="web-0"),
        row("05:18:00", object={"kind": "Pod", "namespace": "demo", "name": "guestbook-7d9f86b5c4-x2kqp"}),
        row("05:00:00"),
    ]
    assert [group.count for group in grouped(others)] == [1, 1, 1, 1, 1]


@pytest.mark.parametrize("kind", ["swarm", "stop", "apply", "scaled", "failover", "experiment"])
def test_deeds_stay_single(kind: str) -> None:
    assert len(grouped([row(kind=kind, reason=None), row(kind=kind, reason=None)])) == 2


def test_recorded_events_shrink_and_lose_nothing(telling: Any, recorded_events: list[Any]) -> None:
    telling.start()
    telling.story.events(recorded_events)
    telling.seconds()
    lines = telling.archive.page("c1", Asked(routine=True), most=1000).lines
    groups = grouped(lines)

    assert sorted(each["id"] for group in groups for each in group.rows) == sorted(line["id"] for line in lines)
    assert sum(group.count for group in groups) == sum(line["count"] for line in lines)
    assert len(groups) < 0.75 * len(lines)
    assert [group.newest["t"] for group in groups] == sorted((group.newest["t"] for group in groups), reverse=True)
    mongo = [group for group in groups if group.newest["reason"] == "Pulled" and group.workload == "web"]
    assert all(len(group.rows) > 1 for group in mongo)
    assert {group.count for group in groups if group.newest["kind"] == "scaled"} == {1}


def test_on_the_stage_only_what_says_the_very_same_is_one_line() -> None:
    refused = {"object": {"kind": "ReplicaSet", "namespace": "flask", "name": "web-5f4d"}, "reason": "FailedCreate"}
    rows = [row("05:00:09", count=3, **refused), row("05:00:08", text="Another."), row("05:00:01", **refused)]
    assert [(group.newest["t"][11:19], group.count) for group in folded(rows)] == [("05:00:09", 4), ("05:00:08", 1)]


def test_pods_of_one_workload_that_find_no_place_are_one_line_on_the_stage() -> None:
    def homeless(t: str, name: str, place: str = "0/1 nodes are available", **more: Any) -> dict[str, Any]:
        pod = {"kind": "Pod", "namespace": more.pop("namespace", "flask"), "name": name}
        text = f"Pod {name} finds no place: {place}."
        return row(t, kind="warning", text=text, object=pod, reason="FailedScheduling", **more)

    rows = [
        homeless("05:00:09", "web-5c55655b75-zsnpc", count=3), homeless("05:00:08", "web-5c55655b75-dp8mf"),
        homeless("05:00:07", "other-5c55655b75-dp8mf"), homeless("05:00:06", "web-5c55655b75-x2x2x", "another reason"),
        homeless("05:00:05", "web-5c55655b75-x2x2x", namespace="shop"), homeless("05:00:04", "web-5c55655b75-zsnpc"),
    ]  # fmt: skip
    assert [(group.newest["t"][11:19], group.times) for group in folded(rows)] == [
        ("05:00:09", "× 5 · 2 pods"), ("05:00:07", ""), ("05:00:06", ""), ("05:00:05", ""),
    ]  # fmt: skip


def test_what_pods_came_through_is_told_one_by_one_on_the_stage() -> None:
    rows = [
        row("05:00:09", kind="oom", text=f"The container app of pod {name} was killed.",
            object={"kind": "Pod", "namespace": "flask", "name": name})
        for name in ("web-5c55655b75-zsnpc", "web-5c55655b75-dp8mf")
    ]  # fmt: skip
    assert len(folded(rows)) == 2
