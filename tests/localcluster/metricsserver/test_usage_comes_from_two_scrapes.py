"""CPU is a difference: nothing is told before there are two points, and a restart begins anew."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.metricsserver.scraper import Scraper
from localcluster.metricsserver.storage import Storage

KEY = ("shop", "web-1", "main")


@pytest.fixture
def storage() -> Storage:
    return Storage(resolution=15)


@pytest.fixture
def scraper(cluster: Any, storage: Storage, clock: Any) -> Scraper:
    return Scraper(cluster, storage, resolution=15, clock=clock)


async def test_it_is_ready_only_after_the_second_scrape(scraper: Scraper, storage: Storage, clock: Any) -> None:
    await scraper.round()
    assert not storage.ready
    assert storage.node("local") is None
    await clock.sleep(15)
    await scraper.round()
    assert storage.ready


async def test_it_divides_the_difference_by_the_true_window(
    cluster: Any, scraper: Scraper, storage: Storage, clock: Any
) -> None:
    cluster.add_pod("web-1")
    await scraper.round()
    await clock.sleep(14.973)
    cluster.cpu[KEY] += 3.0
    await scraper.round()
    usages = storage.pod("shop", "web-1")
    assert usages is not None
    assert usages["main"].window == 14973
    assert usages["main"].nanocores == int(3.0 * 1e9 / 14.973)


async def test_a_restarted_container_is_silent_for_one_scrape(
    cluster: Any, scraper: Scraper, storage: Storage, clock: Any
) -> None:
    """Its counter fell; the difference would be negative."""
    cluster.add_pod("web-1")
    for cpu in (10.0, 13.0, 0.5):
        cluster.cpu[KEY] = cpu
        await scraper.round()
        await clock.sleep(15)
    assert storage.pod("shop", "web-1") is None
    cluster.cpu[KEY] = 2.0
    await scraper.round()
    assert storage.pod("shop", "web-1") is not None


async def test_a_young_container_is_measured_from_its_start(
    cluster: Any, scraper: Scraper, storage: Storage, clock: Any
) -> None:
    """Between ten seconds and one resolution of age, the start is the first point."""
    cluster.add_pod("web-1")
    cluster.started[KEY] = clock.seconds - 12
    cluster.cpu[KEY] = 2.4
    await scraper.round()
    usages = storage.pod("shop", "web-1")
    assert usages is not None
    assert usages["main"].nanocores == pytest.approx(200_000_000, rel=1e-3)


async def test_half_a_pod_is_not_told(cluster: Any, scraper: Scraper, storage: Storage, clock: Any) -> None:
    cluster.add_pod("web-1")
    await scraper.round()
    cluster.cpu["shop", "web-1", "late"] = 0.1
    await clock.sleep(15)
    await scraper.round()
    assert storage.pod("shop", "web-1") is None


async def test_a_pod_that_stops_reporting_is_forgotten(
    cluster: Any, scraper: Scraper, storage: Storage, clock: Any
) -> None:
    cluster.add_pod("web-1")
    await scraper.round()
    await clock.sleep(15)
    await scraper.round()
    del cluster.cpu[KEY]
    await clock.sleep(15)
    await scraper.round()
    assert storage.pod("shop", "web-1") is None


async def test_scraping_counts_as_stuck_after_one_and_a_half_rounds(scraper: Scraper, clock: Any) -> None:
    assert scraper.timely
    await scraper.round()
    await clock.sleep(22)
    assert scraper.timely
    await clock.sleep(1)
    assert not scraper.timely
