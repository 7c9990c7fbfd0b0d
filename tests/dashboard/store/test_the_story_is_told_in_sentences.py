"""Events and our own notes as sentences, each once, with flags for what explains a curve."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.scaling.rescales import rescales
from dashboard.store.connection import Connection
from dashboard.store.story import MOST
from dashboard.store.views import Views


def event(make: Any, name: str, **fields: Any) -> Any:
    about = {"kind": "Pod", "namespace": "demo", "name": "web-1", **fields.pop("about", {})}
    at = fields.pop("at", "2026-11-23T05:00:00Z")
    return make("events", name, **{"involvedObject": about, "lastTimestamp": at, "type": "Normal", **fields})


def test_recorded_rescales_become_lines_and_flags_with_both_sizes(store: Any, recording: Any) -> None:
    store.play(recording("hpa-moments"))
    flags = sorted(store.views.rows("flags").values(), key=lambda flag: flag["t"])
    assert [flag["text"] for flag in flags] == ["1 → 3", "3 → 5", "5 → 3", "3 → 1"]
    assert {flag["kind"] for flag in flags} == {"scaled"}
    assert flags[0]["object"] == {"kind": "HorizontalPodAutoscaler", "namespace": "golden-hpa", "name": "app"}


def test_a_rescale_is_told_with_the_figures_it_was_decided_by(store: Any, recording: Any) -> None:
    """Recorded with the Event before the HPA's status and the other way round; later figures are not mixed in."""
    store.play(recording("hpa-moments"))
    assert store.told("scaled") == [
        "app 1 → 3 replicas: CPU 201 % of request, target 50 %: would want 5, limited to +2 pods per 30 s.",
        "app 3 → 5 replicas: CPU 200 % of request, target 50 %: would want 12, limited by its maximum of 5.",
        "app 5 → 3 replicas: CPU 1 % of request, target 50 %: would want 1, limited to −2 pods per 30 s.",
        "app 3 → 1 replica: CPU 0 % of request, target 50 %.",
    ]
    flags = {flag["sentence"] for flag in store.views.rows("flags").values()}
    assert flags == set(store.told("scaled")), "the flag tells the same"


def test_a_rescale_from_before_we_came_is_told_without_figures(store: Any, recording: Any) -> None:
    """All that is there is the HPA's status of now, whose figures are not those of then."""
    moments = [moment for moment in recording("hpa-moments", upto=100) if moment[2].metadata.name != "noreq"]
    store.play(iter(moments[-1:]))
    store.play(moment for moment in moments if moment[0] == "events")
    assert store.told("scaled") == ["app → 3 replicas: CPU is above its target."]


def test_the_same_event_counted_again_is_one_line_moved_to_the_end(store: Any, make: Any) -> None:
    sink = store.sinks.by_resource["events"]
    fields = {"reason": "BackOff", "message": "Back-off restarting failed container"}
    sink.apply(event(make, "e", count=1, **fields))
    sink.apply(event(make, "e", count=1, **fields))
    sink.apply(event(make, "e", count=2, at="2026-11-23T05:01:00Z", **fields))
    (line,) = store.views.rows("story").values()
    assert (line["count"], line["t"]) == (2, "2026-11-23T05:01:00.000Z")
    assert len(store.deltas) == 2


def test_rescales_combined_into_one_event_are_told_each(store: Any, make: Any) -> None:
    """As a controller does that has told ten of one object within ten minutes: the newest is all that is left."""
    sink = store.sinks.by_resource["events"]
    hpa = {"kind": "HorizontalPodAutoscaler", "namespace": "flask", "name": "guestbook"}
    found = []
    for count, size, at in ((1, 5, "05:00:00"), (2, 2, "05:01:00")):
        message = f"(combined from similar events): New size: {size}; reason: All metrics below target"
        told = event(make, "e", about=hpa, reason="SuccessfulRescale", message=message, count=count,
                     at=f"2026-11-23T{at}Z", firstTimestamp="2026-11-23T05:00:00Z")  # fmt: skip
        sink.apply(told)
        found += rescales(told)
    assert store.told("scaled") == [
        "guestbook → 5 replicas: every metric is below its target.",
        "guestbook 5 → 2 replicas: every metric is below its target.",
    ]
    assert [(each.key[-2:], each.size) for each in found] == [("-1", 5), ("-2", 2)], "the first's size is not told"


