"""The short scenarios of `make conformance`, on one cluster at once: what was alike once stays alike.

A floor is the number of differences left, each explained in docs/localcluster.md; it may only fall.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.conformance import recording, report
from tests.contract.conformance.report import Result
from tests.contract.conformance.running import run
from tests.contract.conformance.target import Target, fresh

pytestmark = pytest.mark.cluster

LEFT = {
    "objects": {},
    "list-watch": {},
    "namespace-delete": {},
    "quota-limits": {},
    "auth": {},
    "discovery": {"body": 7},
}
"""Scenario → kind of comparison → differences at most."""


@pytest.fixture(scope="module")
def results() -> Iterator[dict[str, Result]]:
    """All of them played side by side; each has its own namespace."""
    where = recording.folder()
    if not where.is_dir():
        pytest.skip("skipped: no recordings")
    with fresh() as cluster:
        yield {result.scenario: result for result in asyncio.run(_played(where, cluster))}


async def _played(where: Path, cluster: Target) -> list[Result]:
    return await asyncio.gather(*(run(recording.read(where, name=name), target=cluster) for name in LEFT))


@pytest.mark.parametrize("scenario", LEFT)
def test_the_local_cluster_answers_as_recorded(scenario: str, results: dict[str, Result]) -> None:
    result = results[scenario]
    found = {kind: len(tally.differences) for kind, tally in result.tallies().items() if tally.differences}
    assert result.requests.compared
    assert all(count <= LEFT[scenario].get(kind, 0) for kind, count in found.items()), report.differences(
        result, full=True
    )
