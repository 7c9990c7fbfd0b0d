"""Pods with what belongs to them: their workload, their use, their role, and the moments worth telling.

Not thread-safe: the sinks' lock is around every call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from dashboard.store import pod_status, projections
from dashboard.store.pod_status import Pod
from dashboard.store.projections import UNKNOWN_USE, PodUse, controller
from dashboard.store.readiness import Readiness
from dashboard.store.spans import Spans
from dashboard.store.story import Story
from dashboard.store.times import seconds
from dashboard.store.views import Views

Workload = dict[str, Any]


class Pods:
    """The view `pods`. `on_trouble(workload uid)`: what is wrong with a workload's pods has changed."""

    def __init__(self, views: Views, *, spans: Spans, story: Story, on_trouble: Callable[[str], None]) -> None:
        self.tells = False  # told are changes, not what was so when we came
        self._views = views
        self._spans = spans
        self._story = story
        self._readiness = Readiness(story)
        self._on_trouble = on_trouble
        self._pods: dict[str, Pod] = {}
        self._owners: dict[str, Workload] = {}  # by the uid of a ReplicaSet
        self._owned: dict[str, set[str]] = defaultdict(set)  # pods by the uid of their controller
        self._workloads: dict[str, Workload] = {}  # by pod, also after its ReplicaSet has gone
        self._troubles: dict[str, dict[str, str]] = defaultdict(dict)  # by workload, by pod
        self._uses: Mapping[str, PodUse] = {}
        self._roles: dict[str, str] = {}

    def seen(self, pod: Pod) -> None:
        """New or changed."""
        uid = pod.metadata.uid
        before = self._views.get("pods", uid)
        self._pods[uid] = pod
        owner = controller(pod)
        if owner is not None:
            self._owned[owner.uid].add(uid)
        row = self._write(pod)
        self._spans.seen(row)
        self._note_trouble(row)
        self._note_readiness(row, before)
        self._tell_out_of_memory(pod)

    def settle(self) -> None:
        """All pods are known now: what was told of them before can be judged."""
        self._story.settled()

    def gone(self, pod: Pod) -> None:
        """There no more."""
        uid = pod.metadata.uid
        self._pods.pop(uid, None)
        self._roles.pop(uid, None)
        self._readiness.gone(uid)
        for owned in self._owned.values():
            owned.discard(uid)
        workload = self._workloads.pop(uid, None)
        if workload is not None and uid in self._troubles[workload["uid"]]:
            del self._troubles[workload["uid"]][uid]
            self._on_trouble(workload["uid"])
        self._views.remove("pods", uid)
        self._spans.gone([uid])

    def owner_seen(self, replica_set: Any) -> None:
        """A ReplicaSet says whose it is."""
        meta = replica_set.metadata
        above = controller(replica_set)
        workload = (
            {"kind": above.kind, "name": above.name, "uid": above.uid}
            if above is not None
            else {"kind": "ReplicaSet", "name": meta.name, "uid": meta.uid}
        )
        if self._owners.get(meta.uid) != workload:
            self._owners[meta.uid] = workload
            for uid in sorted(self._owned.get(meta.uid, ())):
                self.seen(self._pods[uid])

    def owner_gone(self, replica_set: Any) -> None:
        """Its pods, on their way out, still belong where they did."""
        self._owners.pop(replica_set.metadata.uid, None)
        self._owned.pop(replica_set.metadata.uid, None)

    def trouble_of(self, workload_uid: str) -> str | None:
        """What is wrong with one of a workload's pods."""
        return next(iter(self._troubles.get(workload_uid, {}).values()), None)

    def set_metrics(self, uses: Mapping[str, PodUse]) -> None:
        """Of all pods at once; most have not changed since they were last read."""
        before, self._uses = self._uses, uses
        for pod in self._pods.values():
            name = f"{pod.metadata.namespace}/{pod.metadata.name}"
            if before.get(name) != uses.get(name):
                self._write(pod)

    def set_role(self, uid: str, role: str | None) -> None:
        """Of one pod."""
        if role is None:
            self._roles.pop(uid, None)
        else:
            self._roles[uid] = role
        if uid in self._pods:
            self._write(self._pods[uid])

    def forget(self) -> None:
        """Another cluster."""
        self.tells = False
        self._readiness.forget()
        self._uses = {}
        for known in (self._pods, self._owners, self._owned, self._workloads, self._troubles, self._roles):
            known.clear()

    def _write(self, pod: Pod) -> dict[str, Any]:
        meta = pod.metadata
        row = projections.pod(
            pod,
            workload=self._workload_of(pod),
            use=self._uses.get(f"{meta.namespace}/{meta.name}", UNKNOWN_USE),
            role=self._roles.get(meta.uid),
        )
        self._views.put("pods", meta.uid, row)
        return row

    def _workload_of(self, pod: Pod) -> Workload | None:
        owner = controller(pod)
        if owner is None:
            return None
        workload = self._owners.get(owner.uid) or self._workloads.get(pod.metadata.uid)
        if workload is None and owner.kind != "ReplicaSet":
            workload = {"kind": owner.kind, "name": owner.name, "uid": owner.uid}
        if workload is not None:
            self._workloads[pod.metadata.uid] = workload
            return workload
        return {"kind": owner.kind, "name": owner.name, "uid": owner.uid}  # until its ReplicaSet is read

    def _note_trouble(self, row: dict[str, Any]) -> None:
        workload = row["workload"]
        if workload is None:
            return
        known = self._troubles[workload["uid"]]
        text = f"pod {row['name']}: {row['state']}" if row["state"] in pod_status.TROUBLE else None
        if known.get(row["uid"]) == text:
            return
        if text is None:
            del known[row["uid"]]
        else:
            known[row["uid"]] = text
        self._on_trouble(workload["uid"])

    def _note_readiness(self, row: dict[str, Any], before: Mapping[str, Any] | None) -> None:
        if not row["ready"] or (before is not None and before["ready"]):
            return
        if self.tells:
            self._readiness.reached(row)
        self._story.settled(row["namespace"], row["name"])

    def _tell_out_of_memory(self, pod: Pod) -> None:
        """No Event says it: it stands in the state of the container, or in its last one when it runs again."""
        meta = pod.metadata
        for container in pod.status.container_statuses or ():
            for state in (container.state, container.last_state):
                ended = state.terminated if state else None
                if ended is None or ended.reason != "OOMKilled":
                    continue
                self._story.note(
                    "oom",
                    f"The container {container.name} of pod {meta.name} went over its memory limit and was killed.",
                    about={"kind": "Pod", "namespace": meta.namespace, "name": meta.name},
                    at=seconds(ended.finished_at),
                    key=f"oom-{meta.uid}-{container.name}-{ended.finished_at}",
                )
