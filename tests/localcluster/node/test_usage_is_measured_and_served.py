"""The kubelet endpoint tells what containers use, in kubelet's names, to those who may know."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import aiohttp

from localcluster.node.limits.protocol import Usage
from localcluster.node.metrics import ContainerUsage, render


def test_the_text_is_kubelets() -> None:
    """Containers, their sums by pod, the node; times in milliseconds."""
    entries = [
        ContainerUsage("flask", "web-1", "app", "2026-11-23T05:00:00Z", Usage(1.5, 1000)),
        ContainerUsage("flask", "web-1", "side", "2026-11-23T05:00:00Z", Usage(0.25, 24)),
    ]
    lines = render(entries, Usage(100.0, 4096), milliseconds=1763873000123).splitlines()
    assert 'container_cpu_usage_seconds_total{container="app",namespace="flask",pod="web-1"} 1.5 1763873000123' in lines
    assert (
        'container_memory_working_set_bytes{container="side",namespace="flask",pod="web-1"} 24 1763873000123' in lines
    )
    assert 'container_start_time_seconds{container="app",namespace="flask",pod="web-1"} 1795410000' in lines
    assert 'pod_cpu_usage_seconds_total{namespace="flask",pod="web-1"} 1.75 1763873000123' in lines
    assert 'pod_memory_working_set_bytes{namespace="flask",pod="web-1"} 1024 1763873000123' in lines
    assert "node_cpu_usage_seconds_total 100 1763873000123" in lines
    assert "resource_scrape_error 0" in lines
    assert "# TYPE container_cpu_usage_seconds_total counter" in lines


async def test_a_busy_container_is_seen_and_held_to_its_limit(cluster: Any, token: str) -> None:
    """A loop under a limit of a tenth of a core uses no more than about that."""
    await cluster.shell("busy", "while :; do :; done", resources={"limits": {"cpu": "100m", "memory": "64Mi"}})
    await cluster.until("busy", lambda pod: pod["status"]["phase"] == "Running")
    before, after = await asyncio.gather(used(cluster, token), later(cluster, token))
    share = (after[0] - before[0]) / ((after[1] - before[1]) / 1000)
    assert 0.02 < share < 0.25


async def test_the_endpoint_asks_for_a_token(cluster: Any) -> None:
    base = f"http://{cluster.agent.settings.address}:{cluster.agent.settings.kubelet_port}"
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{base}/healthz") as answer:
            assert (answer.status, await answer.text()) == (200, "ok")
        async with session.get(f"{base}/metrics/resource") as answer:
            assert answer.status == 401
        async with session.get(f"{base}/metrics/resource", headers={"Authorization": "Bearer wrong"}) as answer:
            assert answer.status == 401


async def later(cluster: Any, token: str) -> tuple[float, float]:
    """A second reading, once the first second of CPU periods has passed."""
    start = (await used(cluster, token))[1]
    while (reading := await used(cluster, token))[1] - start < 1500:  # noqa: ASYNC110  (usage is told only when asked)
        await asyncio.sleep(0.1)
    return reading


async def used(cluster: Any, token: str) -> tuple[float, float]:
    """CPU seconds of container `main` of pod `busy`, and when that was, in milliseconds."""
    url = f"http://{cluster.agent.settings.address}:{cluster.agent.settings.kubelet_port}/metrics/resource"
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers={"Authorization": f"Bearer {token}"}) as answer,
    ):
        text = await answer.text()
    match = re.search(r'container_cpu_usage_seconds_total\{container="main",[^}]*pod="busy"\} (\S+) (\d+)', text)
    assert match is not None, text
    return float(match[1]), float(match[2])
