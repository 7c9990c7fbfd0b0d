"""The view `decisions`: who changed the replicas, by what figures, and what is left of it after a restart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dashboard.kube import writers
from dashboard.scaling.kept_decisions import MOST
from dashboard.scaling.rescales import Rescaled
from dashboard.store.times import iso

HPA = {"manager": "kube-controller-manager", "operation": "Update", "subresource": "scale", "at": None}
KUBECTL = {"manager": "kubectl", "operation": "Update", "subresource": "scale", "at": None}


def changes(rows: list[dict[str, Any]]) -> list[tuple[int | None, int]]:
    return [(row["before"], row["after"]) for row in rows if row["before"] != row["after"]]


def test_a_recorded_climb_and_fall_is_told_once_each_with_its_own_figures(watched: Any) -> None:
    watched.play()

    rows = watched.rows()
    assert changes(rows) == [(1, 3), (3, 5), (5, 3), (3, 1)]
    assert {row["by"] for row in rows} == {"hpa"}
    assert {row["manager"] for row in rows} == {"kube-controller-manager"}
    assert [row["state"] for row in rows] == ["scaling_up", "scaling_up", "scaling_down", "scaling_down"]
    assert rows[0]["cpu_percent"] == 201
    assert rows[0]["sum"] == [{"label": "CPU", "value": "201", "deciding": True}]
    assert rows[0]["limited_by"] == "its scale-up policies"
    assert rows[0]["target"] == {"kind": "Deployment", "name": "app"}
    assert [each["kind"] for each in rows[0]["evidence"]] == ["object", "object", "Event"]


def test_after_a_restart_what_events_tell_is_there_without_a_sum(again: Callable[[], Any]) -> None:
    late = again()
    late.play(ticking=False)
    late.tick(at=late.time + 500)

    rows = late.rows()
    assert changes(rows) == [(None, 3), (3, 5), (5, 3), (3, 1)]
    assert {row["sum"] for row in rows} == {None}
    assert {row["confidence"] for row in rows} == {"inferred"}
    assert {row["by"] for row in rows} == {"hpa"}
    assert [row["t"][:19] for row in rows] == [
        "2026-11-23T04:51:59", "2026-11-23T04:52:29", "2026-11-23T04:57:30", "2026-11-23T04:58:00"
    ]  # fmt: skip


def test_a_list_that_is_read_again_tells_nothing_twice(watched: Any) -> None:
    watched.play()
    before = watched.rows()
    watched.play(only="events", ticking=False)
    watched.tick()

    assert watched.rows() == before


def test_scaling_by_hand_is_a_persons_and_is_said_to_the_explanation(watched: Any) -> None:
    watched.put(replicas=2, by=HPA)
    watched.tick()
    watched.put(replicas=6, by=KUBECTL, current=2, desired=2)
    watched.tick()

    (row,) = watched.rows("web")
    assert (row["before"], row["after"], row["by"], row["manager"]) == (2, 6, "person", "kubectl")
    assert row["state"] == "manual_scale"
    assert row["sentence"].startswith("kubectl scale set Deployment web from 2 to 6 replicas, not the HPA.")
    assert watched.decisions.changed_by("h") == {
        "by": "person", "manager": "kubectl", "before": 2, "after": 6, "at": iso(watched.time)
    }  # fmt: skip


def test_the_hpas_answer_to_it_is_the_hpas_again(watched: Any) -> None:
    watched.put(replicas=2, by=HPA)
    watched.tick()
    watched.put(replicas=6, by=KUBECTL)
    watched.tick()
    watched.put(replicas=3, by=HPA)
    watched.tick()

    assert [row["by"] for row in watched.rows("web")] == ["person", "hpa"]
    assert watched.decisions.changed_by("h")["by"] == "hpa"


def test_what_was_set_by_hand_before_the_start_is_found_in_managed_fields(watched: Any) -> None:
    at = iso(watched.time - 60)
    watched.put(replicas=4, by={"manager": "kubectl-edit", "operation": "Update", "subresource": "", "at": at})
    watched.tick()

    (row,) = watched.rows("web")
    assert (row["before"], row["after"], row["by"], row["t"]) == (None, 4, "person", at)
    assert row["confidence"] == "inferred"
    assert (row["sum"], row["cpu_percent"], row["cpu_target"]) == (None, None, None)
    assert row["sentence"] == "kubectl edit set Deployment web to 4 replicas, not the HPA."


def test_the_number_it_was_made_with_is_no_change(watched: Any) -> None:
    at = iso(watched.time - 3600)
    watched.put(replicas=4, by={"manager": "surgeboard", "operation": "Apply", "subresource": "", "at": at})
    watched.tick()

    assert watched.rows("web") == []


def test_an_unknown_manager_is_the_hpa_when_the_hpas_status_says_so(watched: Any) -> None:
    other = {"manager": "scaler", "operation": "Update", "subresource": "scale", "at": None}
    watched.put(replicas=2, by=other)
    watched.tick()
    watched.put(replicas=3, by=other, current=2, desired=3, last_scale_at=iso(watched.time))
    watched.tick()

    assert [row["by"] for row in watched.rows("web")] == ["hpa"]


def test_another_reason_that_lasts_is_a_moment_of_its_own(watched: Any) -> None:
    watched.put(replicas=8, by=HPA)
    watched.say("at_max")
    watched.tick()
    watched.say("stabilizing", sum=[{"label": "a", "value": "b", "deciding": False}])
    began = watched.time + 1
    for _ in range(5):
        watched.tick()

    (row,) = watched.rows("web")
    assert (row["before"], row["after"], row["state"]) == (8, 8, "stabilizing")
    assert row["t"] == iso(began)
    assert row["sum"]


def test_a_reason_that_comes_and_goes_is_none(watched: Any) -> None:
    watched.put(replicas=8, by=HPA)
    watched.say("at_max")
    watched.tick()
    for state in ("ok", "at_max", "ok", "at_max", "at_max", "at_max", "at_max", "at_max"):
        watched.say(state)
        watched.tick()

    assert watched.rows("web") == []


def test_the_newest_are_kept(watched: Any) -> None:
    for i in range(MOST + 30):
        watched.put(replicas=1 + i % 2, by=HPA)
        watched.tick()

    rows = watched.views.rows("decisions")
    assert len(rows) == MOST
    assert max(row["t"] for row in rows.values()) == iso(watched.time)


def test_another_cluster_has_another_past(watched: Any) -> None:
    watched.play(until=110)
    assert watched.rows()
    watched.views.renew()
    watched.tick()

    assert watched.rows() == []
    assert watched.decisions.changed_by("h") is None


def test_a_target_that_is_made_anew_has_not_changed(watched: Any) -> None:
    watched.put(replicas=5, by=HPA)
    watched.tick()
    watched.views.remove("workloads", "w")
    watched.tick()
    row = {**watched.views.get("hpas", "h")["target"], "uid": "w2", "namespace": "shop", "replicas": 1,
           "scaled_by": None, "created_at": iso(watched.time)}  # fmt: skip
    watched.views.put("workloads", "w2", row)
    watched.tick()

    assert watched.rows("web") == []


@pytest.mark.parametrize(
    ("manager", "subresource", "by", "words"),
    [
        ("kube-controller-manager", "scale", "hpa", "kube-controller-manager"),
        ("kube-controller-manager", "", "other", "kube-controller-manager"),
        ("kubectl", "scale", "person", "kubectl scale"),
        ("kubectl-edit", "", "person", "kubectl edit"),
        ("kubectl-client-side-apply", "", "person", "kubectl apply"),
        ("surgeboard", "", "person", "a deploy of Surgeboard"),
        ("surgeboard-replicas", "", "person", "a deploy of Surgeboard"),
        ("argocd-controller", "", "other", "argocd-controller"),
        ("keda-operator", "scale", "other", "keda-operator"),
        ("octopus", "", "other", "octopus"),
    ],
)
def test_managers_are_told_apart(manager: str, subresource: str, by: str, words: str) -> None:
    assert writers.by(manager, subresource=subresource) == by
    assert writers.told(manager, subresource=subresource) == words


@pytest.mark.parametrize(
    ("cause", "state"),
    [
        ("Current number of replicas below Spec.MinReplicas", "scaling_up"),
        ("Current number of replicas above Spec.MaxReplicas", "scaling_down"),
        ("All metrics below target", "scaling_down"),
    ],
)
def test_a_bound_that_was_moved_scales_towards_it(watched: Any, cause: str, state: str) -> None:
    watched.put(replicas=5, by=HPA)
    watched.decisions.hear(Rescaled("h-5", "shop", "web", "h", 5, cause, watched.time - 300))
    watched.tick()

    assert [row["state"] for row in watched.rows("web")] == [state]
