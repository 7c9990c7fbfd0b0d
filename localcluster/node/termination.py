"""How a container's end is told: state, reason, message; must not end anything."""

from __future__ import annotations

from pathlib import Path

from localcluster.client import Object
from localcluster.node.logs import ContainerLog, plain_tail

NOT_STARTED = 128
"""The exit code of a program that could not be started."""

_MESSAGE_LIMIT = 4096
_FALLBACK_LIMIT = 2048
_FALLBACK_LINES = 80


def terminated_state(
    code: int, *, out_of_memory: bool, started_at: str, finished_at: str, container_id: str, message: str
) -> Object:
    reason = "OOMKilled" if out_of_memory else "Completed" if code == 0 else "Error"
    terminated: Object = {"exitCode": code, "reason": reason}
    if message:
        terminated["message"] = message
    return {
        "terminated": {
            **terminated,
            "startedAt": started_at,
            "finishedAt": finished_at,
            "containerID": container_id,
        }
    }


def not_started_state(now: str, *, container_id: str, message: str) -> Object:
    """A run that never began."""
    ended = terminated_state(
        NOT_STARTED, out_of_memory=False, started_at="1970-01-01T00:00:00Z", finished_at=now,
        container_id=container_id, message=message,
    )  # fmt: skip
    ended["terminated"]["reason"] = "StartError"
    return ended


def termination_message(spec: Object, path: Path, log: ContainerLog, code: int) -> str:
    """What the program wrote to its termination log, else (when asked for, and failed) the log's end."""
    try:
        with path.open("rb") as stream:
            text = stream.read(_MESSAGE_LIMIT).decode(errors="replace")
    except OSError:
        text = ""
    if not text and code != 0 and spec.get("terminationMessagePolicy") == "FallbackToLogsOnError":
        return plain_tail(log, lines=_FALLBACK_LINES)[-_FALLBACK_LIMIT:]
    return text
