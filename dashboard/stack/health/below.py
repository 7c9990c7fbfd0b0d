"""Finds what belongs to an object: what it made, its pods, and the Events about all of them. Reads, never writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.kube import errors
from dashboard.stack.cluster import Reader
from dashboard.stack.health.causes import MAKERS
from dashboard.stack.health.events import EventRow, newest_first, read
from dashboard.stack.health.fields import Object, mapping, mappings, text

SELECTING = MAKERS | {"Service", "PodDisruptionBudget"}
"""Kinds that have pods."""


@dataclass(slots=True)
class Below:
    """`unreadable`: what could not be read, as sentences; what is in there is not known to be absent."""

    made: list[Object] = field(default_factory=list)
    pods: list[Object] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Finder:
    """Looks below one object."""

    cluster: Reader
    live: Object
    found: Below = field(default_factory=Below)

    def find(self) -> Below:
        """Pods first, for Events are told apart by whom they are about."""
        kind = text(self.live, "kind")
        if kind == "Pod":
            self.found.pods = [self.live]
        elif kind in SELECTING:
            self._find_pods(kind)
        self._find_events()
        return self.found

    def _find_pods(self, kind: str) -> None:
        selector = selector_of(self.live)
        if not selector:
            return
        namespace = text(self.live, "metadata", "namespace")
        owners = {text(self.live, "metadata", "uid")}
        if kind == "Deployment":
            sets = self._list("replicasets", "apps/v1", "ReplicaSet", namespace, selector)
            if sets is None:
                owners = set()
            else:
                self.found.made = [each for each in sets if _is_owned(each, owners)]
                owners = {text(each, "metadata", "uid") for each in self.found.made}
        elif kind not in MAKERS:
            owners = set()
        pods = self._list("pods", "v1", "Pod", namespace, selector) or []
        # Whose owner is not known, the selector has to do.
        self.found.pods = [each for each in pods if not owners or _is_owned(each, owners)]

    def _find_events(self) -> None:
        namespace = text(self.live, "metadata", "namespace") or "default"
        rows = self._list("events", "v1", "Event", namespace, None)
        subjects = [self.live, *self.found.made, *self.found.pods]
        uids = {text(each, "metadata", "uid") for each in subjects}
        named = (text(self.live, "kind"), text(self.live, "metadata", "name"))
        told = (read(each) for each in rows or ())
        self.found.events = newest_first(
            each for each in told if each.uid in uids - {""} or (not each.uid and (each.kind, each.name) == named)
        )

    def _list(
        self, plural: str, version: str, kind: str, namespace: str, selector: str | None
    ) -> list[dict[str, Any]] | None:
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        query = {"labelSelector": selector} if selector else None
        path = f"{root}/namespaces/{namespace}/{plural}"
        listed = self.attempt(lambda: self.cluster.list(path, query=query), "list", plural, namespace)
        return None if listed is None else [{**each, "apiVersion": version, "kind": kind} for each in listed]

    def attempt(self, work: Callable[[], Any], verb: str, resource: str, namespace: str) -> Any:
        """What `work` gives, or None with a sentence on why not. Raises Unreachable, for then nothing can be read."""
        try:
            return work()
        except errors.Unreachable:
            raise
        except errors.ApiError as error:
            self.found.unreadable.append(unread(error, verb, resource, namespace))
            return None


def unread(error: errors.ApiError, verb: str, resource: str, namespace: str) -> str:
    """Why something could not be read: the right that is missing, or what the API server said."""
    where = f" in namespace {namespace}" if namespace else ""
    if isinstance(error, errors.Forbidden):
        return f"You may not {verb} {resource}{where}; ask for that right."
    return f"It could not {verb} {resource}{where}: {error.message}"


def selector_of(live: Object) -> str:
    """The label selector of a workload, Service or budget as the API takes it; empty when it selects nothing."""
    spec = mapping(live, "spec")
    selector = mapping(spec, "selector")
    if text(live, "kind") == "Service":
        return _equal(selector)
    parts = [
        _equal(mapping(selector, "matchLabels")),
        *(_expression(e) for e in mappings(selector, "matchExpressions")),
    ]
    return ",".join(each for each in parts if each)


def _equal(labels: Mapping[str, Any]) -> str:
    return ",".join(f"{key}={value}" for key, value in labels.items())


def _expression(each: Object) -> str:
    key, operator = text(each, "key"), text(each, "operator")
    values = each.get("values")
    listed = ",".join(str(value) for value in values) if isinstance(values, list) else ""
    forms = {"In": f"{key} in ({listed})", "NotIn": f"{key} notin ({listed})", "Exists": key, "DoesNotExist": f"!{key}"}
    return forms.get(operator, "")


def _is_owned(each: Object, owners: set[str]) -> bool:
    return any(text(owner, "uid") in owners for owner in mappings(each, "metadata", "ownerReferences"))