def test_a_combined_event_of_any_kind_is_told_in_its_own_words(store: Any, make: Any) -> None:
    message = "(combined from similar events): Scaled up replica set web-1 from 1 to 3"
    about = {"kind": "Deployment", "name": "web"}
    store.sinks.by_resource["events"].apply(
        event(make, "e", about=about, reason="ScalingReplicaSet", message=message, count=4)
    )
    (line,) = store.views.rows("story").values()
    assert line["text"] == "Deployment web takes its replica set web-1 from 1 to 3 pods."


def test_the_same_rescale_counted_again_is_a_flag_of_its_own(store: Any, make: Any) -> None:
    sink = store.sinks.by_resource["events"]
    about = {"kind": "HorizontalPodAutoscaler", "name": "web"}
    for name, size, count, minute in (("up", 3, 1, 0), ("down", 1, 1, 1), ("up", 3, 2, 2)):
        message = f"New size: {size}; reason: cpu resource utilization (percentage of request) above target"
        at = f"2026-11-23T05:0{minute}:00Z"
        sink.apply(event(make, name, reason="SuccessfulRescale", message=message, count=count, at=at, about=about))
    flags = sorted(store.views.rows("flags").values(), key=lambda flag: flag["t"])
    assert [flag["text"] for flag in flags] == ["→ 3", "3 → 1", "1 → 3"]


def test_a_list_of_events_is_told_in_the_order_they_happened(store: Any, make: Any) -> None:
    events = [event(make, f"e{n}", reason="Started", at=f"2026-11-23T05:{n:02}:00Z") for n in range(60)]
    store.sinks.by_resource["events"].replace(list(reversed(events)))
    times = [delta.row["t"] for delta in store.deltas]
    assert times == sorted(times)


def test_events_that_leave_the_cluster_stay_told(store: Any, make: Any) -> None:
    sink = store.sinks.by_resource["events"]
    sink.apply(event(make, "e", reason="Started"))
    sink.delete(event(make, "e", reason="Started"))
    sink.replace([])
    assert len(store.views.rows("story")) == 1


def test_only_the_newest_are_kept(store: Any, make: Any) -> None:
    for number in range(MOST + 20):
        store.story.note("apply", f"line {number}", at=store.time + number)
    texts = {line["text"] for line in store.views.rows("story").values()}
    assert len(texts) == MOST
    assert "line 0." not in texts
    assert f"line {MOST + 19}." in texts
    before = len(store.deltas)
    store.sinks.by_resource["events"].replace([event(make, "old", reason="Started", at="2020-01-01T00:00:00Z")])
    assert len(store.deltas) == before, "what is older than all that is kept is not told again and again"


@pytest.mark.parametrize("kind", ["swarm", "stop", "apply", "failover"])
def test_our_own_actions_are_flagged(store: Any, kind: str) -> None:
    store.story.note(kind, "60 load users on guestbook", flag="60 users")
    (flag,) = store.views.rows("flags").values()
    assert (flag["kind"], flag["text"], flag["sentence"]) == (kind, "60 users", "60 load users on guestbook.")


def test_a_plain_note_has_no_flag(store: Any) -> None:
    store.story.note("normal", "nothing much")
    assert store.views.rows("story")
    assert not store.views.rows("flags")


def test_out_of_memory_is_told_once_for_each_time_it_happened(store: Any, recording: Any) -> None:
    """No Event says it: it stands in the container's states, again and again."""
    moments = list(recording("pods-failing", only="oom", upto=20))
    store.play(iter(moments))
    store.play(iter(moments))
    times = sorted({flag["t"] for flag in store.views.rows("flags").values()})
    assert times == ["2026-11-23T04:48:47.000Z", "2026-11-23T04:48:59.000Z"]
    assert store.told("oom")[0] == "The container main of pod oom went over its memory limit and was killed."


