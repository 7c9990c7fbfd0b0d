"""A run is recorded from the minute before its swarm until the replicas are back, with what was true at each second."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from dashboard.store.times import iso

HPA = {"kind": "HorizontalPodAutoscaler", "namespace": "flask", "name": "guestbook"}


def test_it_goes_from_the_minute_before_to_the_replicas_being_back(stage: Any) -> None:
    begun = stage.t
    stage.start_swarm(note="before the fair", users_asked=60, workers_asked=2)
    stage.seconds(4)
    stage.seconds(10, state="running", users=60, rps=90.0, p95_ms=1500.0, requests=900, failures=0)
    stage.flag("scaled", "1 → 3", about=HPA)
    stage.scale(3, ready=1, cpu_percent=90)
    stage.seconds(5)
    stage.scale(3, cpu_percent=60)
    stage.seconds(20, p95_ms=80.0)
    stage.flag("stop", "stop")
    stage.swarm(state="stopped", users=0, rps=0.0, p95_ms=None, requests=3000, failures=7)
    stopped = stage.t
    stage.seconds(60)
    assert stage.sign["state"] == "recording"
    stage.scale(1)
    stage.seconds(3)

    run = stage.archive.document(stage.archive.list()[0]["run_id"])
    assert (run["state"], stage.sign["state"]) == ("complete", "idle")
    assert (run["by"], run["why"], run["request"]["users"]) == ("ada", "before the fair", 60)
    assert run["request"]["workers"] == 2
    assert (run["requests"], run["failures"], run["peak_users"], run["peak_replicas"]) == (3000, 7, 60, 3)
    assert run["samples"][0]["t"] / 1000 == begun - 60
    assert [row["t"] for row in run["samples"]] == sorted({row["t"] for row in run["samples"]})
    assert run["reaction"] == {
        "load_to_decision_s": 9.0, "load_to_new_pod_s": 9.0, "load_to_ready_s": 14.0, "load_to_latency_ok_s": 15.0,
        "stop_to_scale_down_s": 61.0,
    }  # fmt: skip
    assert run["stopped_at"] == stage.archive.get(run["run_id"])["stopped_at"]
    assert stopped == begun + 39


def test_the_totals_are_those_of_the_last_row_even_when_the_next_swarm_replaces_it_at_once(stage: Any) -> None:
    stage.start_swarm("s1")
    stage.seconds(5, state="running", users=10, requests=100, failures=1)
    stage.swarm(state="stopped", users=0, requests=137, failures=2)
    stage.start_swarm("s2")
    stage.seconds(3)

    second, first = stage.archive.list()
    assert (first["swarm_id"], first["state"], first["requests"], first["failures"]) == ("s1", "complete", 137, 2)
    assert (second["swarm_id"], second["state"], second["requests"]) == ("s2", "recording", None)


def test_a_new_swarm_ends_the_tail_of_the_run_before_and_begins_another(stage: Any) -> None:
    stage.start_swarm("s1")
    stage.seconds(3, state="running", users=10)
    stage.scale(3)
    stage.swarm(state="stopped", users=0)
    stage.seconds(20)
    stage.start_swarm("s2")
    stage.seconds(2)

    assert [(run["swarm_id"], run["state"]) for run in stage.archive.list()] == [
        ("s2", "recording"),
        ("s1", "complete"),
    ]


def test_replicas_that_never_come_back_end_the_run_ten_minutes_after_the_stop(stage: Any) -> None:
    stage.start_swarm()
    stage.seconds(3, state="running", users=10)
    stage.scale(3)
    stage.swarm(state="stopped", users=0)
    stage.seconds(599)
    assert stage.sign["state"] == "recording"
    stage.seconds(3)

    assert stage.archive.list()[0]["state"] == "complete"
    assert stage.archive.list()[0]["reaction"]["stop_to_scale_down_s"] is None


def test_as_many_replicas_as_before_are_enough_once_they_have_stood_for_a_while(stage: Any) -> None:
    stage.scale(2)
    stage.seconds(70)
    stage.start_swarm()
    stage.seconds(3, state="running", users=10)
    stage.swarm(state="stopped", users=0)
    stage.seconds(60)
    assert stage.sign["state"] == "recording"
    stage.seconds(40)

    assert stage.archive.list()[0]["state"] == "complete"


def test_while_the_cluster_is_away_figures_are_null_and_nothing_counts_as_back(stage: Any) -> None:
    stage.start_swarm()
    stage.seconds(3, state="running", users=10, rps=5.0)
    stage.views.put("connection", "pods", {"state": "down", "since": None, "detail": None})
    stage.swarm(state="stopped", users=0)
    stage.seconds(30)
    assert stage.sign["state"] == "recording"
    stage.views.put("connection", "pods", {"state": "live", "since": None, "detail": None})
    stage.seconds(2)

    run = stage.archive.document(stage.archive.list()[0]["run_id"])
    away = run["samples"][-31:-1]
    assert {(row["cpu_percent"], row["replicas"], row["ready"], row["cpu_target"]) for row in away} == {(None,) * 4}
    assert run["state"] == "complete"


def test_seconds_in_which_nothing_was_sampled_stay_a_gap(stage: Any) -> None:
    stage.start_swarm()
    stage.seconds(3, state="running", users=10)
    stage.t += 20  # the process stood still
    stage.seconds(2)

    run = stage.archive.document(stage.archive.list()[0]["run_id"])
    times = [row["t"] / 1000 for row in run["samples"]]
    assert max(later - earlier for earlier, later in pairwise(times)) == 21


def test_figures_of_metrics_are_kept_once_with_their_own_time(stage: Any) -> None:
    stage.start_swarm()
    stage.seconds(2, state="running", users=10)
    stage.scale(2, cpu_percent=70)
    measured = stage.t
    stage.seconds(10)

    run = stage.archive.document(stage.archive.list()[0]["run_id"])
    newest = run["metrics"][-1]
    assert len(run["metrics"]) == 2
    assert newest["t"] / 1000 == measured
    assert [(pod["pod"], pod["cpu_millicores"]) for pod in newest["pods"]] == [("guestbook-0", 70), ("guestbook-1", 70)]


def test_an_explanation_is_kept_with_its_sum_when_it_changes(stage: Any) -> None:
    stage.why("CPU is where it should be.")
    stage.start_swarm()
    stage.seconds(3)
    stage.why("CPU is where it should be.")  # the countdown went on
    stage.seconds(3)
    stage.why("CPU is twice the target: 1 → 2.", state="scaling_up")
    stage.seconds(3)

    run = stage.archive.document(stage.archive.list()[0]["run_id"])
    assert [each["state"] for each in run["explanations"]] == ["within", "scaling_up"]
    assert run["explanations"][1]["sum"] == [{"label": "CPU", "value": "20 %", "deciding": True}]


def test_events_of_the_minute_before_belong_to_it_and_older_ones_do_not(stage: Any) -> None:
    stage.flag("apply", "too early")
    stage.seconds(70)
    stage.flag("apply", "just before")
    stage.seconds(10)
    stage.start_swarm()
    stage.seconds(2)
    stage.flag("oom", "OOM")
    stage.seconds(2)

    run = stage.archive.document(stage.archive.list()[0]["run_id"])
    assert [flag["text"] for flag in run["flags"]] == ["just before", "OOM"]
    assert [event["text"] for event in run["events"]] == ["just before", "OOM"]


def test_endpoints_and_pods_are_kept_every_five_seconds_and_at_the_end(stage: Any) -> None:
    def told(requests: int) -> dict[str, Any]:
        endpoint = {"method": "GET", "name": "/", "requests": requests, "failures": 0, "rps": 9.0, "p95_ms": 20}
        return {
            "endpoints": [endpoint],
            "pods": [{"pod": "guestbook-0", "requests": requests, "share_percent": 90.0}, {"pod": None, "requests": 9}],
            "failures_by": [{"method": "GET", "name": "/", "error": "x" * 9000, "occurrences": 1}],
            "requests": requests,
        }  # fmt: skip

    stage.start_swarm()
    stage.seconds(3)
    for number in range(12):
        stage.seconds(1, state="running", users=10, **told(number * 10))
    stage.swarm(state="stopped", users=0, **told(123))
    stage.seconds(8)

    run = stage.archive.document(stage.archive.list()[0]["run_id"])
    times = sorted({row["t"] for row in run["endpoints_over_time"]})
    assert run["endpoints"][0]["requests"] == run["requests"] == 123
    assert {(row["pod"], row["requests"]) for row in run["pods"]} == {(None, 9), ("guestbook-0", 123)}
    assert {later - earlier for earlier, later in pairwise(times[:-1])} == {5000}
    assert len(run["failures_by"][0]["error"]) == 500


def test_what_the_master_tells_after_the_end_counts_too(stage: Any) -> None:
    stage.start_swarm()
    stage.seconds(
        4, state="running", users=10, requests=90, totals={"requests": 90, "exact": False}, workers=[{"id": "w1"}]
    )
    stage.seconds(1, state="stopped", users=0, workers=[], requests=95, totals={"requests": 95, "exact": False})
    stage.seconds(8, requests=99, totals={"requests": 99, "exact": True}, ceiling={"rps": 44.5})

    run = stage.archive.document(stage.archive.list()[0]["run_id"])
    assert run["state"] == "complete"
    assert (run["requests"], run["totals"]) == (99, {"requests": 99, "exact": True})
    assert run["workers"] == [{"id": "w1"}]
    assert run["ceiling"] == stage.archive.list()[0]["ceiling"] == {"rps": 44.5}


def test_every_worker_is_kept_as_it_was_seen_last(stage: Any) -> None:
    """The master lists after the end those that were lost, and nobody else."""
    stage.start_swarm(users_asked=10)
    lost = {"id": "w2", "lost_at": "2026-11-23T13:01:51Z"}
    stage.seconds(2, state="running", users=10, workers=[{"id": "w1", "users": 5}, {"id": "w2", "users": 5}])
    stage.seconds(2, state="running", users=10, workers=[{"id": "w1", "users": 10}, lost])
    stage.seconds(2, state="stopped", users=0, workers=[lost])
    (run,) = stage.archive.list()
    kept = stage.archive.document(run["run_id"])["workers"]
    assert kept == [{"id": "w1", "users": 10}, lost]
    assert run["swarm_state"] == stage.archive.list()[0]["swarm_state"] == "stopped"


def test_a_flood_of_events_is_kept_up_to_a_number_and_the_rest_is_counted(stage: Any) -> None:
    stage.start_swarm()
    for second in range(6):
        for number in range(1000):
            key = f"{second}-{number}"
            row = {"id": key, "t": iso(stage.t), "kind": "warning", "object": None, "text": "x", "count": 1}
            stage.views.put("story", key, row)
        stage.seconds()
    stage.views.put("story", "0-0", {**row, "id": "0-0", "text": "seen before"})
    stage.seconds(6)

    run = stage.archive.document(stage.archive.list()[0]["run_id"])
    assert (len(run["events"]), run["events_left_out"]) == (5000, 1000)
    assert "seen before" in {each["text"] for each in run["events"]}


def test_spans_of_other_workloads_are_left_out(stage: Any) -> None:
    stage.views.put("pod_spans", "x", {**(stage.views.get("pod_spans", "p0") or {}), "uid": "x", "workload": "other"})
    stage.start_swarm()
    stage.seconds(2)

    run = stage.archive.document(stage.archive.list()[0]["run_id"])
    assert [span["uid"] for span in run["spans"]] == ["p0"]


def test_the_deployed_revisions_are_those_of_the_start(stage: Any) -> None:
    stage.views.put("bundles", "flask", {"name": "flask", "revision": {"number": 4, "revision": "abc", "by": "ada"}})
    stage.views.put("bundles", "load", {"name": "load", "revision": None})
    stage.start_swarm()
    stage.seconds(2)

    assert stage.archive.list()[0]["revisions"] == {"flask": {"number": 4, "revision": "abc", "by": "ada"}}


def test_another_cluster_interrupts_what_was_recorded_of_the_first(stage: Any) -> None:
    stage.start_swarm()
    stage.seconds(3, state="running", users=10)
    stage.views.renew()
    stage.swarm()
    stage.seconds(2)

    assert stage.archive.list()[0]["state"] == "interrupted"
    assert stage.sign["state"] == "idle"


def test_a_swarm_is_recorded_once_though_two_dashboards_share_the_folder(stage: Any, new_stage: Any) -> None:
    other = new_stage()
    other.t = stage.t
    other.recorder.start()
    for each in (stage, other):
        each.start_swarm("s1")
        each.seconds(2)

    assert len(stage.archive.list()) == 1
    assert (stage.sign["state"], other.sign["state"]) == ("recording", "idle")
