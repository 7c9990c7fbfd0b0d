"""What may go or come back on the word of a record, by the bundle's own files: each row is one thing."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.stack.applying.revisions import Revision, seal_of
from dashboard.stack.believing import Believing
from dashboard.stack.bundles.bundle import Bundle, GeneratedSecret, ObjectRef, SecretKeySource
from dashboard.stack.bundles.generated import LONGEST
from dashboard.stack.bundles.granting import Grant

RBAC = "rbac.authorization.k8s.io/v1"
SOURCE = SecretKeySource("other", "source", "key")


def thing(kind: str, name: str, namespace: str = "", *, api: str = "v1", **fields: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **fields}


def ref(kind: str, name: str = "x", namespace: str = "", *, api: str = "v1") -> ObjectRef:
    return ObjectRef(api, kind, namespace, name)


FILES = Bundle(
    "shop",
    (thing("Namespace", "shop"), thing("ConfigMap", "web", "shop"), thing("ClusterRole", "reads", api=RBAC, rules=[])),
    (GeneratedSecret("shop", "key", {"password": 32}, {"copied": SOURCE}),),
)
CLOSED = frozenset({"records", "flask"})
OURS = Grant("shop", FILES, CLOSED)
OWN = Grant("shop", replace(FILES, own=True, objects=(*FILES.objects, thing("Widget", "w", "shop", api="e.com/v1"))))
SCOPED = replace(OWN, closed=CLOSED, cluster_scoped=True)
NO_FILES = Grant("gone", None, CLOSED)
WIDGET = ref("Widget", "other", "shop", api="e.com/v1")
ROLE, CLUSTER_ROLE = ref("Role", "x", "shop", api=RBAC), ref("ClusterRole", "x", api=RBAC)
DEFINITION = ref("CustomResourceDefinition", "w.e.com", api="apiextensions.k8s.io/v1")


@pytest.mark.parametrize(
    ("grant", "what", "goes"),
    [
        (OURS, ref("ConfigMap", "web", "shop"), True),
        (OURS, ref("ClusterRole", "reads", api=RBAC), True),
        (OURS, ref("Secret", "key", "shop"), True),
        (OURS, ref("ConfigMap", "of an older version".replace(" ", "-"), "shop"), True),
        (OURS, ROLE, True),
        (OURS, CLUSTER_ROLE, False),
        (OURS, ref("ConfigMap", "x", "kube-system"), False),
        (OURS, ref("ConfigMap", "x", "records"), False),
        (OURS, ref("ConfigMap", "x", "elsewhere"), False),
        (OURS, ref("ConfigMap", "x"), False),
        (OURS, ref("Namespace", "elsewhere"), False),
        (OURS, DEFINITION, False),
        (OURS, WIDGET, False),
        (replace(OURS, cluster_scoped=True), ref("Namespace", "elsewhere"), False),
        (replace(OURS, cluster_scoped=True), ref("Role", "of-no-namespace", api=RBAC), False),
        (OURS, ref("ConfigMap", "../../kube-system/configmaps/x", "shop"), False),
        (OURS, ref("ConfigMap", "x", "shop/../kube-system"), False),
        (OURS, ref("Config/Map", "x", "shop"), False),
        (OURS, ref("ConfigMap", "x", "shop", api="v1/../apis"), False),
        (OWN, WIDGET, True),
        (OWN, replace(WIDGET, namespace="elsewhere"), False),
        (OWN, ref("Namespace", "shop-two"), False),
        (OWN, CLUSTER_ROLE, False),
        (SCOPED, ref("Namespace", "shop-two"), True),
        (SCOPED, ref("Namespace", "kube-public"), False),
        (SCOPED, ref("Namespace", "flask"), False),
        (SCOPED, ref("ConfigMap", "x"), False),
        (SCOPED, CLUSTER_ROLE, False),
        (NO_FILES, ref("ConfigMap", "x", "anywhere"), True),
        (NO_FILES, ROLE, True),
        (NO_FILES, ref("Namespace", "anywhere"), True),
        (NO_FILES, DEFINITION, True),
        (NO_FILES, ref("ConfigMap", "x", "records"), False),
        (NO_FILES, ref("ConfigMap", "x", "kube-system"), False),
        (NO_FILES, ref("Namespace", "flask"), False),
        (NO_FILES, ref("Namespace", "kube-system"), False),
        (NO_FILES, CLUSTER_ROLE, False),
        (NO_FILES, WIDGET, False),
        (NO_FILES, ref("ConfigMap", "../x", "anywhere"), False),
    ],
)
def test_what_may_go_because_a_record_names_it(grant: Grant, what: ObjectRef, goes: bool) -> None:
    assert grant.deletes(what) is goes


SECRET = GeneratedSecret("shop", "made", {"password": 32})
REFUSED: dict[str, tuple[Grant, Bundle, str]] = {
    "another name": (OURS, Bundle("other", ()), "It calls itself other"),
    "a Secret elsewhere": (OURS, Bundle("shop", (), (replace(SECRET, namespace="kube-system"),)), "not in the files"),
    "a Secret of no name": (OURS, Bundle("shop", (), (replace(SECRET, name="../x"),)), "not to be made like that"),
    "a copy": (OURS, Bundle("shop", (), (replace(SECRET, copy={"a": replace(SOURCE, key="b")}),)), "copied from other"),
    "a copy without files": (NO_FILES, Bundle("gone", (), (replace(SECRET, copy={"a": SOURCE}),)), "copied from other"),
    "a role": (OURS, Bundle("shop", (thing("Role", "x", "shop", api=RBAC),)), "not in the files"),
    "a role without files": (NO_FILES, Bundle("gone", (thing("Role", "x", "shop", api=RBAC),)), "not in the files"),
    "a wider role": (
        OURS, Bundle("shop", (thing("ClusterRole", "reads", api=RBAC, rules=[{"verbs": ["*"]}]),)), "not as it is in"
    ),
    "rights of an own stack": (SCOPED, Bundle("shop", (thing("ClusterRole", "x", api=RBAC),)), "not in the files"),
    "a namespace of ours": (NO_FILES, Bundle("gone", (thing("ConfigMap", "x", "flask"),)), "not in the files"),
    "no name": (OURS, Bundle("shop", (thing("ConfigMap", "..", "shop"),)), "is no name of an object"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_brought_back(what: str) -> None:
    grant, kept, why = REFUSED[what]
    with pytest.raises(Refused, match="do not vouch for") as refused:
        grant.refuse(kept, number=3)
    assert why in refused.value.sentence


@pytest.mark.parametrize("length", [0, -1, LONGEST + 1, True, "5", 1.5, None])
def test_a_secret_is_made_of_a_sensible_length(length: Any) -> None:
    with pytest.raises(Refused, match="not to be made like that"):
        OURS.refuse(Bundle("shop", (), (replace(SECRET, generate={"password": length}),)), number=3)


def test_what_the_files_hold_comes_back_just_so() -> None:
    OURS.refuse(FILES, number=3)
    OURS.refuse(Bundle("shop", (thing("ConfigMap", "web", "shop", data={"a": "older"}),), (SECRET,)), number=3)
    NO_FILES.refuse(Bundle("gone", (thing("ConfigMap", "x", "anywhere"),), (SECRET,)), number=3)


# Which files, and what is closed


def believing(*bundles: Bundle, kept: Bundle | None = None, cluster_scoped: bool = False) -> Believing:
    catalogue: Any = SimpleNamespace(all=lambda: bundles, cluster_scoped=cluster_scoped)
    revisions: Any = SimpleNamespace(get=lambda *_which: None, bundle_of=lambda _revision: kept)
    return Believing(catalogue, revisions, "records")


def test_the_records_themselves_are_nobodys_to_delete_by_a_record() -> None:
    """Also where a bundle's own files name their namespace."""
    for grant in (believing(FILES).grant("shop", "shop"), believing().grant("gone", "gone")):
        assert not grant.deletes(ref("ConfigMap", "revision.flask.1", "records"))
    inside = Bundle("shop", (thing("ConfigMap", "web", "records"),))
    assert not believing(inside).grant("shop", "shop").deletes(ref("ConfigMap", "revision.flask.1", "records"))


