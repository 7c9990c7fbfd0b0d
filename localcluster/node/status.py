"""`Pod.status` from the states of its containers; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from localcluster.client import Object

_CONDITIONS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady")


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


def pod_status(
    pod: Object, previous: Mapping[str, Any], *, place: Place, init: Sequence[ContainerState],
    containers: Sequence[ContainerState], sandbox_ready: bool, ending: bool, now: str,
) -> Object:  # fmt: skip
    """The whole status; `previous` keeps transition times, `ending` says no container will be started again."""
    phase = pod_phase(pod, init, containers, ending=ending)
    conditions = _conditions(phase, pod, init, containers, sandbox_ready=sandbox_ready)
    status: Object = {
        "observedGeneration": pod["metadata"].get("generation", 1),
        "phase": phase,
        "conditions": _with_times(conditions, previous.get("conditions") or (), now),
        "hostIP": place.host_ip,
        "hostIPs": [{"ip": place.host_ip}],
        "startTime": place.start_time,
        "containerStatuses": [_container_status(container) for container in containers],
        "qosClass": previous.get("qosClass", "BestEffort"),
    }
    if init:
        status["initContainerStatuses"] = [_container_status(container) for container in init]
    if sandbox_ready or ending:
        status |= {"podIP": place.pod_ip, "podIPs": [{"ip": place.pod_ip}]}
    return status


def pod_phase(
    pod: Object, init: Sequence[ContainerState], containers: Sequence[ContainerState], *, ending: bool
) -> str:
    """kubelet's rule: what runs or will run again is Running, what has ended tells how."""
    policy = pod["spec"].get("restartPolicy", "Always")
    if any(_init_failed(container, policy) for container in init):
        return "Failed"
    codes = [container.exit_code for container in containers]
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


def is_sidecar(spec: Object) -> bool:
    """An init container that keeps running beside the others."""
    return bool(spec.get("restartPolicy") == "Always")


def initialized(init: Sequence[ContainerState]) -> bool:
    return all(c.started if is_sidecar(c.spec) else c.exit_code == 0 for c in init)


def _conditions(
    phase: str, pod: Object, init: Sequence[ContainerState], containers: Sequence[ContainerState], *,
    sandbox_ready: bool,
) -> list[Object]:  # fmt: skip
    done = phase in {"Succeeded", "Failed"}
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
    sandbox = {"status": "True" if sandbox_ready and not done else "False"}
    bodies = (sandbox, init_condition, ready, containers_ready)
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
