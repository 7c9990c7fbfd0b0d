"""Quantities as Kubernetes writes them."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.kube.metrics import decode
from dashboard.kube.quantities import millicores, whole_bytes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[("250m", 250), ("1", 1000), ("0", 0), (2, 2000), ("0.5", 500), ("1234567n", 1.234567), ("150u", 0.15)],
        *[("1e-1", 100), ("2k", 2_000_000), (None, None), ("", None), ("lots", None), ("1Xi", None)],
    ],
)
def test_cpu_is_read_as_millicores(text: Any, expected: float | None) -> None:
    assert millicores(text) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[("192Mi", 192 * 1024**2), ("1Gi", 1024**3), ("128974848", 128974848), ("129e6", 129_000_000)],
        *[("129M", 129_000_000), ("1500m", 2), ("1Ki", 1024), (None, None)],
    ],
)
def test_memory_is_read_as_bytes(text: Any, expected: int | None) -> None:
    assert whole_bytes(text) == expected


def test_a_pod_s_use_is_the_sum_of_its_containers_and_unknown_when_one_is() -> None:
    body = b"""{"items": [
      {"metadata": {"name": "a", "namespace": "n"}, "timestamp": "2026-11-23T05:00:00Z", "window": "15s",
       "containers": [{"name": "x", "usage": {"cpu": "100m", "memory": "1Mi"}},
                      {"name": "y", "usage": {"cpu": "5000000n", "memory": "1Ki"}}]},
      {"metadata": {"name": "b", "namespace": "n"}, "containers": [{"usage": {"cpu": "1m"}}, {"usage": null}]},
      {"metadata": {"name": "c", "namespace": "n"}, "containers": null}]}"""
    metrics = decode(body)
    assert metrics["n/a"].cpu_millicores == pytest.approx(105)
    assert metrics["n/a"].memory_bytes == 1024 * 1025
    assert metrics["n/a"].window == "15s"
    assert metrics["n/b"].cpu_millicores is None
    assert metrics["n/c"].memory_bytes is None
