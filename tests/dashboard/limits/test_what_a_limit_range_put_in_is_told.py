from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.limits import containers, inserted, ranges
from dashboard.limits.ranges import Default

Make = Callable[..., Any]
NOTE = "LimitRanger plugin set: cpu, memory request for container main; cpu, memory limit for container main"
LR = [
    Default("lr", "limits", "cpu", "200m"), Default("lr", "limits", "memory", "64Mi"),
    Default("lr", "requests", "cpu", "50m"), Default("lr", "requests", "memory", "32Mi"),
]  # fmt: skip


def told(pod: Any, template: Any | None, *, defaults: Any = LR) -> dict[str, tuple[str | None, str | None, str]]:
    notes = inserted.noted(pod.metadata.annotations.limit_ranger if pod.metadata.annotations else None)
    asked = template.spec.containers[0] if template is not None else None
    found = inserted.lines(pod.spec.containers[0], asked, defaults=defaults, notes=notes)
    return {f"{each.kind}.{each.resource}": (each.before, each.after, each.by) for each in found}


def why(pod: Any, template: Any, *, defaults: Any = LR) -> str:
    notes = inserted.noted(pod.metadata.annotations.limit_ranger if pod.metadata.annotations else None)
    return inserted.lines(pod.spec.containers[0], template.spec.containers[0], defaults=defaults, notes=notes)[0].why


def test_the_recorded_pod_got_everything_from_the_limit_range(
    recorded: dict[str, Any], pod_of: Make, workload_of: Make
) -> None:
    defaults = ranges.defaults([recorded["limit_range"]])
    pod, owner = pod_of(recorded["pod_of_replica_set"]), workload_of(recorded["replica_set"])
    assert told(pod, owner.spec.template, defaults=defaults) == {
        "requests.cpu": (None, "50m", "range"),
        "requests.memory": (None, "32Mi", "range"),
        "limits.cpu": (None, "200m", "range"),
        "limits.memory": (None, "64Mi", "range"),
    }


def test_a_pod_without_an_owner_is_told_by_the_annotation_alone(recorded: dict[str, Any], pod_of: Make) -> None:
    defaults = ranges.defaults([recorded["limit_range"]])
    assert told(pod_of(recorded["pod_alone"]), None, defaults=defaults)["limits.memory"] == (None, "64Mi", "range")


def test_what_the_manifest_says_is_the_manifests(made_pod: Make) -> None:
    pod = made_pod(main={"limits": {"cpu": "1"}, "requests": {"cpu": "1000m"}})
    template = made_pod(main={"limits": {"cpu": "1"}, "requests": {"cpu": "1"}})
    assert {by for _, _, by in told(pod, template).values()} == {"manifest"}


def test_a_request_as_large_as_the_limit_is_kubernetes_own_rule(made_pod: Make) -> None:
    pod = made_pod(main={"limits": {"memory": "128Mi"}, "requests": {"memory": "128Mi"}})
    found = told(pod, made_pod(main={"limits": {"memory": "128Mi"}}))
    assert found["requests.memory"] == (None, "128Mi", "own-limit")
    assert found["limits.memory"] == ("128Mi", "128Mi", "manifest")


def test_an_equal_default_without_the_servers_note_stays_unknown(made_pod: Make) -> None:
    pod, template = made_pod(main={"limits": {"memory": "64Mi"}}), made_pod(main={})
    assert told(pod, template)["limits.memory"][2] == "unknown"
    assert "LimitRange lr" in why(pod, template)


def test_a_noted_amount_that_no_range_gives_any_more_says_so(made_pod: Make) -> None:
    pod, template = made_pod(main={"limits": {"memory": "96Mi"}}, annotation=NOTE), made_pod(main={})
    assert why(pod, template) == "a LimitRange, which says something else by now"
    assert why(pod, template, defaults=[]) == "a LimitRange, which is gone"


