"""Pods that become ready, each told once; those of one workload at one moment in one line.

Not thread-safe: the sinks' lock is around every call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dashboard.store import sentences
from dashboard.store.story import Story
from dashboard.store.times import seconds

SAME_MOMENT_S = 1.0
"""Kubernetes' times are whole seconds."""

Row = dict[str, Any]


@dataclass(slots=True)
class _Line:
    key: str
    at: float
    pods: dict[str, tuple[str, float | None]] = field(default_factory=dict)
    """By uid: the name to show and the seconds it took."""


class Readiness:
    """Tells the story of it."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._last: dict[str, _Line] = {}
        self._told: set[str] = set()

    def reached(self, pod: Row) -> None:
        """A pod's row says for the first time that it is ready; later times its Events tell."""
        at = seconds(pod["ready_at"])
        if at is None or pod["uid"] in self._told:
            return
        self._told.add(pod["uid"])
        workload = pod["workload"] or {}
        line = self._last.get(workload.get("uid", ""))
        if line is None or abs(at - line.at) > SAME_MOMENT_S:
            line = _Line(f"ready-{pod['uid']}", at)
        if workload:
            self._last[workload["uid"]] = line
        made = seconds(pod["created_at"])
        # Members of a StatefulSet carry its name in theirs.
        named = workload.get("kind") not in (None, "StatefulSet")
        line.pods[pod["uid"]] = (pod["short"] if named else pod["name"], None if made is None else at - made)
        text = sentences.ready_sentence(workload["name"] if named else None, list(line.pods.values()))
        about = {"kind": "Pod", "namespace": pod["namespace"], "name": pod["name"]}
        if len(line.pods) > 1:
            self._story.retell(line.key, text)
        else:
            # A swarm's pods come with its start, which is told already.
            self._story.note("ready", text, about=about, at=at, key=line.key, quiet=workload.get("kind") == "Job")

    def gone(self, uid: str) -> None:
        """A pod is there no more."""
        self._told.discard(uid)

    def forget(self) -> None:
        """Another cluster has other pods."""
        self._last.clear()
        self._told.clear()
