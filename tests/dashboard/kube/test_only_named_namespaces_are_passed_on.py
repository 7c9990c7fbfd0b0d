"""Where people need not be allowed to see the whole cluster, nothing of the rest of it gets behind the sinks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard.kube.structs import KubeObject, Meta
from dashboard.kube.within import ListsOnly, only_in

SHOWN = ("flask", "kube-system")


class Kept:
    """A sink that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, list[str]]] = []

    def replace(self, objects: Sequence[Any], /) -> None:
        self.told.append(("replace", [each.metadata.name for each in objects]))

    def apply(self, found: Any, /) -> None:
        self.told.append(("apply", [found.metadata.name]))

    def delete(self, found: Any, /) -> None:
        self.told.append(("delete", [found.metadata.name]))


class Lists:
    def __init__(self, *objects: tuple[str, str]) -> None:
        self._objects = [{"metadata": {"name": name, "namespace": home} if home else {"name": name}}
                         for name, home in objects]  # fmt: skip

    def list(self, path: str, /, **_: Any) -> list[dict[str, Any]]:
        return self._objects


def found(name: str, namespace: str = "") -> KubeObject:
    return KubeObject(metadata=Meta(name=name, namespace=namespace))


def test_a_watched_object_of_another_namespace_never_arrives() -> None:
    kept = Kept()
    sink = only_in(SHOWN, {"pods": kept})["pods"]
    sink.replace([found("web", "flask"), found("payroll", "finance")])
    sink.apply(found("payroll", "finance"))
    sink.apply(found("web", "flask"))
    sink.delete(found("payroll", "finance"))
    sink.delete(found("web", "flask"))
    assert kept.told == [("replace", ["web"]), ("apply", ["web"]), ("delete", ["web"])]


def test_not_even_the_name_of_another_namespace_arrives() -> None:
    kept = Kept()
    only_in(SHOWN, {"namespaces": kept})["namespaces"].replace([found("flask"), found("finance")])
    assert kept.told == [("replace", ["flask"])]


def test_what_lies_in_no_namespace_is_passed_on() -> None:
    kept = Kept()
    only_in(SHOWN, {"nodes": kept})["nodes"].apply(found("node-1"))
    assert kept.told == [("apply", ["node-1"])]


def test_without_names_all_of_the_cluster_is_passed_on() -> None:
    sinks = {"pods": Kept()}
    assert only_in((), sinks) is sinks


def test_what_is_listed_now_and_then_is_sorted_out_alike() -> None:
    lists = Lists(("quota", "flask"), ("budget", "finance"), ("node-1", ""))
    names = [each["metadata"]["name"] for each in ListsOnly(lists, SHOWN).list("/api/v1/resourcequotas")]
    assert names == ["quota", "node-1"]
    assert len(ListsOnly(lists).list("/api/v1/resourcequotas")) == 3
