"""Teardown: reverse order, kept kinds, running it twice."""

from __future__ import annotations

from typing import Any

from dashboard.stack.applying.progress import Progress
from dashboard.stack.applying.teardown import Teardown
from dashboard.stack.bundles.bundle import Bundle

WEB = "/apis/apps/v1/namespaces/shop/deployments/web"


def tear_down(cluster: Any, time: Any, objects: Any) -> dict[str, Any]:
    rows: list[Any] = []
    Teardown(cluster, Progress(rows.append, time.now), time.clock, time.sleep).remove(Bundle("shop", objects))
    last: dict[str, Any] = rows[-1]
    return last


def deployed(cluster: Any, objects: Any) -> None:
    cluster.apply("/api/v1/namespaces/shop", objects[0])
    cluster.apply(WEB, objects[1])
    cluster.apply("/api/v1/namespaces/shop/configmaps/web", objects[2])
    cluster.writes.clear()


def test_workloads_go_first_and_the_namespace_stays(cluster: Any, time: Any, objects: Any) -> None:
    deployed(cluster, objects)

    row = tear_down(cluster, time, objects)

    assert [path for _, path in cluster.writes] == [WEB, "/api/v1/namespaces/shop/configmaps/web"]
    assert "/api/v1/namespaces/shop" in cluster.objects
    assert row["state"] == "done"
    assert [step["result"] for step in row["steps"]] == ["deleted", "deleted", "kept"]


def test_running_it_again_finds_nothing_to_do(cluster: Any, time: Any, objects: Any) -> None:
    deployed(cluster, objects)
    tear_down(cluster, time, objects)
    cluster.writes.clear()

    row = tear_down(cluster, time, objects)

    assert cluster.writes == []
    assert row["state"] == "done"
