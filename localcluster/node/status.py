"""`Pod.status` from the states of its containers; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from localcluster import quantity
from localcluster.client import Object

_CONDITIONS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
_ENDED = ("Succeeded", "Failed")


@dataclass(slots=True)
class ContainerState:
    """What is known of one container; changed by the one that runs it, read by everybody."""

    spec: Object
    state: Object = field(default_factory=lambda: {"waiting": {"reason": "PodInitializing"}})
    last_state: Object = field(default_factory=dict)
    restart_count: int = 0
    ready: bool = False
    started: bool = False
    container_id: str = ""
    image_id: str = ""
    lost: bool = False
    """Whether its pod ended without it ever having been found."""

    @property
    def name(self) -> str:
        return str(self.spec["name"])

    @property
    def running(self) -> bool:
        return "running" in self.state

    @property
    def exit_code(self) -> int | None:
        """None unless it has ended and is not to be started again."""
        terminated = self.state.get("terminated")
        return None if terminated is None else int(terminated["exitCode"])


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pod runs."""

    pod_ip: str
    host_ip: str
    start_time: str
    told: bool = True
    """Whether the pod's own address is known yet: kubelet tells it with the first news of a container."""


def pod_status(
    pod: Object, previous: Mapping[str, Any], *, place: Place, init: Sequence[ContainerState],
    containers: Sequence[ContainerState], sandbox_ready: bool, ending: bool, now: str,
) -> Object:  # fmt: skip
    """The whole status; `previous` keeps transition times, `ending` says no container will be started again.

    An end is told in two steps, as kubelet does: first the conditions, then, with the sandbox gone, the phase.
    """
    phase = pod_phase(pod, init, containers, ending=ending)
    settled = "Pending" if any(container.lost for container in containers) else phase
    conditions = _conditions(settled, pod, init, containers, sandbox_ready=sandbox_ready)
    if phase in _ENDED and sandbox_ready:
        phase = previous.get("phase", "Running")
    status: Object = {
        "observedGeneration": pod["metadata"].get("generation", 1),
        "phase": phase,
        "conditions": _with_times(conditions, previous.get("conditions") or (), now),
        "hostIP": place.host_ip,
        "hostIPs": [{"ip": place.host_ip}],
        "startTime": place.start_time,
        "containerStatuses": [_container_status(container) for container in containers],
        "qosClass": previous.get("qosClass", "BestEffort"),
        **pod_resources(pod),
    }
    if init:
        status["initContainerStatuses"] = [_container_status(container) for container in init]
    if place.told:
        status |= {"podIP": place.pod_ip, "podIPs": [{"ip": place.pod_ip}]}
    return status


def pod_resources(pod: Object) -> Object:
    """What the containers that run side by side ask for and may use together."""
    spec = pod["spec"]
    together = [one for one in spec.get("initContainers") or () if is_sidecar(one)] + spec["containers"]
    resources = {side: _sum(together, side) for side in ("limits", "requests")}
    told: Object = {"resources": {side: amounts for side, amounts in resources.items() if amounts}}
    if resources["requests"]:
        told["allocatedResources"] = resources["requests"]
    return told


def _sum(containers: Sequence[Mapping[str, Any]], side: str) -> dict[str, str]:
    amounts: dict[str, list[str]] = {}
    for container in containers:
        for name, amount in ((container.get("resources") or {}).get(side) or {}).items():
            amounts.setdefault(name, []).append(str(amount))
    return {name: _added(name, texts) for name, texts in sorted(amounts.items())}


