"""Each state of the closed set, from moments of recordings of a real cluster, as they were or with a thing changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.scaling.states import STATES

SOON = 120.0
Change = Callable[[dict[str, Any]], None]
Recording = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def at(explained_cluster: Any, recording: Recording) -> Callable[..., Any]:
    """The recording of the HPA until a second of it, with its last status changed."""

    def play(t: float, change: Change | None = None, *, later: float = 0.0) -> Any:
        cluster = explained_cluster()
        lines = [line for line in recording("hpa") if line["t"] <= t]
        for line in lines:
            cluster.see(line)
        if change is not None:
            latest = next(line for line in reversed(lines) if is_app(line))
            changed = copy.deepcopy(latest["event"]["object"])
            change(changed)
            event = {"type": "MODIFIED", "object": changed}
            cluster.see({"t": t + 0.5, "type": "watch", "label": "horizontalpodautoscalers", "event": event})
        cluster.tick(t + 1 + later)
        cluster.reasons.tick()
        return cluster

    return play


def is_app(line: dict[str, Any]) -> bool:
    told = line.get("label") == "horizontalpodautoscalers"
    return bool(told and line["event"]["object"]["metadata"]["name"] == "app")


def said(cluster: Any, name: str = "app") -> tuple[str, str]:
    why = cluster.why(name)
    return why["state"], why["sentence"]


def condition(found: dict[str, Any], type_: str, **fields: str) -> None:
    next(each for each in found["status"]["conditions"] if each["type"] == type_).update(fields)


@pytest.mark.parametrize(
    ("t", "name", "state", "words"),
    [
        (5, "app", "not_synced", "has not looked at it yet"),
        (30, "app", "no_metrics_api", "the cluster has no metrics API"),
        (70, "app", "no_metrics_api", "registered, but nothing behind it answers"),
        (80, "app", "scaling_up", "target 50 %; it would want 5, but its policy allows 2 pods per 30 s"),
        (100, "app", "rate_limited", "Holding 3 replicas"),
        (115, "app", "scaling_up", "it would want 12, but its maximum is 5"),
        (250, "app", "at_max", "At its maximum of 5 replicas"),
        (380, "app", "stabilizing", "a higher wish within the last 1 min still counts"),
        (410, "app", "scaling_down", "Scaling down to 3 replicas"),
        (460, "app", "at_min", "At its minimum of 1 replica"),
        (100, "noreq", "missing_request", "the container main of the target has no CPU request"),
        (30, "missing", "target_not_found", "its target Deployment missing is not there"),
    ],
)  # fmt: skip
def test_as_it_was_recorded(at: Any, t: float, name: str, state: str, words: str) -> None:
    found = said(at(t), name)

    assert found[0] == state
    assert words in found[1]


def test_a_figure_that_came_after_the_last_sync_is_told_as_such(at: Any, recording: Recording) -> None:
    cluster = at(70)
    cluster.see(next(line for line in recording("hpa") if line["type"] == "metrics") | {"t": 76})

    state, sentence = said(cluster)
    assert state == "no_metrics_yet"
    assert sentence.startswith("Not scaling yet, but the figure has come: CPU is 201 % of the request, target 50 %.")
    assert sentence.endswith("The HPA reads it at its next sync.")
    assert cluster.why("app")["next"]["replicas"] == 3
    gauge = cluster.why("app")["gauge"]
    assert (gauge["name"], gauge["current_percent"], gauge["target_percent"]) == ("CPU", 201, 50)


def test_a_figure_that_is_not_read_for_a_minute_accuses_the_controller(at: Any, recording: Recording) -> None:
    cluster = at(70)
    cluster.see(next(line for line in recording("hpa") if line["type"] == "metrics") | {"t": 76})
    cluster.tick(76 + SOON)
    cluster.reasons.tick()

    assert said(cluster)[0] == "stale_controller"


def test_a_figure_of_a_pod_s_start_is_told_not_to_count(at: Any, recording: Recording) -> None:
    def no_ready(found: dict[str, Any]) -> None:
        message = "failed to get cpu utilization: did not receive metrics for any ready pods"
        condition(found, "ScalingActive", message=message)

    cluster = at(30, no_ready)
    assert "no ready pod of the target has a CPU figure so far" in said(cluster)[1]
    answer = next(line for line in recording("hpa") if line["type"] == "metrics")["answer"]
    early = [{**pod, "timestamp": "2026-11-23T04:50:50Z"} for pod in answer["items"]]
    cluster.see({"t": 33, "type": "metrics", "answer": {"items": early}})

    state, sentence = said(cluster)
    assert state == "no_metrics_yet"
    assert "the only CPU figure so far, 200 % of the request, is of a pod's start and does not count" in sentence
    assert cluster.why("app")["next"]["replicas"] == 1


def cpu(found: dict[str, Any], percent: int) -> None:
    found["status"]["currentMetrics"][0]["resource"]["current"] = {
        "averageValue": f"{percent}m", "averageUtilization": percent
    }  # fmt: skip


def within_tolerance(found: dict[str, Any]) -> None:
    cpu(found, 52)
    condition(found, "ScalingLimited", status="False", reason="DesiredWithinRange")


def as_wanted(found: dict[str, Any]) -> None:
    cpu(found, 42)
    condition(found, "ScalingLimited", status="False", reason="DesiredWithinRange")


def held_back(found: dict[str, Any]) -> None:
    cpu(found, 70)
    condition(found, "ScalingLimited", status="False", reason="DesiredWithinRange")


def scaled_to_zero(found: dict[str, Any]) -> None:
    found["status"].update(currentReplicas=0, desiredReplicas=0)
    condition(found, "ScalingActive", status="False", reason="ScalingDisabled")


def custom(found: dict[str, Any]) -> None:
    target = {"type": "AverageValue", "averageValue": "100"}
    found["spec"]["metrics"] = [{"type": "Pods", "pods": {"metric": {"name": "hits"}, "target": target}}]
    found["status"]["currentMetrics"] = [{"type": ""}]
    message = "unable to get metric hits: no custom metrics API (custom.metrics.k8s.io) registered"
    condition(found, "ScalingActive", status="False", reason="FailedGetPodsMetric", message=message)


def refused(found: dict[str, Any]) -> None:
    condition(found, "AbleToScale", status="False", reason="FailedUpdateScale", message="the object has been modified")


@pytest.mark.parametrize(
    ("change", "t", "state", "words"),
    [
        (within_tolerance, 125, "within_tolerance", "a little over it but inside the tolerance of 10 %"),
        (as_wanted, 125, "ok", "5 replicas: CPU is 42 % of the request, target 50 %."),
        (held_back, 100, "held_back", "do not count in full yet"),
        (custom, 125, "invalid_metric", "no API of the cluster serves that"),
        (refused, 125, "unknown", "the API server refused the new size: the object has been modified"),
    ],
)
def test_with_another_status(at: Any, change: Change, t: float, state: str, words: str) -> None:
    found = said(at(t, change))

    assert found[0] == state
    assert words in found[1]


def deployment(cluster: Any, recording: Recording, **spec: Any) -> None:
    made = [line["event"]["object"] for line in recording("hpa") if line.get("label") == "deployments"]
    found = next(each for each in made if each["metadata"]["name"] == "app")
    found["spec"].update(spec)
    cluster.see({"t": cluster.time - cluster.began, "type": "watch", "label": "deployments",
                 "event": {"type": "MODIFIED", "object": found}})  # fmt: skip


def test_no_replicas_at_all_switch_it_off(at: Any, recording: Recording) -> None:
    cluster = at(470, scaled_to_zero)
    deployment(cluster, recording, replicas=0)

    assert said(cluster) == ("paused_at_zero", "Paused: the target has 0 replicas, which switches scaling off.")


@pytest.mark.parametrize(
    ("by", "advice"), [("person", "to keep a size, change"), ("other", "Take spec.replicas out of what argocd applies")]
)
def test_a_size_set_by_somebody_else_is_news_until_the_hpa_sets_one(
    at: Any, recording: Recording, by: str, advice: str
) -> None:
    cluster = at(470)
    uid = next(uid for uid, row in cluster.views.rows("hpas").items() if row["name"] == "app")
    at_ = "2026-11-23T04:58:31Z"
    cluster.changes[uid] = {"by": by, "manager": "argocd", "before": 1, "after": 4, "at": at_}
    deployment(cluster, recording, replicas=4)

    assert said(cluster) == (
        "manual_scale",
        "argocd has set it from 1 to 4 replicas, not the HPA, which decides anew at its next sync.",
    )
    why = cluster.why("app")
    assert advice in why["advice"]
    assert ("size set from 1 to 4 by argocd", at_) in [(each["text"], each["at"]) for each in why["evidence"]]

    cluster.tick(470 + SOON)
    cluster.reasons.tick()
    assert said(cluster)[0] == "at_min"


def test_a_status_that_stays_while_the_figures_change_accuses_the_controller(at: Any, recording: Recording) -> None:
    cluster = at(225, later=0)
    figures = [line for line in recording("hpa") if line["type"] == "metrics" and line["t"] > 350]
    cluster.see(figures[0] | {"t": 226})
    assert said(cluster)[0] == "at_max"

    cluster.tick(226 + SOON)
    cluster.reasons.tick()
    state, sentence = said(cluster)
    assert state == "stale_controller"
    assert "nobody seems to look" in sentence


def test_one_that_is_never_looked_at_accuses_the_controller(at: Any) -> None:
    assert said(at(5, later=SOON)) == ("stale_controller", "The HPA controller has never looked at it.")


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            "pods by selector app=app are controlled by multiple HPAs: [golden-hpa/second golden-hpa/app]",
            "Not scaling: golden-hpa/second scales the same pods, and Kubernetes lets none of them scale.",
        ),
        (
            "pods by selector app=app are controlled by multiple HPAs: [golden-hpa/c golden-hpa/app golden-hpa/b]",
            "Not scaling: golden-hpa/b and golden-hpa/c scale the same pods, and Kubernetes lets none of them scale.",
        ),
        ("told otherwise", "Not scaling: another HPA scales the same pods, and Kubernetes lets none of them scale."),
    ],
)
def test_an_hpa_whose_pods_another_one_selects_too_names_it(at: Any, message: str, sentence: str) -> None:
    def ambiguous(found: dict[str, Any]) -> None:
        condition(found, "ScalingActive", status="False", reason="AmbiguousSelector", message=message)

    assert said(at(250, ambiguous)) == ("ambiguous", sentence)


def test_these_are_all_states() -> None:
    here = Path(__file__).parent
    told = "".join(
        (here / f"test_{name}.py").read_text() for name in ("every_state_is_told", "what_keeps_pods_out_is_told")
    )

    assert [state for state in STATES if f'"{state}"' not in told] == []


def test_a_size_that_was_out_of_bounds_needs_no_figure_to_be_put_right(at: Any, recording: Recording) -> None:
    cluster = at(250, lambda found: found["status"].pop("currentMetrics"))
    assert said(cluster)[0] == "unknown"

    rescales = [line for line in recording("hpa") if line.get("label") == "events" and line["t"] <= 250]
    latest = copy.deepcopy(next(e for e in reversed(rescales) if e["event"]["object"]["reason"] == "SuccessfulRescale"))
    latest["event"]["object"]["message"] = "New size: 5; reason: Current number of replicas above Spec.MaxReplicas"
    cluster.see(latest | {"t": 252})
    cluster.tick(253)
    cluster.reasons.tick()
    state, sentence = said(cluster)
    assert state == "at_max"
    assert sentence == "Brought to its maximum of 5 replicas. That takes no figures; the next sync looks at them again."
