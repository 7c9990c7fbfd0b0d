"""What a node makes of pods it ran before it was started again, as kubelet does after a reboot of its machine.

The processes are gone, the directories are still there. Starts nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from localcluster.client import Object
from localcluster.controllers.clock import Clock, timestamp
from localcluster.node.logs import ContainerLog
from localcluster.node.status import ContainerState

_LOST_CODE = 255
"""What container runtimes say of a process they did not see end."""


def clear_leftovers(directory: Path, pods: Iterable[Object]) -> None:
    """Remove what pods that are gone have left under `directory`, and volumes that live in memory."""
    kept = {pod["metadata"]["uid"]: pod for pod in pods}
    for path in directory.glob("*"):
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)
            continue
        for volume in kept[path.name]["spec"].get("volumes") or ():
            if (volume.get("emptyDir") or {}).get("medium") == "Memory":
                shutil.rmtree(path / "volumes" / volume["name"], ignore_errors=True)


def take_up(
    state: ContainerState, statuses: Iterable[Object], *, directory: Path, policy: str, clock: Clock
) -> ContainerLog | None:
    """Put into `state` what the pod's status tells of its container's last run; that run's log, if there is one.

    `policy` says whether another run follows. Nothing changes for a container that never ran.
    """
    before = next((each for each in statuses if each["name"] == state.name and each.get("containerID")), None)
    if before is None:
        return None
    _continue(state, before, policy=policy, now=timestamp(clock.now()))
    path = directory / "logs" / f"{before['restartCount']}.log"
    return ContainerLog(path, clock, ended=True) if path.exists() else None


def _continue(state: ContainerState, before: Object, *, policy: str, now: str) -> None:
    state.restart_count = before["restartCount"]
    state.container_id, state.image_id = before["containerID"], before.get("imageID", "")
    ended = _end_of(before, now=now)
    if ended is not None and not starts_again(policy, ended["exitCode"]):
        state.state, state.last_state = {"terminated": ended}, before.get("lastState") or {}
        return
    state.last_state = {"terminated": ended} if ended is not None else before.get("lastState") or {}
    state.restart_count += 1


def starts_again(policy: str, code: int) -> bool:
    """Whether a container that ended with `code` is started again under its restart policy."""
    return policy == "Always" or (policy == "OnFailure" and code != 0)


def _end_of(before: Object, *, now: str) -> Object | None:
    """How the last run ended; None when the container waited to be started again."""
    state = before.get("state") or {}
    if "running" not in state:
        return state.get("terminated")
    return {
        "exitCode": _LOST_CODE, "reason": "Unknown", "startedAt": state["running"].get("startedAt"), "finishedAt": now,
        "containerID": before["containerID"],
    }  # fmt: skip