def _added(name: str, texts: Sequence[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    total = sum(map(quantity.parse, texts), Decimal(0))
    return quantity.format_cpu(total) if name == "cpu" else quantity.format_memory(total)


def without_hope(container: ContainerState, *, pod: Object) -> Object:
    """The state of a container that is not started again: how it ended, or as if it had never been tried."""
    if "waiting" not in container.state:
        return container.state
    return dict(container.last_state) or waits_to_be_made(pod)


def waits_to_be_made(pod: Object) -> Object:
    """The state of a container that has not been tried yet."""
    return {"waiting": {"reason": "PodInitializing" if pod["spec"].get("initContainers") else "ContainerCreating"}}


def pod_phase(
    pod: Object, init: Sequence[ContainerState], containers: Sequence[ContainerState], *, ending: bool
) -> str:
    """kubelet's rule: what runs or will run again is Running, what has ended tells how."""
    policy = pod["spec"].get("restartPolicy", "Always")
    if any(_init_failed(container, policy) for container in init):
        return "Failed"
    codes = [container.exit_code for container in containers]
    before = [container for container in init if not is_sidecar(container.spec)]
    if not ending and not initialized(before) and not any(container.running for container in containers):
        return "Pending"  # also where they had run before, in a sandbox that is gone
    if ending and None not in codes:
        return "Succeeded" if all(code == 0 for code in codes) else "Failed"
    if any("waiting" in container.state and not container.last_state for container in containers):
        return "Pending"
    if any(code is None for code in codes) or policy == "Always":
        return "Running"
    if all(code == 0 for code in codes):
        return "Succeeded"
    return "Failed" if policy == "Never" else "Running"


def never_located(container: ContainerState) -> None:
    """What kubelet writes of a container that still waited when its pod ended."""
    if "waiting" in container.state:
        container.lost = True
        container.state = {
            "terminated": {
                "exitCode": 137,
                "reason": "ContainerStatusUnknown",
                "message": "The container could not be located when the pod was terminated",
                "startedAt": None,
                "finishedAt": None,
            }
        }


def _init_failed(container: ContainerState, policy: str) -> bool:
    return policy == "Never" and not is_sidecar(container.spec) and container.exit_code not in {None, 0}


def is_sidecar(spec: Mapping[str, Any]) -> bool:
    """An init container that keeps running beside the others."""
    return bool(spec.get("restartPolicy") == "Always")


def initialized(init: Sequence[ContainerState]) -> bool:
    return all(c.started if is_sidecar(c.spec) else c.exit_code == 0 for c in init)


def _conditions(
    phase: str, pod: Object, init: Sequence[ContainerState], containers: Sequence[ContainerState], *,
    sandbox_ready: bool,
) -> list[Object]:  # fmt: skip
    done = phase in _ENDED
    completed = {"reason": "PodCompleted"} if phase == "Succeeded" else {}
    if done:
        unready = completed or {"reason": "PodFailed"}
        ready: Object = {"status": "False", **unready}
        containers_ready = dict(ready)
    else:
        names = [c.name for c in [*init, *containers] if not c.ready and (c in containers or is_sidecar(c.spec))]
        containers_ready = _readiness(names)
        ready = dict(containers_ready) if names else _gates(pod)
    if initialized(init):
        init_condition: Object = {"status": "True", **completed}
    else:
        names = [c.name for c in init if c.exit_code != 0 and not (is_sidecar(c.spec) and c.started)]
        message = f"containers with incomplete status: [{' '.join(names)}]"
        init_condition = {"status": "False", "reason": "ContainersNotInitialized", "message": message}
    sandbox = {"status": "True" if sandbox_ready else "False"}
    bodies = (sandbox, init_condition, ready, containers_ready, {"status": "True"})
    generation = pod["metadata"].get("generation", 1)
    return [
        {"type": kind, "observedGeneration": generation, **body} for kind, body in zip(_CONDITIONS, bodies, strict=True)
    ]


def _readiness(unready: Sequence[str]) -> Object:
    if not unready:
        return {"status": "True"}
    message = f"containers with unready status: [{' '.join(unready)}]"
    return {"status": "False", "reason": "ContainersNotReady", "message": message}


def _gates(pod: Object) -> Object:
    """`readinessGates`: conditions others write, which must hold too."""
    held = {c["type"] for c in (pod.get("status") or {}).get("conditions") or () if c["status"] == "True"}
    for gate in pod["spec"].get("readinessGates") or ():
        if gate["conditionType"] not in held:
            message = f'corresponding condition of pod readiness gate "{gate["conditionType"]}" does not exist.'
            return {"status": "False", "reason": "ReadinessGatesNotReady", "message": message}
    return {"status": "True"}


def _with_times(conditions: Sequence[Object], previous: Sequence[Mapping[str, Any]], now: str) -> list[Object]:
    before = {condition["type"]: condition for condition in previous}
    timed = []
    for condition in conditions:
        old = before.get(condition["type"])
        same = old is not None and old["status"] == condition["status"]
        time = old["lastTransitionTime"] if same and old is not None else now
        timed.append({**condition, "lastProbeTime": None, "lastTransitionTime": time})
    return timed


def _container_status(container: ContainerState) -> Object:
    spec = container.spec
    resources = spec.get("resources") or {}
    status: Object = {
        "name": container.name,
        "state": container.state,
        "lastState": container.last_state,
        "ready": container.ready,
        "restartCount": container.restart_count,
        "image": spec["image"],
        "imageID": container.image_id,
        "started": container.started,
        "volumeMounts": [_mount_status(mount) for mount in spec.get("volumeMounts") or ()],
    }
    if container.container_id:
        status |= {"containerID": container.container_id, "resources": resources}
        if resources.get("requests"):
            status["allocatedResources"] = resources["requests"]
    return status


def _mount_status(mount: Object) -> Object:
    status: Object = {"name": mount["name"], "mountPath": mount["mountPath"]}
    if mount.get("readOnly"):
        status |= {"readOnly": True, "recursiveReadOnly": "Disabled"}
    return status
