"""The one word that says how a pod is, the same that `kubectl get pods` prints. Pure.

Pods come as any object with the fields of Kubernetes' Pod in snake_case; this package does not know who decodes them.
"""

from __future__ import annotations

from typing import Any

Pod = Any
ContainerStatus = Any

# Words of a pod that will not get better by waiting.
TROUBLE = frozenset(
    {
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "ErrImageNeverPull",
        "InvalidImageName",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "Init:CrashLoopBackOff",
        "Init:ImagePullBackOff",
        "Init:ErrImagePull",
    }
)


def status_word(pod: Pod) -> str:
    """Running, Pending, ContainerCreating, CrashLoopBackOff, OOMKilled, Init:0/1, Completed, Terminating…"""
    status = pod.status
    if pod.metadata.deletion_timestamp and status.reason == "NodeLost":
        return "Unknown"
    if pod.metadata.deletion_timestamp and status.phase not in {"Succeeded", "Failed"}:
        return "Terminating"
    initializing = None if _is_true(pod, "Initialized") else _init_word(pod)
    return initializing or _containers_word(pod) or _gated_word(pod) or status.reason or status.phase or "Unknown"


def is_ready(pod: Pod) -> bool:
    """Whether the pod takes part in its services."""
    return _is_true(pod, "Ready") and not pod.metadata.deletion_timestamp


def restarts(pod: Pod) -> int:
    """Of all containers and sidecars together."""
    sidecars = _sidecars(pod)
    counted = [each for each in pod.status.init_container_statuses or () if each.name in sidecars]
    return sum(each.restart_count for each in [*(pod.status.container_statuses or ()), *counted])


def container_state(container: ContainerStatus) -> tuple[str, str | None, int | None]:
    """(waiting | running | terminated | unknown, reason, exit code): of the last end when it runs or waits again."""
    state, last = container.state, container.last_state
    ended = last.terminated if last else None
    exit_code = ended.exit_code if ended else None
    if state and state.terminated:
        return "terminated", state.terminated.reason, state.terminated.exit_code
    if state and state.waiting:
        return "waiting", state.waiting.reason, exit_code
    if state and state.running:
        return "running", ended.reason if ended else None, exit_code
    return "unknown", None, None


def condition(owner: Any, kind: str) -> Any | None:
    """A condition of a pod, workload or HPA by its type."""
    return next((each for each in owner.status.conditions or () if each.type == kind), None)


def _is_true(pod: Pod, kind: str) -> bool:
    found = condition(pod, kind)
    return found is not None and found.status == "True"


def _sidecars(pod: Pod) -> set[str]:
    return {each.name for each in pod.spec.init_containers or () if each.restart_policy == "Always"}


def _init_word(pod: Pod) -> str | None:
    sidecars = _sidecars(pod)
    for done, container in enumerate(pod.status.init_container_statuses or ()):
        state = container.state
        ended = state.terminated if state else None
        if ended and ended.exit_code == 0:
            continue
        if container.name in sidecars and container.started:
            continue
        if ended:
            return f"Init:{_ended_word(ended)}"
        if state and state.waiting and state.waiting.reason not in {None, "", "PodInitializing"}:
            return f"Init:{state.waiting.reason}"
        return f"Init:{done}/{len(pod.spec.init_containers or ())}"
    return None


def _containers_word(pod: Pod) -> str | None:
    """The first container that says something wins; "Completed" beside a running one does not count."""
    word, any_runs = None, False
    for container in reversed(pod.status.container_statuses or ()):
        state = container.state
        if state and state.waiting and state.waiting.reason:
            word = state.waiting.reason
        elif state and state.terminated:
            word = _ended_word(state.terminated)
        elif container.ready and state and state.running:
            any_runs = True
    if word == "Completed" and any_runs:
        return "Running" if _is_true(pod, "Ready") else "NotReady"
    return word


def _gated_word(pod: Pod) -> str | None:
    scheduled = condition(pod, "PodScheduled")
    return "SchedulingGated" if scheduled is not None and scheduled.reason == "SchedulingGated" else None


def _ended_word(ended: Any) -> str:
    if ended.reason:
        return str(ended.reason)
    return f"Signal:{ended.signal}" if ended.signal else f"ExitCode:{ended.exit_code}"
