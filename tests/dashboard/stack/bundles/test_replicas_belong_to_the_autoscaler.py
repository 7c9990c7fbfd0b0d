"""DESIGN: `replicas` is never set on what an HPA owns; so a bundle tells which workloads those are."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.stack.bundles.bundle import ObjectRef, without_replicas
from dashboard.stack.bundles.reading import read_path

WEB = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n"
    "spec: {replicas: 3, paused: false}\n"
)
HPA = (
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\n"
    "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}\n"
)


def test_a_workload_that_an_hpa_of_the_bundle_targets_is_scaled_and_says_so(write: Any) -> None:
    bundle = read_path(write("shop", {"a.yaml": "# Why web.\n" + WEB, "b.yaml": HPA}))

    assert bundle.scaled == {ObjectRef("apps/v1", "Deployment", "shop", "web")}
    assert bundle.reasons["Deployment.apps/shop/web"] == (
        "Why web. Its replicas belong to the HorizontalPodAutoscaler: the number in the file counts only when it is "
        "created."
    )


@pytest.mark.parametrize(
    ("old", "new"), [("kind: Deployment", "kind: StatefulSet"), ("name: web}}", "name: other}}"),
                     ("namespace: shop", "namespace: market"), ("apiVersion: apps/v1", "apiVersion: example.com/v1")],
)  # fmt: skip
def test_an_hpa_of_something_else_does_not_count(write: Any, old: str, new: str) -> None:
    bundle = read_path(write("shop", {"a.yaml": WEB, "b.yaml": HPA.replace(old, new)}))

    assert bundle.scaled == frozenset()
    assert bundle.reasons == {}


@pytest.mark.parametrize("spec", ["", "spec: {scaleTargetRef: 1}\n", "spec: {scaleTargetRef: {}}\n"])
def test_an_hpa_that_makes_no_sense_is_left_for_the_api_to_refuse(write: Any, spec: str) -> None:
    hpa = HPA.partition("spec:")[0] + spec

    assert read_path(write("shop", {"a.yaml": WEB, "b.yaml": hpa})).scaled == frozenset()


def test_the_manifest_without_replicas_keeps_everything_else_and_the_original(write: Any) -> None:
    (web,) = read_path(write("shop", {"a.yaml": WEB})).objects

    assert without_replicas(web)["spec"] == {"paused": False}
    assert web["spec"]["replicas"] == 3
    assert without_replicas(without_replicas(web)) == without_replicas(web)
    assert without_replicas({"kind": "ConfigMap"}) == {"kind": "ConfigMap"}
