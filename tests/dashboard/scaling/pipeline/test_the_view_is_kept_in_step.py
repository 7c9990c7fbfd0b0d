"""Every HPA has its own row; the cluster is asked seldom while all is well, and each time while it is not."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.kube import errors, metrics_api
from dashboard.scaling.pipeline.keeping import WELL_S, Pipelines
from dashboard.scaling.pipeline.reading import NODES_GOOD_S, Reading
from dashboard.store.views import Views

NODES, FIGURES = "/api/v1/nodes", f"{metrics_api.ROOT}/nodes"
OWNER = {"kind": "Deployment", "name": "app"}


class Kept:
    """The view over a way whose levers a test pulls."""

    def __init__(self, way: Any) -> None:
        self.way, self.views, self.seconds = way, Views(), 0.0
        self.focus: Any = None
        reading = Reading(way, way.tail, lambda *_: None, lambda: self.seconds)
        self.pipelines = Pipelines(self.views, reading, lambda: self.focus, lambda: way.now, lambda: self.seconds)

    def put(self, hpa: dict[str, Any], **pod: Any) -> None:
        """An HPA and one pod of its target."""
        self.views.put("hpas", hpa["uid"], hpa)
        row = {**self.way.pod("app-1", **pod), "namespace": hpa["namespace"], "workload": OWNER, "deleted_at": None}
        self.views.put("pods", row["uid"], row)

    def tick(self, seconds: float = 3.0) -> list[str]:
        """What was asked of the API this time."""
        self.seconds += seconds
        self.way.asked.clear()
        self.pipelines.tick()
        return list(self.way.asked)

    def row(self, key: str = "metrics") -> dict[str, Any]:
        return dict(self.views.get("pipeline", key) or {})


@pytest.fixture
def kept(way: Any) -> Kept:
    return Kept(way)


def test_every_hpa_has_a_row_and_the_stage_has_its_own(kept: Kept, way: Any) -> None:
    well, lost = way.recorded_hpa(79.304), way.recorded_hpa(19.212)
    kept.put(well)
    kept.put(lost)
    kept.focus = well

    kept.tick()

    assert kept.row(well["uid"])["fault"] is None
    assert kept.row(lost["uid"])["fault"] == "hpa"
    assert kept.row() == kept.row(well["uid"])
    kept.views.remove("hpas", lost["uid"])
    kept.tick()
    assert set(kept.views.rows("pipeline")) == {"metrics", well["uid"]}


def test_the_cluster_is_asked_seldom_while_all_is_well(kept: Kept, way: Any) -> None:
    kept.put(way.recorded_hpa(79.304))
    assert kept.tick()
    assert [bool(kept.tick()) for _ in range(4)] == [False, False, True, False]
    assert WELL_S == 9


def test_the_nodes_are_listed_seldom_while_they_are_those_with_figures(kept: Kept, way: Any) -> None:
    assert NODES in kept.tick()
    asked = [kept.tick(WELL_S) for _ in range(5)]
    assert all(FIGURES in each and NODES not in each for each in asked)
    assert NODES in kept.tick(NODES_GOOD_S)
    assert NODES not in kept.tick(WELL_S)


def test_a_node_that_comes_goes_or_has_no_figures_is_seen_at_once(kept: Kept, way: Any) -> None:
    kept.tick()
    way.paths[NODES] = [way.node("kind-control-plane"), way.node("two", ready=False)]
    way.paths[FIGURES] = [*way.paths[FIGURES], {**way.paths[FIGURES][0], "metadata": {"name": "two"}}]
    assert NODES in kept.tick(WELL_S)
    way.paths[FIGURES] = way.paths[FIGURES][:1]
    assert NODES in kept.tick(WELL_S)
    way.paths[NODES] = way.paths[NODES][:1]
    assert NODES in kept.tick()
    assert NODES not in kept.tick(WELL_S)


def test_what_only_the_views_tell_of_is_not_asked_more_often(kept: Kept, way: Any) -> None:
    hpa = way.recorded_hpa(79.304)
    kept.put(hpa, lacks={"cpu": ["app"]})
    kept.tick()
    assert kept.row(hpa["uid"])["fault"] == "requests"
    assert [bool(kept.tick()) for _ in range(4)] == [False, False, True, False]


def test_it_is_asked_each_time_while_something_is_broken_or_deployed(kept: Kept, way: Any) -> None:
    way.paths[metrics_api.PATH] = errors.NotFound(404, "NotFound", "not found")
    assert [bool(kept.tick()) for _ in range(3)] == [True, True, True]

    way.paths[metrics_api.PATH] = way.api_service("True")
    kept.tick()
    assert kept.tick() == []
    kept.views.put("deploy", "current", {"state": "applying"})
    assert [bool(kept.tick()) for _ in range(2)] == [True, True]


def test_another_cluster_is_asked_at_once(kept: Kept) -> None:
    kept.tick()
    kept.pipelines.forget()
    assert kept.tick()


def test_after_a_repair_the_hpa_has_its_time(kept: Kept, way: Any) -> None:
    kept.put(way.recorded_hpa(64.235))
    uid = way.recorded_hpa(64.235)["uid"]

    def hpa() -> str:
        kept.tick(10)
        return str(next(each["state"] for each in kept.row(uid)["links"] if each["id"] == "hpa"))

    assert [hpa() for _ in range(6)] == ["unknown"] * 5 + ["broken"]


def test_what_may_not_be_watched_is_denied_with_its_rule(kept: Kept, way: Any) -> None:
    kept.put(way.recorded_hpa(79.304))
    row = {"state": "forbidden", "since": None, "detail": "no", "rule": {"sentence": "needs list pods", "yaml": "…"}}
    kept.views.put("connection", "pods", row)
    kept.tick()
    states = {each["id"]: each["state"] for each in kept.row(way.recorded_hpa(79.304)["uid"])["links"]}
    assert (states["fresh"], states["requests"], states["hpa"]) == ("denied", "denied", "ok")
