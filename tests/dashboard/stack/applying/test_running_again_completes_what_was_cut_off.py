"""Resuming: the API server dies after any number of writes; running again gives what a clean run gives."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.stack.bundles.bundle import GeneratedSecret
from dashboard.stack.planning.dry_run import comparable

SECRET = GeneratedSecret("shop", "db", generate={"password": 32})
PASSWORD = "/api/v1/namespaces/shop/secrets/db"


WRITES = 12
"""Of a clean run: namespace and lease, the record, four objects, the record after each stage and at the end, and the
release of the lease, which may fail: it runs out by itself."""


def state(cluster: Any) -> dict[str, Any]:
    """All objects but records, without what the server writes; what is random only by its presence."""
    own = {path: live for path, live in cluster.objects.items() if "/namespaces/surgeboard" not in path}
    return {path: comparable(live) if path != PASSWORD else True for path, live in own.items()}


@pytest.mark.parametrize("writes", range(1, WRITES - 1))
def test_after_any_write(deploying: Any, cluster: Any, objects: Any, writes: int) -> None:
    deploying.put(objects, SECRET)
    cluster.die_after(writes)
    row = deploying.deploy()
    assert row["state"] == "failed"
    assert row["error"].endswith("again to complete it.")
    cluster.die_after(None)
    before = cluster.objects.get(PASSWORD, {}).get("data")

    row = deploying.deploy()

    assert row["error"] is None
    assert set(state(cluster)) == {
        "/api/v1/namespaces/shop", "/api/v1/namespaces/shop/configmaps/web", PASSWORD,
        "/apis/apps/v1/namespaces/shop/deployments/web",
    }  # fmt: skip
    if before is not None:
        assert cluster.objects[PASSWORD]["data"] == before
    assert [each.number for each in deploying.stack.history("shop")] == [1]
    assert deploying.revisions.latest("shop").state == "applied"
    assert None not in {each.uid for each in deploying.revisions.latest("shop").objects}


def test_a_clean_run_makes_as_many_writes_as_are_tried_above(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.put(objects, SECRET)
    deploying.deploy()

    assert len(cluster.requests) == WRITES


def test_a_cluster_that_does_not_answer_at_all_is_said_at_once(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.put(objects)
    cluster.die_after(0)

    with pytest.raises(Refused, match="does not answer") as refused:
        deploying.stack.deploy(["shop"], by="operator")

    assert refused.value.status == 503
