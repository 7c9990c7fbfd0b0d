"""What belongs to the whole cluster is told by the cluster's discovery, and needs a person's word in own stacks."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.kube import errors
from dashboard.stack.bundles.faults import Unreadable
from dashboard.stack.bundles.reading import read, read_path
from dashboard.stack.bundles.refusals import check
from dashboard.stack.cluster import Locator

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
CRD = (
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: carts.example.com}\n"
    "spec: {group: example.com, scope: SCOPE, names: {kind: Cart, plural: carts}}\n"
)
CART = "apiVersion: example.com/v1\nkind: Cart\nmetadata: {name: mine}\n"


def faults(bundle: Any, cluster: Any, **given: Any) -> tuple[str, ...]:
    with pytest.raises(Unreadable) as refused:
        check(bundle, Locator(cluster), **given)
    return refused.value.faults


def test_an_own_stack_may_hold_them_only_when_asked(write: Any, config_map: Any, cluster: Any) -> None:
    folder = write("shop", {"a.yaml": NAMESPACE, "b.yaml": config_map()})

    (fault,) = faults(read_path(folder), cluster)

    assert fault == (
        "shop/a.yaml line 1, column 1: Namespace shop belongs to the whole cluster; if that is meant, deploy with "
        "--cluster-scoped (for a configured folder: SURGEBOARD_STACKS_CLUSTER_SCOPED=true)."
    )
    check(read_path(folder, cluster_scoped=True), Locator(cluster))
    check(read_path(folder), Locator(cluster), cluster_scoped=True)


def test_our_bundles_may(write: Any, cluster: Any) -> None:
    check(read(write("shop", {"kustomization.yaml": "resources: [a.yaml]", "a.yaml": NAMESPACE})), Locator(cluster))


def test_everything_that_only_the_cluster_knows_is_told_at_once(write: Any, config_map: Any, cluster: Any) -> None:
    folder = write("shop", {
        "a.yaml": NAMESPACE,
        "b.yaml": config_map(namespace=None),
        "c.yaml": CART,
        "d.yaml": NAMESPACE.replace("name: shop", "name: other, namespace: shop"),
        "e.yaml": config_map(),
    })  # fmt: skip

    told = faults(read_path(folder), cluster)

    assert [each.partition(" ")[0] for each in told] == ["shop/a.yaml", "shop/b.yaml", "shop/c.yaml", "shop/d.yaml"]
    assert "ConfigMap one names no namespace; add metadata.namespace, or a kustomization with `namespace:`." in told[1]
    assert "The cluster serves no Cart in example.com/v1; install what provides it" in told[2]
    assert "Namespace other belongs to the whole cluster; take metadata.namespace out." in told[3]


def test_a_kind_that_the_bundle_itself_defines_is_known(write: Any, cluster: Any) -> None:
    namespaced = write("shop", {"a.yaml": CRD.replace("SCOPE", "Namespaced"), "b.yaml": CART})
    wide = write("other", {"a.yaml": CRD.replace("SCOPE", "Cluster"), "b.yaml": CART})

    assert "Cart mine names no namespace" in faults(read_path(namespaced, cluster_scoped=True), cluster)[0]
    check(read_path(wide, cluster_scoped=True), Locator(cluster))
    assert len(faults(read_path(wide), cluster)) == 2


def test_a_cluster_that_does_not_answer_is_no_fault_of_the_bundle(write: Any, config_map: Any, cluster: Any) -> None:
    cluster.die_after(0)

    with pytest.raises(errors.ApiError):
        check(read_path(write("shop", {"a.yaml": config_map()})), Locator(cluster))
