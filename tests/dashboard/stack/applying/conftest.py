"""One Stack on the cluster in memory, with what it has told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.stack.actions import Stack
from dashboard.stack.applying.lease import Lease
from dashboard.stack.applying.revisions import Revisions
from dashboard.stack.bundles.bundle import Bundle, GeneratedSecret

RECORDS = "/api/v1/namespaces/surgeboard/configmaps"
LEASE = "/apis/coordination.k8s.io/v1/namespaces/surgeboard/leases/deploy"


class Shelf:
    """A catalogue of bundles that a test puts there."""

    def __init__(self) -> None:
        self.bundles: dict[str, Bundle] = {}
        self.cluster_scoped = False

    def all(self) -> tuple[Bundle, ...]:
        return tuple(self.bundles.values())

    def get(self, name: str) -> Bundle:
        from dashboard.errors import Refused

        if name not in self.bundles:
            raise Refused(f"There is no bundle {name}.", status=404)
        return self.bundles[name]


class Deploying:
    """A Stack whose every word is kept. `take_time(seconds)` is called for every wait."""

    def __init__(self, cluster: Any, time: Any) -> None:
        self.cluster, self.time, self.shelf = cluster, time, Shelf()
        self.rows: list[Mapping[str, Any]] = []
        self.notes: list[tuple[str, str]] = []
        self.waiting: list[Callable[[], None]] = []
        self.stack = self.another()

    def another(self) -> Stack:
        """As another dashboard on the same cluster would have it."""
        return Stack(
            self.cluster, self.shelf, self.rows.append, self._note, self.time.now, self.time.clock, self.time.sleep,
            self.waiting.append, "surgeboard",
        )  # fmt: skip

    def _note(self, kind: str, text: str, **_: Any) -> None:
        self.notes.append((kind, text))

    @property
    def last(self) -> Mapping[str, Any]:
        return self.rows[-1]

    @property
    def revisions(self) -> Revisions:
        return self.stack.revisions

    def put(self, objects: Any, *secrets: GeneratedSecret, name: str = "shop") -> Bundle:
        """On the shelf, in place of what was there by that name."""
        self.shelf.bundles[name] = Bundle(name, tuple(objects), tuple(secrets))
        return self.shelf.bundles[name]

    def deploy(self, *names: str, **options: Any) -> Mapping[str, Any]:
        return self.stack.run(list(names or ("shop",)), by="operator", **options)

    def remove(self, name: str = "shop", *, also: Collection[str] = ()) -> Mapping[str, Any]:
        return self.stack.run_teardown(name, by="operator", also=also)

    def results(self) -> dict[str, str]:
        return {f"{step['object']['kind']} {step['object']['name']}": step["result"] for step in self.last["steps"]}

    def lease(self, holder: str = "somebody · surgeboard@there · 1", **options: Any) -> Lease:
        return Lease(self.cluster, "surgeboard", holder, self.time.clock, self.time.now, **options)


@pytest.fixture
def deploying(cluster: Any, time: Any) -> Deploying:
    time.now = lambda: datetime.fromtimestamp(1_800_000_000 + time.seconds, UTC)
    return Deploying(cluster, time)