def test_a_change_after_the_creation_is_nobodys_known(made_pod: Make) -> None:
    pod = made_pod(main={"limits": {"cpu": "500m"}})
    assert told(pod, made_pod(main={"limits": {"cpu": "200m"}}))["limits.cpu"] == ("200m", "500m", "unknown")
    assert told(pod, None)["limits.cpu"] == (None, "500m", "unknown")


def test_the_note_is_read_for_every_container() -> None:
    text = "LimitRanger plugin set: memory limit for container app; cpu request for init container prepare"
    assert inserted.noted(text) == {("limits", "memory", "app"), ("requests", "cpu", "prepare")}
    assert inserted.noted(None) == frozenset()
    assert inserted.noted("something else") == frozenset()


def test_pods_of_one_owner_share_a_row_as_long_as_they_were_given_the_same(made_pod: Make) -> None:
    pods = [made_pod(f"web-{each}", annotation=NOTE, main={"limits": {"memory": "64Mi"}}) for each in range(3)]
    pods.append(made_pod("web-9", annotation=NOTE, main={"limits": {"memory": "96Mi"}}))
    template = made_pod(main={})
    found = containers.rows(
        pods, template_of=lambda _pod: template, owner_of=lambda _pod: "Deployment web", defaults={"shop": LR}
    )
    assert sorted(row["count"] for row in found.values()) == ["1 pod", "3 pods"]
    assert all(row["changed"] for row in found.values())
    assert {row["lines"][0]["before"] for row in found.values()} == {"not set"}


def test_a_pod_that_has_not_changed_is_told_as_before_and_one_that_has_is_told_anew(made_pod: Make) -> None:
    known = containers.Known()
    pods = [made_pod("web-1", main={}), made_pod("web-2", main={})]

    def told_of(defaults: Any) -> list[tuple[str, str]]:
        found = containers.rows(
            pods, template_of=lambda _pod: None, owner_of=lambda _pod: "Deployment web", defaults={"shop": defaults},
            known=known,
        )  # fmt: skip
        return sorted((row["container"], row["count"]) for row in found.values())

    assert told_of(LR) == told_of(LR) == [("main", "2 pods")]
    kept = known.by_uid["uid-web-1"]
    pods[1] = made_pod("web-2", main={"limits": {"cpu": "1"}})
    assert told_of(LR) == [("main", "1 pod"), ("main", "1 pod")]
    assert known.by_uid["uid-web-1"] is kept
    told_of([])
    assert known.by_uid["uid-web-1"] is not kept
    del pods[0]
    told_of([])
    assert set(known.by_uid) == {"uid-web-2"}


def test_a_limit_range_is_told_in_words(recorded: dict[str, Any]) -> None:
    row = ranges.rows([recorded["limit_range"]])[0]
    assert (row["name"], row["type"]) == ("lr", "Container")
    assert {fact["label"]: fact["value"] for fact in row["facts"]} == {
        "limit, if none is set": "cpu 200m, memory 64Mi",
        "request, if none is set": "cpu 50m, memory 32Mi",
        "at most": "cpu 1, memory 256Mi",
        "at least": "cpu 10m",
    }


def test_limit_ranges_that_may_not_be_read_are_not_told_as_gone(made_pod: Make) -> None:
    pod, template = made_pod(main={"limits": {"memory": "64Mi"}}, annotation=NOTE), made_pod(main={})
    assert why(pod, template, defaults=None) == "a LimitRange; which one is not known"


def test_an_owner_that_may_not_be_read_leaves_the_manifest_unknown_and_folded(
    recorded: dict[str, Any], pod_of: Make
) -> None:
    pod = pod_of(recorded["pod_of_replica_set"])
    pod.metadata.annotations = None
    rows = containers.rows([pod], template_of=lambda _pod: None, owner_of=lambda _pod: "Deployment web", defaults={})
    row = next(iter(rows.values()))
    assert {(each["before"], each["why"]) for each in row["lines"]} == {("unknown", inserted.NOT_READ)}
    assert not row["changed"]
