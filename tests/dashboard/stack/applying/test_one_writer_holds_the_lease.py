"""The Lease: one holder, renewed, lost, released, taken over when it has run out or its process was killed here."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.applying import process
from dashboard.stack.applying.lease import DURATION_S, LeaseLost

LEASE = "/apis/coordination.k8s.io/v1/namespaces/surgeboard/leases/deploy"
CONFIG = "/api/v1/namespaces/shop/configmaps/web"


def test_the_second_is_told_who_deploys_and_since_when(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.put(objects)
    with deploying.lease("ada@example.org · surgeboard@laptop · 5f3a").held(), pytest.raises(Refused) as refused:
        deploying.stack.deploy(["shop"], by="operator")

    assert refused.value.status == 409
    assert refused.value.sentence.startswith("ada@example.org · surgeboard@laptop has been deploying since 08:00 (UTC)")
    assert cluster.writes == []
    assert deploying.deploy()["state"] == "done"


def test_two_dashboards_at_the_same_moment_do_not_both_write(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.put(objects)
    first, second = deploying.stack, deploying.another()
    first.deploy(["shop"], by="one")
    second.deploy(["shop"], by="two")
    begin_first, begin_second = deploying.waiting
    asked: list[str] = []

    def in_between(_: str, path: str) -> None:
        if path == CONFIG and not asked:
            asked.append(path)
            begin_second()

    cluster.on_write = in_between
    begin_first()

    assert first._progress is not None
    assert second._progress is not None
    assert first._progress.state == "done"
    assert second._progress.state == "failed"
    assert "one · surgeboard@" in str(second._progress.error)
    assert len(cluster.writes) == 3


def test_it_is_held_by_whoever_asked_and_nobody_afterwards(deploying: Any, cluster: Any, objects: Any) -> None:
    deploying.put(objects)
    holders: list[str] = []
    cluster.on_write = lambda _, path: (
        holders.append(cluster.objects[LEASE]["spec"].get("holderIdentity")) if path == CONFIG else None
    )

    deploying.deploy()

    assert re.fullmatch(r"operator · surgeboard@.+ · [0-9a-f]{8}", holders[0])
    assert "holderIdentity" not in cluster.objects[LEASE]["spec"]


def test_a_lease_that_ran_out_is_taken_over(deploying: Any, cluster: Any, time: Any) -> None:
    deploying.lease()._take()
    time.seconds += DURATION_S + 1

    with deploying.lease("ada · surgeboard@laptop · 2").held():
        assert cluster.objects[LEASE]["spec"]["holderIdentity"] == "ada · surgeboard@laptop · 2"
        assert cluster.objects[LEASE]["spec"]["leaseTransitions"] == 1


def test_one_whose_process_was_killed_on_this_machine_is_not_waited_for(deploying: Any) -> None:
    deploying.lease(process="machine.1.2")._take()

    deploying.lease("ada · here · 2", has_ended=lambda name: name == "machine.1.2").refuse_if_held()
    with pytest.raises(Refused):
        deploying.lease("ada · here · 2", has_ended=lambda _: False).refuse_if_held()


def test_it_is_renewed_while_something_is_waited_for(deploying: Any, cluster: Any, objects: Any, time: Any) -> None:
    cluster.becomes_healthy = False
    deploying.put(objects)
    rival = deploying.lease()

    def look() -> None:
        with pytest.raises(Refused, match="operator"):
            rival.refuse_if_held()

    time.on_sleep = look
    deploying.deploy()

    assert time.seconds > 5 * DURATION_S
    rival.refuse_if_held()


def test_one_that_another_took_stops_the_apply_before_the_next_write(
    deploying: Any, cluster: Any, objects: Any, time: Any
) -> None:
    deploying.put(objects)

    def take(_: str, path: str) -> None:
        """As if this process had hung for a while, unseen by its own clock."""
        if path == "/api/v1/namespaces/shop":
            time.seconds += DURATION_S + 1
            cluster.on_write = None
            deploying.lease("ada · surgeboard@laptop · 2")._take()

    cluster.on_write = take
    deploying.deploy()

    assert deploying.last["state"] == "failed"
    assert "ada · surgeboard@laptop took it" in deploying.last["error"]
    assert [path for _, path in cluster.writes] == ["/api/v1/namespaces/shop"]
    assert cluster.objects[LEASE]["spec"]["holderIdentity"].startswith("ada")
    assert deploying.revisions.latest("shop").state == "applying"


def test_one_that_cannot_be_renewed_is_lost_when_it_may_have_run_out(deploying: Any, cluster: Any, time: Any) -> None:
    lease = deploying.lease()
    lease._take()
    cluster.die_after(0)
    time.seconds += DURATION_S - 1
    lease.keep()
    time.seconds += 2

    with pytest.raises(LeaseLost, match="could not be renewed"):
        lease.keep()
    with pytest.raises(LeaseLost):
        lease.keep()


def test_somebody_who_labels_the_lease_does_not_stop_a_deploy(deploying: Any, cluster: Any, time: Any) -> None:
    lease = deploying.lease()
    lease._take()
    cluster.patch(LEASE, {"metadata": {"labels": {"seen": "yes"}}}, field_manager="kubectl")
    time.seconds += 11

    lease.keep()
    lease.keep()


@pytest.mark.parametrize(
    ("refused", "rule"), [("leases", "apiGroups: [coordination.k8s.io]"), ("configmaps", "configmaps")]
)
def test_a_missing_right_is_told_with_the_rule_that_allows_it(
    deploying: Any, cluster: Any, objects: Any, refused: str, rule: str
) -> None:
    deploying.put(objects)
    root = "/apis/coordination.k8s.io/v1" if refused == "leases" else "/api/v1"
    name = "deploy" if refused == "leases" else "revision.shop.1"
    path = f"{root}/namespaces/surgeboard/{refused}/{name}"
    cluster.refuse(path, errors.Forbidden(403, "Forbidden", f"cannot create resource {refused}"))

    row = deploying.deploy()

    assert row["state"] == "failed"
    assert rule in row["error"]
    assert "Role in namespace surgeboard" in row["error"]
    assert cluster.writes == []


def test_who_may_not_make_namespaces_deploys_where_the_records_have_theirs(
    deploying: Any, cluster: Any, objects: Any
) -> None:
    deploying.put(objects)
    records = "/api/v1/namespaces/surgeboard"
    cluster.refuse(records, errors.Forbidden(403, "Forbidden", "cannot create resource namespaces"))
    assert "in a ClusterRole" in deploying.deploy()["error"]

    cluster.objects[records] = {"metadata": {"name": "surgeboard", "uid": "made by an administrator"}}
    assert deploying.deploy()["state"] == "done"


def test_a_process_is_known_by_number_and_start_on_one_machine_only(tmp_path: Path) -> None:
    own = process.name_of_this()
    if own is None:
        pytest.skip("no /proc here")
    machine, number, started = own.split(".")

    assert int(number) == os.getpid()
    assert not process.has_ended(own)
    assert process.has_ended(f"{machine}.{number}.{int(started) - 1}")
    assert not process.has_ended(f"elsewhere.{number}.1")
    assert not process.has_ended("nonsense")
    assert process.name_of_this(proc=tmp_path) is None
