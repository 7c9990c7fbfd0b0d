"""Server-side apply merges keyed lists item by item and leaves what others own."""

from __future__ import annotations

from typing import Any

import pytest

from localcluster.apiserver.patching.apply import server_side_apply
from localcluster.apiserver.patching.managed import track_update
from localcluster.errors import ApiError
from localcluster.resources import DEPLOYMENTS, PODS


def deployment(containers: list[dict[str, Any]], **spec: Any) -> dict[str, Any]:
    template = {"spec": {"containers": containers}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"template": template, **spec},
    }


def apply(live: dict[str, Any] | None, body: dict[str, Any], *, manager: str, force: bool = False) -> dict[str, Any]:
    return server_side_apply(live, body, resource=DEPLOYMENTS, manager=manager, force=force, now="T")


def containers_of(obj: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = obj["spec"]["template"]["spec"]["containers"]
    return found


def test_containers_of_two_writers_stand_side_by_side() -> None:
    live = apply(None, deployment([{"name": "app", "image": "a"}]), manager="one")
    both = apply(live, deployment([{"name": "sidecar", "image": "s"}]), manager="two")
    assert {c["name"] for c in containers_of(both)} == {"app", "sidecar"}
    gone = apply(both, deployment([]), manager="two")
    assert [c["name"] for c in containers_of(gone)] == ["app"]


def test_a_container_stays_as_long_as_another_writer_owns_a_field_of_it() -> None:
    live = apply(None, deployment([{"name": "app", "image": "a"}]), manager="one")
    both = apply(live, deployment([{"name": "app", "tty": True}]), manager="two")
    left = apply(both, deployment([]), manager="one")
    assert containers_of(left) == [{"name": "app", "tty": True}]


def test_a_conflict_names_the_writer_and_the_item() -> None:
    live = apply(None, deployment([{"name": "app", "image": "a"}]), manager="one")
    with pytest.raises(ApiError) as refused:
        apply(live, deployment([{"name": "app", "image": "b"}]), manager="two")
    assert refused.value.message == (
        'Apply failed with 1 conflict: conflict with "one": .spec.template.spec.containers[name="app"].image'
    )


def test_several_conflicts_are_listed_by_writer() -> None:
    live = apply(None, deployment([{"name": "app", "image": "a"}], replicas=1), manager="one")
    scaled = {**live, "spec": {**live["spec"], "paused": True}}
    live = track_update(live, scaled, resource=DEPLOYMENTS, manager="editor", now="T")
    with pytest.raises(ApiError) as refused:
        apply(live, deployment([{"name": "app", "image": "b"}], paused=False), manager="two")
    assert refused.value.message == (
        'Apply failed with 2 conflicts: conflicts with "editor" using apps/v1:\n- .spec.paused\n'
        'conflicts with "one":\n- .spec.template.spec.containers[name="app"].image'
    )


def test_an_unowned_field_is_kept_and_a_given_up_one_removed() -> None:
    live = apply(None, deployment([{"name": "app"}], replicas=3, paused=True), manager="one")
    defaulted = {**live, "spec": {**live["spec"], "revisionHistoryLimit": 10}}
    after = apply(defaulted, deployment([{"name": "app"}], paused=True), manager="one")
    assert after["spec"]["revisionHistoryLimit"] == 10
    assert "replicas" not in after["spec"]


def test_quantities_written_differently_are_the_same() -> None:
    body = deployment([{"name": "app", "resources": {"limits": {"cpu": "0.5"}}}])
    live = apply(None, body, manager="one")
    assert containers_of(live)[0]["resources"]["limits"]["cpu"] == "500m"
    assert apply(live, body, manager="one") is live


def test_ports_are_told_apart_by_number_and_protocol() -> None:
    body = {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "dns"},
        "spec": {"containers": [{"name": "c", "ports": [
            {"containerPort": 53, "name": "a"}, {"containerPort": 53, "protocol": "UDP", "name": "b"}]}]},
    }  # fmt: skip
    live = server_side_apply(None, body, resource=PODS, manager="m", force=False, now="T")
    fields = live["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:containers"]['k:{"name":"c"}']["f:ports"]
    assert set(fields) == {'k:{"containerPort":53,"protocol":"TCP"}', 'k:{"containerPort":53,"protocol":"UDP"}'}


def test_an_unknown_field_is_refused_by_its_path() -> None:
    with pytest.raises(ApiError, match=r'containers\[name="app"\]\.imagee: field not declared in schema') as refused:
        apply(None, deployment([{"name": "app", "imagee": "x"}]), manager="one")
    assert refused.value.code == 400


def test_status_cannot_be_applied_through_the_object() -> None:
    body = {**deployment([{"name": "app"}]), "status": {"replicas": 4}}
    live = apply(None, body, manager="one")
    assert "status" not in live
    assert "f:status" not in live["metadata"]["managedFields"][0]["fieldsV1"]


def test_the_server_decides_about_identity() -> None:
    live = apply(None, deployment([{"name": "app"}]), manager="one")
    live["metadata"] |= {"uid": "u", "generation": 4, "resourceVersion": "7"}
    sent = deployment([{"name": "app"}], replicas=2)
    sent["metadata"] |= {"uid": "other", "generation": 1}
    after = apply(live, sent, manager="one")
    assert (after["metadata"]["uid"], after["metadata"]["generation"]) == ("u", 4)


def test_fields_from_before_anyone_kept_books_belong_to_one_earlier_writer() -> None:
    live = deployment([{"name": "app", "image": "a"}])
    with pytest.raises(ApiError, match='conflict with "before-first-apply" using apps/v1'):
        apply(live, deployment([{"name": "app", "image": "b"}]), manager="one")