def test_a_pod_that_becomes_ready_while_we_look_is_told(store: Any, make: Any) -> None:
    sink = store.sinks.by_resource["pods"]
    born = {"creationTimestamp": "2026-11-23T05:00:00Z"}
    ready = {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-23T05:00:07Z"}]}
    sink.replace([make("pods", "old", metadata=born, status=ready)])
    sink.apply(make("pods", "web-1", metadata=born))
    sink.apply(make("pods", "web-1", metadata=born, status=ready))
    sink.apply(make("pods", "web-1", metadata=born, status=ready))
    assert store.told("ready") == ["Pod web-1 is ready, 7 s after it was made."]


def pod_of(make: Any, name: str, *, born: str, ready: str | None = None, **metadata: Any) -> Any:
    owner = {"kind": "Deployment", "name": "web", "uid": "uid-web", "controller": True}
    conditions = [{"type": "Ready", "status": "True", "lastTransitionTime": f"2026-11-23T05:00:{ready}Z"}]
    return make(
        "pods",
        name,
        metadata={"creationTimestamp": f"2026-11-23T05:00:{born}Z", "ownerReferences": [owner], **metadata},
        status={"conditions": conditions} if ready else {},
    )


def test_pods_that_become_ready_together_are_one_line(store: Any, make: Any) -> None:
    sink = store.sinks.by_resource["pods"]
    sink.replace([])
    for name, ready in (("web-1-a", "04"), ("web-1-b", "05"), ("web-1-c", "09")):
        sink.apply(pod_of(make, name, born="02"))
        sink.apply(pod_of(make, name, born="02", ready=ready))
    assert store.told("ready") == [
        "web pods a and b are ready, 2 to 3 s after they were made.",
        "web pod c is ready, 7 s after it was made.",
    ]


def quiet_of(store: Any, name: str) -> bool:
    return bool((store.views.get("story", f"uid-{name}") or {})["quiet"])


def test_a_check_that_fails_while_a_pod_starts_is_no_alarm(store: Any, make: Any) -> None:
    pods, events = store.sinks.by_resource["pods"], store.sinks.by_resource["events"]
    pods.replace([pod_of(make, "web-1", born="00")])
    about = {"uid": "uid-web-1"}
    unhealthy = {"reason": "Unhealthy", "message": "Readiness probe failed", "type": "Warning", "about": about}
    for name, at in (("early", "05:00:05"), ("late", "05:01:30")):
        events.apply(event(make, name, at=f"2026-11-23T{at}Z", **unhealthy))
    assert quiet_of(store, "early")
    assert not quiet_of(store, "late"), "a minute without readiness is worth a look"
    pods.apply(pod_of(make, "web-1", born="00", ready="55"))
    assert quiet_of(store, "early")
    events.apply(event(make, "under-load", at="2026-11-23T05:09:00Z", **unhealthy))
    assert not quiet_of(store, "under-load")
    pods.apply(pod_of(make, "web-1", born="00", ready="55", deletionTimestamp="2026-11-23T05:10:00Z"))
    events.apply(event(make, "draining", at="2026-11-23T05:10:02Z", **unhealthy))
    assert quiet_of(store, "draining")


def test_warnings_that_came_before_the_pods_are_judged_when_those_are_known(store: Any, make: Any) -> None:
    fields = {"reason": "Unhealthy", "message": "no", "type": "Warning", "at": "2026-11-23T05:00:05Z"}
    store.sinks.by_resource["events"].replace([event(make, "e", about={"uid": "uid-web-1"}, **fields)])
    assert not quiet_of(store, "e")
    store.sinks.by_resource["pods"].replace([pod_of(make, "web-1", born="00", ready="07")])
    assert quiet_of(store, "e")


def test_an_autoscaler_that_waits_for_its_first_figures_is_no_alarm(store: Any, make: Any) -> None:
    about = {"kind": "HorizontalPodAutoscaler", "uid": "uid-web"}
    hpa = make("horizontalpodautoscalers", "web", metadata={"creationTimestamp": "2026-11-23T05:00:00Z"})
    store.sinks.by_resource["horizontalpodautoscalers"].replace([hpa])
    for name, minute in (("first", 0), ("much-later", 4)):
        fields = {"reason": "FailedGetResourceMetric", "message": "no metrics", "type": "Warning", "about": about}
        store.sinks.by_resource["events"].apply(event(make, name, at=f"2026-11-23T05:0{minute}:15Z", **fields))
    assert quiet_of(store, "first")
    assert not quiet_of(store, "much-later")


def test_routine_is_quiet_and_a_restart_is_not(store: Any, make: Any) -> None:
    sink = store.sinks.by_resource["events"]
    sink.apply(event(make, "pulled", reason="Pulled", message="Container image is present"))
    sink.apply(event(make, "stop", reason="Killing", message="Stopping container main"))
    restart = "Container main failed liveness probe, will be restarted"
    sink.apply(event(make, "restart", reason="Killing", message=restart))
    sink.apply(event(make, "backoff", reason="BackOff", message="Back-off restarting", type="Warning"))
    sink.apply(event(make, "echo", reason="FailedComputeMetricsReplicas", message="no", type="Warning"))
    quiet = {name: quiet_of(store, name) for name in ("pulled", "stop", "restart", "backoff", "echo")}
    assert quiet == {"pulled": True, "stop": True, "restart": False, "backoff": False, "echo": True}


@pytest.mark.parametrize(
    ("reason", "message", "sentence"),
    [
        ("Scheduled", "Successfully assigned demo/web-1 to node-1", "Pod web-1 gets a place on node-1."),
        ("Killing", "Stopping container main", "Pod web-1 is told to stop."),
        (
            "FailedGetResourceMetric",
            "failed to get memory usage: no such API",
            "The autoscaler web-1 has no memory figures: failed to get memory usage: no such API.",
        ),
        (
            "FailedGetResourceMetric",
            "failed to get cpu utilization: no such API",
            "The autoscaler web-1 has no CPU figures: failed to get cpu utilization: no such API.",
        ),
        (
            "AmbiguousSelector",
            "pods by selector a=b are controlled by multiple HPAs: [x/a x/b]",
            "The autoscaler web-1 does not scale: pods by selector a=b are controlled by multiple HPAs: [x/a x/b].",
        ),
        (
            "BackOff",
            "Back-off restarting failed container main in pod web-1_demo(69a69d51-58b4-401f-8982-1868560f50f0)",
            "Pod web-1 keeps failing, Kubernetes waits before it restarts it.",
        ),
        ("SuccessfulCreate", "Created pod: web-1-x", "web-1 creates the pod web-1-x."),
        ("SuccessfulCreate", "Create Pod db-0 in StatefulSet db successful", "web-1 creates the pod db-0."),
        (
            "ScalingReplicaSet",
            "Scaled up replica set app-75966dd9c7 from 0 to 1",
            "Deployment web-1 takes its replica set app-75966dd9c7 from 0 to 1 pods.",
        ),
        ("NeverHeardOf", "Something\nhappened", "Pod web-1: Something happened."),
        (None, None, "Pod web-1: something happened."),
        ("Odd", None, "Pod web-1: Odd."),
    ],
)
def test_events_are_sentences(store: Any, make: Any, reason: str | None, message: str | None, sentence: str) -> None:
    store.sinks.by_resource["events"].apply(event(make, "e", reason=reason, message=message))
    (line,) = store.views.rows("story").values()
    assert line["text"] == sentence


def test_the_cluster_s_state_is_the_worst_of_what_may_be_read() -> None:
    views = Views()
    connection = Connection(views, cluster="local", server="https://127.0.0.1:6443")

    def state() -> Any:
        return (views.get("connection", "cluster") or {})["state"]

    connection.report("pods", state="syncing", since=10.0)
    assert state() == "syncing"
    connection.report("pods", state="live", since=11.0)
    connection.report("nodes", state="forbidden", since=12.0, detail="no")
    assert state() == "live"
    connection.report("events", state="stale", since=9.0, detail="silence")
    row = views.get("connection", "cluster") or {}
    assert (row["state"], row["since"], row["detail"]) == ("stale", "1970-01-01T00:00:09.000Z", "silence")
    assert (row["cluster"], row["server"]) == ("local", "https://127.0.0.1:6443")
    connection.report("events", state="live", since=13.0)
    assert state() == "live"
