"""Gives every pod without a node the node it fits on, through pods/binding; says why when there is none."""

from __future__ import annotations

from typing import Protocol, cast

from localcluster.client import Client, Object
from localcluster.controllers.clock import Clock, timestamp
from localcluster.controllers.conditions import find, put_in_place
from localcluster.controllers.controller import Controller
from localcluster.controllers.informer import Informers
from localcluster.controllers.meta import is_terminating, key_of, name_of, namespace_of, split_key, status_of
from localcluster.controllers.pods import is_finished
from localcluster.controllers.recorder import Recorder
from localcluster.controllers.scheduler import fitting
from localcluster.resources import NODES, PERSISTENT_VOLUME_CLAIMS, PODS

FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 10.0
"""A pod that did not fit is tried again when the cluster changes, but not more often than Kubernetes would."""


class Binder(Protocol):
    """The one verb only the scheduler needs."""

    async def bind(self, name: str, *, namespace: str, node: str) -> None: ...


class Scheduler(Controller):
    """Reconciles keys of pods. One at a time: two pods must not be promised the same room."""

    name = "default-scheduler"
    workers = 1

    def __init__(self, client: Client, informers: Informers, recorder: Recorder, clock: Clock) -> None:
        super().__init__(client, informers, recorder, clock)
        self._pods = self.reads(PODS)
        self._nodes = self.reads(NODES)
        self._claims = self.reads(PERSISTENT_VOLUME_CLAIMS)
        self._failed: dict[str, int] = {}
        self._lacking_room: set[str] = set()  # of the failed: those another pod's end may help
        self._awaiting_claims: set[str] = set()
        self._pods.on_change(self._pod_changed)
        self._nodes.on_change(lambda _before, _after: self._try_failed_again())
        self._claims.on_change(lambda _before, _after: self._claim_changed())

    def _pod_changed(self, before: Object | None, after: Object | None) -> None:
        if after is None or is_terminating(after) or is_finished(after):
            self._failed.pop(key_of(after or before or {}), None)
            self._try_failed_again(only=self._lacking_room)
        elif not after["spec"].get("nodeName") and (before is None or before["spec"] != after["spec"]):
            self.queue.add(key_of(after))

    def _claim_changed(self) -> None:
        """Nothing was wrong with pods that wait for a claim, so they wait no longer than it takes."""
        for key in self._awaiting_claims:
            self.queue.add(key)
        self._try_failed_again()

    def _try_failed_again(self, *, only: set[str] | None = None) -> None:
        for key, times in self._failed.items():
            if only is not None and key not in only:
                continue
            self.queue.add_after(key, min(FIRST_RETRY_SECONDS * 2 ** (times - 1), LONGEST_RETRY_SECONDS))

    async def reconcile(self, key: str) -> None:
        self._awaiting_claims.discard(key)
        pod = self._pods.get(*split_key(key))
        if pod is None or pod["spec"].get("nodeName") or is_terminating(pod) or is_finished(pod):
            self._failed.pop(key, None)
            return
        if pod["spec"].get("schedulerName", self.name) != self.name or pod["spec"].get("schedulingGates"):
            return
        missing = self._missing_claims(pod)
        against = {name_of(node): self._reasons(pod, node) for node in self._nodes.list()}
        fitting_nodes = sorted(name for name, reasons in against.items() if not reasons)
        if missing or not fitting_nodes:
            self._failed[key] = min(self._failed.get(key, 0) + 1, 10)
            short = any(fitting.is_lack_of_room(reason) for reasons in against.values() for reason in reasons)
            (self._lacking_room.add if short else self._lacking_room.discard)(key)
            text = missing or fitting.message(pod, self._nodes.list(), against=against)
            await self._tell_unschedulable(pod, text)
            return
        if not self._claims_bound(pod):
            self._awaiting_claims.add(key)
            return
        await self._bind(pod, node=fitting_nodes[0])
        self._failed.pop(key, None)

    def _reasons(self, pod: Object, node: Object) -> list[str]:
        name = name_of(node)
        placed = [one for one in self._pods.list() if one["spec"].get("nodeName") == name and not is_finished(one)]
        return fitting.reasons_against(pod, node, placed=placed)

    def _claim_names(self, pod: Object) -> list[str]:
        volumes = pod["spec"].get("volumes") or []
        return [one["persistentVolumeClaim"]["claimName"] for one in volumes if "persistentVolumeClaim" in one]

    def _missing_claims(self, pod: Object) -> str:
        total = len(self._nodes.list())
        for name in self._claim_names(pod):
            if self._claims.get(namespace_of(pod), name) is None:
                return (
                    f'0/{total} nodes are available: persistentvolumeclaim "{name}" not found. no new claims to '
                    f"deallocate, preemption: 0/{total} nodes are available: {total} Preemption is not helpful for "
                    "scheduling."
                )
        return ""

    def _claims_bound(self, pod: Object) -> bool:
        claims = (self._claims.get(namespace_of(pod), name) for name in self._claim_names(pod))
        return all(claim is not None and status_of(claim).get("phase") == "Bound" for claim in claims)

    async def _bind(self, pod: Object, *, node: str) -> None:
        namespace, name = namespace_of(pod), name_of(pod)
        await cast(Binder, self.client).bind(name, namespace=namespace, node=node)
        text = f"Successfully assigned {namespace}/{name} to {node}"
        self.recorder.announce(pod, "Normal", "Scheduled", text, action="Binding")

    async def _tell_unschedulable(self, pod: Object, text: str) -> None:
        self.recorder.announce(pod, "Warning", "FailedScheduling", text, action="Scheduling")
        current = find(status_of(pod), "PodScheduled")
        if current is not None and (current["status"], current.get("message")) == ("False", text):
            return
        condition = {
            "type": "PodScheduled",
            "observedGeneration": pod["metadata"].get("generation", 1),
            "status": "False",
            "lastProbeTime": None,
            "lastTransitionTime": timestamp(self.clock.now()),
            "reason": "Unschedulable",
            "message": text,
        }
        conditions = put_in_place(status_of(pod).get("conditions") or [], condition)
        body = {**pod, "status": {**status_of(pod), "conditions": conditions}}
        await self.client.update(PODS, body, subresource="status")
