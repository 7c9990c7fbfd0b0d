from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from dashboard.limits.board import Board
from dashboard.limits.reading import EVERY_S, Reading
from dashboard.store.views import Views

QUOTA = {"kind": "ResourceQuota", "metadata": {"name": "rq", "namespace": "shop"}, "spec": {"hard": {"pods": "4"}},
         "status": {"hard": {"pods": "4"}, "used": {"pods": "4"}}}  # fmt: skip
EVERYWHERE = "/api/v1/resourcequotas"


class Desk:
    """A board on a cluster, with a clock in the test's hand."""

    def __init__(self, cluster: Any, pods: Sequence[Any]) -> None:
        self.cluster, self.views, self.seconds = cluster, Views(), 0.0
        self.refused: dict[str, bool] = {}
        self.held: dict[str, Sequence[Any]] = {"pods": pods}
        self.reading = Reading(
            cluster, lambda name, error: self.refused.update({name: error is not None}), lambda: ["shop"],
            lambda: f"2026-11-23T12:00:{self.seconds:02.0f}Z", lambda: self.seconds,
        )  # fmt: skip
        self.board = Board(self.views, self.reading, lambda plural: self.held.get(plural, ()))

    def look(self, *, after: float = EVERY_S) -> dict[str, Any]:
        self.seconds += after
        self.reading.tick()
        self.board.tick()
        return dict(self.views.rows("limits").get("shop", {}))


@pytest.fixture
def desk(cluster: Any, made_pod: Callable[..., Any]) -> Desk:
    cluster.objects["/api/v1/namespaces/shop/resourcequotas/rq"] = QUOTA
    return Desk(cluster, [made_pod(main={})])


def test_a_quota_is_shown_where_it_bounds(desk: Desk) -> None:
    row = desk.look()
    assert (row["state"], row["tone"], row["quotas"][0]["name"]) == ("live", "full", "rq")
    assert row["ranges_sentence"].startswith("No LimitRange")


def test_before_anything_was_read_nothing_is_claimed(desk: Desk) -> None:
    desk.board.tick()
    row = desk.views.rows("limits")["shop"]
    assert (row["state"], row["known"], row["sentence"], row["ranges_sentence"]) == (
        "syncing",
        False,
        "Being read.",
        "",
    )


def test_denied_quotas_are_unknown_with_the_rule_that_would_allow_them(desk: Desk) -> None:
    desk.cluster.denied = {EVERYWHERE, "/api/v1/namespaces/shop/resourcequotas"}
    row = desk.look()
    assert (row["state"], row["known"], row["tone"]) == ("forbidden", False, "unknown")
    assert row["rule"]["resource"] == "resourcequotas"
    assert "nothing bounds" not in row["sentence"]
    assert desk.refused["resourcequotas"]


def test_what_is_denied_for_the_whole_cluster_is_tried_for_each_namespace(desk: Desk) -> None:
    desk.cluster.denied = {EVERYWHERE}
    row = desk.look()
    assert (row["state"], row["tone"]) == ("live", "full")
    assert not desk.refused["resourcequotas"]


def test_a_cluster_that_is_away_leaves_the_last_figures_and_says_how_old_they_are(desk: Desk) -> None:
    desk.look()
    desk.cluster.away = True
    row = desk.look()
    assert (row["state"], row["since"]) == ("stale", "2026-11-23T12:00:10Z")
    assert row["quotas"][0]["bars"][0]["used"] == "4"
    desk.cluster.away = False
    assert desk.look()["state"] == "live"


def test_it_is_read_again_only_when_it_is_time(desk: Desk) -> None:
    desk.look()
    desk.cluster.away = True
    assert desk.look(after=1)["state"] == "live"


def test_a_quota_is_read_again_at_once_when_it_is_seen_to_refuse_and_when_it_is_not_any_more(
    desk: Desk, recorded: dict[str, Any], workload_of: Callable[..., Any]
) -> None:
    desk.look()
    path = "/api/v1/namespaces/shop/resourcequotas/rq"
    for used, replica_sets in (("3", [workload_of(recorded["replica_set"])]), ("2", [])):
        desk.cluster.objects[path] = {**QUOTA, "status": {"hard": {"pods": "4"}, "used": {"pods": used}}}
        desk.held["replicasets"] = replica_sets
        desk.look(after=2)
        assert desk.look(after=2)["quotas"][0]["bars"][0]["used"] == used
        desk.cluster.asked_for.clear()
        desk.look(after=2)
        assert EVERYWHERE not in desk.cluster.asked_for


def test_another_cluster_is_read_anew(desk: Desk) -> None:
    desk.look()
    desk.board.begin()
    desk.board.tick()
    assert desk.views.rows("limits")["shop"]["state"] == "syncing"


def test_a_namespace_without_pods_and_without_readable_quotas_is_not_listed(desk: Desk) -> None:
    desk.reading.namespaces = lambda: ["shop", "kube-public"]
    desk.cluster.denied = {
        EVERYWHERE,
        "/api/v1/namespaces/shop/resourcequotas",
        "/api/v1/namespaces/kube-public/resourcequotas",
    }
    desk.look()
    assert set(desk.views.rows("limits")) == {"shop"}


def test_many_namespaces_that_are_tried_one_by_one_are_tried_more_seldom(desk: Desk) -> None:
    names = [f"n{number}" for number in range(100)]
    desk.reading.namespaces = lambda: names
    desk.cluster.denied = {EVERYWHERE, "/api/v1/limitranges"}
    desk.look()
    looks: list[float] = []
    read = desk.cluster.list

    def reading(path: str, **more: Any) -> Any:
        if path == EVERYWHERE:
            looks.append(desk.seconds)
        return read(path, **more)

    desk.cluster.list = reading
    for _ in range(8):
        desk.look()
    assert looks == [50.0, 90.0]  # 200 reads, five a second