def test_without_files_nothing_of_our_bundles_namespaces_goes() -> None:
    ours = Bundle("flask", (thing("Namespace", "flask"), thing("ConfigMap", "a", "flask-more")))
    own = Bundle("till", (thing("ConfigMap", "a", "till"),), own=True)
    grant = believing(ours, own).grant("gone", "gone")
    for namespace in ("flask", "flask-more"):
        assert not grant.deletes(ref("ConfigMap", "x", namespace))
    assert grant.deletes(ref("ConfigMap", "x", "till"))


@pytest.mark.parametrize(("own", "scoped", "told"), [(False, False, True), (True, False, False), (True, True, True)])
def test_a_record_does_not_say_whose_the_stack_is_nor_what_it_may(own: bool, scoped: bool, told: bool) -> None:
    files = replace(FILES, own=own, cluster_scoped=scoped)
    lying = Bundle("shop", (), own=not own, cluster_scoped=not told)
    _, kept = believing(files, kept=lying).kept("shop", 1)
    assert (kept.own, kept.cluster_scoped) == (own, told)


@pytest.mark.parametrize("allowed", [False, True])
def test_without_files_it_is_somebodys_own_with_what_all_such_may(allowed: bool) -> None:
    lying = Bundle("gone", (), own=False, cluster_scoped=not allowed)
    _, kept = believing(kept=lying, cluster_scoped=allowed).kept("gone", 1)
    assert (kept.own, kept.cluster_scoped) == (True, allowed)


# What a seal is of


RECORD = Revision("shop", 1, "abc", "2026-11-23T12:00:00Z", "ada", "applied")


@pytest.mark.parametrize(
    ("bundle", "record"),
    [
        (replace(FILES, objects=FILES.objects[:1]), RECORD),
        (replace(FILES, secrets=()), RECORD),
        (FILES, None),
        (FILES, replace(RECORD, number=2)),
        (FILES, replace(RECORD, revision="abd")),
        (FILES, replace(RECORD, left_out=("Secret/shop/key",))),
        (FILES, replace(RECORD, options=("insecure",))),
    ],
)
def test_whatever_a_roll_back_or_a_teardown_goes_by_changes_the_seal(bundle: Bundle, record: Revision | None) -> None:
    assert seal_of(bundle, record) != seal_of(FILES, RECORD)


def test_that_a_deploy_came_to_its_end_does_not() -> None:
    assert seal_of(FILES, replace(RECORD, state="failed", finished_at="later", note="n")) == seal_of(FILES, RECORD)
