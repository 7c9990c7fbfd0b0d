"""Samples: from the rows that are there, null where there are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.scaling.sampler import KEPT_S, Sampler
from dashboard.store.views import Views

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def views() -> Views:
    return Views()


@pytest.fixture
def sampler(views: Views) -> Sampler:
    return Sampler(views, "flask", "guestbook", Clock().now)


def pod(uid: str, cpu: float | None, *, ready: bool = True, request: float = 100) -> dict[str, Any]:
    return {
        "uid": uid, "workload": {"uid": "w"}, "ready": ready, "deleted_at": None, "cpu_millicores": cpu,
        "cpu_request_millicores": request,
    }  # fmt: skip


def test_nothing_known_is_null_and_never_zero(sampler: Sampler) -> None:
    sample = sampler.sample()

    assert {name: value for name, value in sample.items() if name != "t"} == dict.fromkeys(
        ("users", "rps", "p95_ms", "failed_percent", "cpu_percent", "cpu_target", "replicas", "ready")
    )


def test_cpu_is_usage_over_requests_of_ready_pods_with_figures(views: Views, sampler: Sampler) -> None:
    views.put("workloads", "w", {"uid": "w", "namespace": "flask", "name": "guestbook", "replicas": 3, "ready": 2})
    views.put("pods", "a", pod("a", 150))
    views.put("pods", "b", pod("b", 50))
    views.put("pods", "c", pod("c", None))
    views.put("pods", "d", pod("d", 900, ready=False))

    sample = sampler.sample()

    assert (sample["cpu_percent"], sample["replicas"], sample["ready"]) == (100.0, 3, 2)


def test_old_samples_are_dropped(views: Views, sampler: Sampler) -> None:
    for _ in range(KEPT_S + 5):
        sampler.tick()

    assert len(views.rows("samples")) == KEPT_S


@pytest.mark.parametrize("state", ["stale", "down", "syncing"])
def test_what_the_cluster_said_before_it_fell_silent_is_not_sampled(views: Views, sampler: Sampler, state: str) -> None:
    workload = {"uid": "w", "namespace": "flask", "name": "guestbook", "replicas": 3, "ready": 3}
    hpa = {"namespace": "flask", "name": "guestbook", "target": {"name": "guestbook"}, "cpu_target": 50}
    views.put("workloads", "w", workload)
    views.put("hpas", "h", hpa)
    views.put("pods", "p", pod("p", 54))
    views.put("connection", "pods", {"state": "live"})
    assert sampler.sample()["ready"] == 3

    views.put("connection", "pods", {"state": state})

    sample = sampler.sample()
    assert [sample[name] for name in ("replicas", "ready", "cpu_percent", "cpu_target")] == [None] * 4


@pytest.mark.parametrize(
    ("read", "unknown"),
    [
        ("pods", {"cpu_percent"}),
        ("metrics", {"cpu_percent"}),
        ("deployments", {"cpu_percent", "replicas", "ready"}),
        ("horizontalpodautoscalers", {"cpu_target"}),
        ("swarm", {"users", "rps"}),
        ("events", set()),
    ],
)
def test_what_may_not_be_read_is_not_sampled(views: Views, sampler: Sampler, read: str, unknown: set[str]) -> None:
    views.put("workloads", "w", {"uid": "w", "namespace": "flask", "name": "guestbook", "replicas": 3, "ready": 3})
    hpa = {"namespace": "flask", "name": "guestbook", "target": {"name": "guestbook"}, "cpu_target": 50}
    views.put("hpas", "h", hpa)
    views.put("pods", "p", pod("p", 54))
    views.put("swarm", "current", {"state": "none", "users": 0, "rps": 0.0})
    names = {"users", "rps", "cpu_percent", "cpu_target", "replicas", "ready"}
    assert all(sampler.sample()[name] is not None for name in names)

    views.put("connection", read, {"state": "forbidden"})
    sample = sampler.sample()
    assert {name for name in names if sample[name] is None} == unknown
