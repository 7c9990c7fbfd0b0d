"""A sink a resource: it keeps the objects by uid and writes their rows, joined where a join is cheap.

The sinks share one lock, for they are fed from a thread each and look into one another. What a row says is decided
in `projections`; who feeds the sinks is decided in the wiring.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dashboard.store import alarms, decisions, hpa_rows, projections
from dashboard.store.pod_joins import Pods
from dashboard.store.projections import PodUse
from dashboard.store.spans import Spans
from dashboard.store.story import Story
from dashboard.store.views import Views

WORKLOAD_KINDS = {"deployments": "Deployment", "statefulsets": "StatefulSet", "jobs": "Job"}


class Sink(ABC):
    """What a reflector feeds. Sub-classes say what to write; the lock is held when they are asked."""

    def __init__(self, lock: threading.RLock) -> None:
        self.held: dict[str, Any] = {}
        self._lock = lock

    def replace(self, objects: Sequence[Any], /) -> None:
        """This is all there is."""
        with self._lock:
            before, self.held = self.held, {each.metadata.uid: each for each in objects}
            for uid, gone in before.items():
                if uid not in self.held:
                    self._gone(gone)
            for each in objects:
                self._seen(each)

    def apply(self, found: Any, /) -> None:
        """New or changed."""
        with self._lock:
            self.held[found.metadata.uid] = found
            self._seen(found)

    def delete(self, found: Any, /) -> None:
        """Gone; what was held of it counts, for a last state may be without fields."""
        with self._lock:
            self._gone(self.held.pop(found.metadata.uid, found))

    @abstractmethod
    def _seen(self, found: Any) -> None:
        """It is there, or has changed: write its row."""

    @abstractmethod
    def _gone(self, found: Any) -> None:
        """It is there no more: take its row away."""


class NamespaceSink(Sink):
    """`namespaces`, keyed by name."""

    def __init__(self, lock: threading.RLock, views: Views) -> None:
        super().__init__(lock)
        self._views = views

    def _seen(self, found: Any) -> None:
        self._views.put("namespaces", found.metadata.name, projections.namespace(found))

    def _gone(self, found: Any) -> None:
        self._views.remove("namespaces", found.metadata.name)


class WorkloadSink(Sink):
    """One kind of `workloads`."""

    def __init__(self, lock: threading.RLock, views: Views, *, kind: str, sinks: Sinks) -> None:
        super().__init__(lock)
        self._views = views
        self._kind = kind
        self._sinks = sinks

    def rewrite(self, uids: Iterable[str]) -> None:
        """Something that is joined into these rows has changed."""
        for uid in uids:
            if uid in self.held:
                self._seen(self.held[uid])

    def _seen(self, found: Any) -> None:
        meta = found.metadata
        row = projections.workload(
            found,
            kind=self._kind,
            hpa=self._sinks.hpa_of(meta.namespace, self._kind, meta.name),
            trouble=self._sinks.pods.trouble_of(meta.uid),
        )
        self._views.put("workloads", meta.uid, row)

    def _gone(self, found: Any) -> None:
        self._views.remove("workloads", found.metadata.uid)


class ReplicaSetSink(Sink):
    """No rows: it tells which Deployment a pod belongs to."""

    def __init__(self, lock: threading.RLock, pods: Pods) -> None:
        super().__init__(lock)
        self._pods = pods

    def _seen(self, found: Any) -> None:
        self._pods.owner_seen(found)

    def _gone(self, found: Any) -> None:
        self._pods.owner_gone(found)


class PodSink(Sink):
    """`pods` and `pod_spans`."""

    def __init__(self, lock: threading.RLock, pods: Pods) -> None:
        super().__init__(lock)
        self._pods = pods

    def replace(self, objects: Sequence[Any], /) -> None:
        """At the first sync nothing has just happened, so nothing is told."""
        with self._lock:
            super().replace(objects)
            self._pods.tells = True
            self._pods.settle()

    def _seen(self, found: Any) -> None:
        self._pods.seen(found)

    def _gone(self, found: Any) -> None:
        self._pods.gone(found)


class HpaSink(Sink):
    """`hpas`, and the name of the HPA in the row of its target."""

    def __init__(self, lock: threading.RLock, views: Views, *, sinks: Sinks) -> None:
        super().__init__(lock)
        self._views = views
        self._sinks = sinks

    def _seen(self, found: Any) -> None:
        self._views.put("hpas", found.metadata.uid, hpa_rows.hpa(found))
        self._sinks.rewrite_target(found)
        self._sinks.tell_decision(found)

    def _gone(self, found: Any) -> None:
        self._views.remove("hpas", found.metadata.uid)
        self._sinks.rewrite_target(found)


class EventSink(Sink):
    """The story. Events end after an hour; the story forgets by its own measure."""

    def __init__(self, lock: threading.RLock, story: Story) -> None:
        super().__init__(lock)
        self._story = story

    def replace(self, objects: Sequence[Any], /) -> None:
        with self._lock:
            self._story.events(objects)

    def apply(self, found: Any, /) -> None:
        with self._lock:
            self._seen(found)

    def delete(self, found: Any, /) -> None:
        """What has happened has happened."""

    def _seen(self, found: Any) -> None:
        self._story.event(found)

    def _gone(self, found: Any) -> None:
        """Nothing is unsaid."""


class Sinks:
    """All of them, by the plural name of their resource, and what else is joined into their rows."""

    def __init__(self, views: Views, *, story: Story, now: Callable[[], float]) -> None:
        self._lock = threading.RLock()
        self._views = views
        self._story = story
        story.replicas_of = self._replicas_of
        story.decision_of = self._decision_of
        story.is_alarm = self._is_alarm
        self.spans = Spans(views, now=now)
        self.pods = Pods(views, spans=self.spans, story=story, on_trouble=self._rewrite_workload)
        self.hpas = HpaSink(self._lock, views, sinks=self)
        self.workloads = {
            plural: WorkloadSink(self._lock, views, kind=kind, sinks=self) for plural, kind in WORKLOAD_KINDS.items()
        }
        self.by_resource: Mapping[str, Sink] = {
            "namespaces": NamespaceSink(self._lock, views),
            **self.workloads,
            "replicasets": ReplicaSetSink(self._lock, self.pods),
            "horizontalpodautoscalers": self.hpas,
            "pods": PodSink(self._lock, self.pods),
            "events": EventSink(self._lock, story),
        }

    def set_metrics(self, uses: Mapping[str, PodUse]) -> None:
        """`namespace/name` to use, of all pods: what is missing is unknown from now on."""
        with self._lock:
            self.pods.set_metrics(uses)

    def set_role(self, pod_uid: str, role: str | None) -> None:
        """A database member's role; None when it is not known."""
        with self._lock:
            self.pods.set_role(pod_uid, role)

    def tick(self) -> None:
        """Now and then: what ended long ago is forgotten also when nothing else happens."""
        with self._lock:
            self.spans.prune()

    def forget(self) -> None:
        """Another cluster answers: nothing that was known is true of it."""
        with self._lock:
            for sink in self.by_resource.values():
                sink.held = {}
            self.pods.forget()
            self.spans.forget()
            self._story.forget()
            self._views.renew()

    def hpa_of(self, namespace: str | None, kind: str, name: str) -> str | None:
        """The name of the HPA that scales a workload."""
        for hpa in self.hpas.held.values():
            target = hpa.spec.scale_target_ref
            if (hpa.metadata.namespace, target.kind, target.name) == (namespace, kind, name):
                return str(hpa.metadata.name)
        return None

    def rewrite_target(self, hpa: Any) -> None:
        """The workload that an HPA scales has gained or lost it."""
        target = hpa.spec.scale_target_ref
        for sink in self.workloads.values():
            uids = [
                uid
                for uid, each in sink.held.items()
                if (each.metadata.namespace, each.metadata.name) == (hpa.metadata.namespace, target.name)
            ]
            sink.rewrite(uids)

    def _rewrite_workload(self, uid: str) -> None:
        for sink in self.workloads.values():
            sink.rewrite([uid])

    def tell_decision(self, hpa: Any) -> None:
        """An HPA's status may have come with a rescale."""
        if decisions.decision(hpa) is not None:
            self._story.decided(hpa.metadata.namespace, hpa.metadata.name)

    def _hpa(self, namespace: str, name: str) -> Any | None:
        found = (hpa for hpa in list(self.hpas.held.values()) if hpa.metadata.name == name)
        return next((hpa for hpa in found if hpa.metadata.namespace == namespace), None)

    def _replicas_of(self, namespace: str, name: str) -> int | None:
        hpa = self._hpa(namespace, name)
        current: int | None = hpa.status.current_replicas if hpa is not None else None
        return current

    def _decision_of(self, namespace: str, name: str) -> decisions.Decision | None:
        hpa = self._hpa(namespace, name)
        return decisions.decision(hpa) if hpa is not None else None

    def _is_alarm(self, event: Any, at: float | None) -> bool:
        uid = event.involved_object.uid or ""
        if event.involved_object.kind == "Pod":
            return not self.pods.tells or alarms.of_pod(
                at=at, pod=self._views.get("pods", uid), span=self._views.get("pod_spans", uid)
            )
        return alarms.of_hpa(at=at, hpa=self._views.get("hpas", uid))
