"""The documents and refusals of metrics.k8s.io over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from localcluster.metricsserver.scraper import Scraper
from localcluster.metricsserver.server import MetricsApi
from localcluster.metricsserver.storage import Storage

BASE = "/apis/metrics.k8s.io/v1beta1"


@pytest.fixture
async def server(cluster: Any, clock: Any) -> AsyncIterator[Any]:
    """A client of a server whose cluster has two pods; `round()` scrapes."""
    cluster.add_pod("web-1", app="web")
    cluster.add_pod("db-0", namespace="data", app="db")
    storage = Storage(resolution=15)
    scraper = Scraper(cluster, storage, resolution=15, clock=clock)
    api = MetricsApi(cluster, storage, scraper, now=clock.time)
    async with TestClient(TestServer(api.application())) as client:
        client.round = scraper.round
        yield client


async def measured(server: Any, cluster: Any, clock: Any) -> None:
    await server.round()
    await clock.sleep(15)
    cluster.cpu["shop", "web-1", "main"] += 3.0
    await server.round()


async def test_it_is_not_ready_before_the_second_scrape(server: Any, clock: Any) -> None:
    assert (await server.get("/livez")).status == 200
    assert (await server.get("/readyz")).status == 500
    await server.round()
    await clock.sleep(15)
    await server.round()
    assert (await server.get("/readyz")).status == 200


async def test_pods_of_a_namespace_are_listed_with_usage(server: Any, cluster: Any, clock: Any) -> None:
    await measured(server, cluster, clock)
    document = await (await server.get(f"{BASE}/namespaces/shop/pods")).json()
    assert document == {
        "kind": "PodMetricsList",
        "apiVersion": "metrics.k8s.io/v1beta1",
        "metadata": {},
        "items": [
            {
                "metadata": {
                    "name": "web-1",
                    "namespace": "shop",
                    "creationTimestamp": "2026-11-23T04:51:55Z",
                    "labels": {"app": "web"},
                },
                "timestamp": "2026-11-23T04:51:55Z",
                "window": "15s",
                "containers": [{"name": "main", "usage": {"cpu": "200m", "memory": "2996Ki"}}],
            }
        ],
    }


async def test_a_label_selector_chooses_among_all_namespaces(server: Any, cluster: Any, clock: Any) -> None:
    await measured(server, cluster, clock)
    answer = await server.get(f"{BASE}/pods", params={"labelSelector": "app in (db)"})
    assert [item["metadata"]["name"] for item in (await answer.json())["items"]] == ["db-0"]


async def test_one_pod_names_its_kind_and_an_unknown_one_is_not_found(server: Any, cluster: Any, clock: Any) -> None:
    await measured(server, cluster, clock)
    document = await (await server.get(f"{BASE}/namespaces/shop/pods/web-1")).json()
    assert (document["kind"], document["containers"][0]["usage"]["cpu"]) == ("PodMetrics", "200m")
    answer = await server.get(f"{BASE}/namespaces/shop/pods/none")
    assert answer.status == 404
    assert (await answer.json())["message"] == 'pods.metrics.k8s.io "shop/none" not found'


async def test_nodes_are_listed_with_usage(server: Any, cluster: Any, clock: Any) -> None:
    await server.round()
    await clock.sleep(15)
    cluster.node_cpu += 1.5
    await server.round()
    document = await (await server.get(f"{BASE}/nodes")).json()
    assert document["kind"] == "NodeMetricsList"
    assert document["items"][0]["usage"] == {"cpu": "100m", "memory": "2102552Ki"}
    assert (await (await server.get(f"{BASE}/nodes/local")).json())["kind"] == "NodeMetrics"


async def test_discovery_names_both_resources(server: Any) -> None:
    document = await (await server.get(BASE)).json()
    assert [(one["name"], one["kind"]) for one in document["resources"]] == [
        ("nodes", "NodeMetrics"),
        ("pods", "PodMetrics"),
    ]


async def test_a_cluster_that_cannot_be_asked_is_an_error_not_an_empty_list(server: Any, cluster: Any) -> None:
    cluster.away = True
    answer = await server.get(f"{BASE}/nodes")
    assert answer.status == 500
    assert (await answer.json())["reason"] == "InternalError"
