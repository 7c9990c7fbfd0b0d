"""A record keeps no values of Secrets; who owns a key now tells whether somebody has changed it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from dashboard.stack.bundles.bundle import ref_of
from dashboard.stack.planning.unrecorded import drift_of_record, judged_by_owners


def encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


@pytest.fixture(params=["data", "stringData"])
def applied(request: pytest.FixtureRequest, cluster: Any, namespace: str, manifest: Any) -> Any:
    """A Secret with two keys as it was applied; its path."""
    values = {"user": "ada", "tls.key": "hunter2"}
    fields = {key: encoded(value) if request.param == "data" else value for key, value in values.items()}
    wanted = manifest("v1", "Secret", "s", namespace, **{request.param: fields})
    path = f"/api/v1/namespaces/{namespace}/secrets/s"
    cluster.client.apply(path, wanted)
    return wanted, path


@pytest.fixture
def drift(cluster: Any, bundle: Any) -> Any:
    def ask(wanted: Any, keys: Any = ("user", "tls.key")) -> Any:
        found = drift_of_record(cluster, bundle(), {ref_of(wanted): keys})
        assert "hunter" not in repr(found)
        assert encoded("hunter2") not in repr(found)
        (each,) = found.objects
        return found, each

    return ask


@pytest.mark.parametrize("keys", [("user", "tls.key"), None])
def test_a_value_that_somebody_else_set_is_changed(cluster: Any, applied: Any, drift: Any, keys: Any) -> None:
    wanted, path = applied
    live = cluster.client.patch(path, {"data": {"tls.key": encoded("hunter3")}}, field_manager="kubectl-edit")
    since = next(each["time"] for each in live["metadata"]["managedFields"] if each["manager"] == "kubectl-edit")
    whole, found = drift(wanted, keys)
    assert (found.state, whole.is_clean) == ("changed", False)
    assert [(row.path, row.before, row.after) for row in found.changes] == [("data[tls.key]", "<changed>", "<changed>")]
    assert [(each.manager, each.since) for each in found.owners] == [("kubectl-edit", since)]
    assert found.sentence == f"kubectl-edit at {since} set data[tls.key]."


@pytest.mark.parametrize("keys", [("user", "tls.key")])
def test_what_nobody_touched_is_as_applied(applied: Any, drift: Any, keys: Any) -> None:
    whole, found = drift(applied[0], keys)
    assert (found.state, found.sentence, whole.is_clean) == ("as applied", None, True)


def test_a_key_that_is_taken_away_is_changed(cluster: Any, applied: Any, drift: Any) -> None:
    wanted, path = applied
    cluster.client.patch(path, {"data": {"tls.key": None}}, field_manager="kubectl-edit")
    _, found = drift(wanted)
    assert (found.state, [(row.path, row.before) for row in found.changes]) == ("changed", [("data[tls.key]", None)])


def test_a_key_that_others_added_is_told_and_is_no_change(cluster: Any, applied: Any, drift: Any) -> None:
    wanted, path = applied
    cluster.client.patch(path, {"data": {"more": encoded("x")}}, field_manager="kubectl-edit")
    _, found = drift(wanted)
    assert (found.state, [each.field for each in found.added]) == ("as applied", ["data.more"])
    assert "deploying again leaves that as it is" in found.sentence


def test_where_nothing_tells_it_is_said_that_values_were_not_compared(manifest: Any) -> None:
    live = manifest("v1", "Secret", "s", "shop", data={"a": encoded("hunter2")})
    found = judged_by_owners(live, ref_of(live), ["a"])
    assert (found.state, found.changes) == ("unknown", ())
    assert found.sentence == "The values of Secret shop/s are not recorded, so they were not compared."


def test_a_secret_that_is_gone_is_missing(cluster: Any, applied: Any, drift: Any) -> None:
    wanted, path = applied
    cluster.client.delete(path)
    _, found = drift(wanted)
    assert (found.state, "deploy its files again" in found.sentence) == ("missing", True)
