"""A real leak in a real pod, with a limit of its own and without: who dies, who is hit, and nothing is left of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.audit import FILE_NAME, Audit
from dashboard.core import connect, now
from dashboard.errors import Refused
from dashboard.kube import structs
from dashboard.limits.blast.objects import LABEL
from dashboard.limits.bounds import Bounds, bounds
from dashboard.load.turn import EXPERIMENT, SWARM, Turn
from dashboard.settings import Settings
from dashboard.store.views import Views

pytestmark = pytest.mark.cluster
MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"
PATIENCE_S = 120


def new_desk(lab: Any, folder: Path) -> Bounds:
    """As one process of the dashboard has it; a Job of an experiment is always seen."""
    client = connect(Settings(kubeconfig=lab.kubeconfig))
    seen = [structs.Workload(metadata=structs.Meta(labels={LABEL: "any"}))]
    return bounds(
        client, Views(), bundles_dir=MANIFESTS, data_dir=folder, audit=Audit(folder / FILE_NAME, now),
        turn=Turn(client, now, EXPERIMENT), held=lambda _plural: seen, refused=lambda _name, _error: None,
        is_loaded=lambda: None, note=lambda *_told, **_more: None, now=now, rate_mb_s=64,
    )  # fmt: skip


@pytest.fixture(scope="module")
def desk(lab: Any, tmp_path_factory: pytest.TempPathFactory) -> Bounds:
    """Everything about limits on a cluster that has the bundle load and nothing else. It leaks faster than a page's."""
    lab.kubectl("apply", "-k", str(MANIFESTS / "load"))
    return new_desk(lab, tmp_path_factory.mktemp("blast"))


def run(desk: Bounds, variant: str, *, meanwhile: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """The last row of an experiment that ran its course."""
    plan = desk.starting.plan(variant, by="operator", session="s")
    desk.starting.start(plan.nonce, by="operator", session="s")
    meanwhile()
    row = follow(desk)
    assert row["state"] == "done", row["reason"]
    return row


def follow(desk: Bounds) -> dict[str, Any]:
    """The last row of the one that runs."""
    end = time.monotonic() + PATIENCE_S
    while (row := desk.views.get("blast", "current") or {}).get("state") in ("starting", "running", "cleaning"):
        assert time.monotonic() < end, row
        desk.experiment.tick()
        time.sleep(0.3)
    return dict(row)


def words(row: dict[str, Any]) -> dict[str, str]:
    return {each["who"]: each["word"] for each in row["parties"]}


def died(row: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(each["container"], each["reason"], each["exit_code"]) for each in row["deaths"]]


def is_refused(row: dict[str, Any], who: str) -> bool:
    """Whether nobody listened there any more. A slow machine may answer late, which is no harm done by the leak."""
    return any("refused" in each["errors"] for each in row["parties"] if each["who"] == who)


def left(lab: Any) -> list[str]:
    found = lab.kubectl(
        "get", "pods,jobs,secrets,services,networkpolicies", "-n", "load", "-l", "app=blast", "-o", "name"
    )
    return str(found).split()


def test_with_a_limit_of_its_own_only_the_leaker_dies(lab: Any, desk: Bounds) -> None:
    client = connect(Settings(kubeconfig=lab.kubeconfig))

    def nobody_else() -> None:
        with pytest.raises(Refused, match="blast-radius experiment runs"):
            Turn(client, now, SWARM).take("k3v9", by="other")

    row = run(desk, "own", meanwhile=nobody_else)
    assert died(row) == [("leaker", "OOMKilled", 137)]
    assert words(row)["leaker"] == "killed"
    assert not is_refused(row, "beside")
    assert not is_refused(row, "elsewhere")
    assert left(lab) == []


def test_without_a_limit_of_its_own_the_neighbour_dies_with_it(lab: Any, desk: Bounds) -> None:
    row = run(desk, "shared")
    assert died(row) == [("both", "OOMKilled", 137)]
    assert row["bound"].startswith("256Mi, set by LimitRange load")
    assert words(row)["beside"] == "killed"
    assert is_refused(row, "beside")
    assert not is_refused(row, "elsewhere")
    assert left(lab) == []
    assert "shares the end" in row["lesson"]
    assert set(desk.results.read()) == {"own", "shared"}


def test_the_cluster_itself_tells_of_both(lab: Any) -> None:
    found = json.loads(lab.kubectl("get", "events", "-n", "load", "-o", "json"))["items"]
    reasons = sorted(each["reason"] for each in found if each["reason"].startswith("BlastRadius"))
    assert reasons == ["BlastRadiusEnded", "BlastRadiusEnded", "BlastRadiusStarted", "BlastRadiusStarted"]


def test_one_whose_dashboard_died_is_taken_up_by_the_next_one_with_all_that_was_seen(
    lab: Any, desk: Bounds, tmp_path: Path
) -> None:
    plan = desk.starting.plan("shared", by="operator", session="s")
    desk.starting.start(plan.nonce, by="operator", session="s")
    desk.experiment.forget()  # as if it were killed: it looks on no more
    other = new_desk(lab, tmp_path)
    end = time.monotonic() + PATIENCE_S
    while not other.experiment.is_active:
        assert time.monotonic() < end
        other.taking_up.tick()
        time.sleep(0.3)
    row = follow(other)
    assert (row["id"], row["state"], row["by"]) == (plan.blast_id, "done", "operator"), row["reason"]
    assert died(row) == [("both", "OOMKilled", 137)]
    assert row["bound"] == plan.bound.sentence
    assert row["parties"][0]["asked"] > 0
    assert left(lab) == []
    Turn(connect(Settings(kubeconfig=lab.kubeconfig)), now, SWARM).take("k3v9", by="other")
