"""The replica set, asked of its agents every few seconds: roles, rows, elections. It must not change it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.data import rows
from dashboard.data.asking import NAMESPACE, WORKLOAD, Answer, Asking, is_member
from dashboard.data.elections import Elections
from dashboard.data.picture import Picture, picture
from dashboard.kube import errors
from dashboard.kube.credential import acting_as
from dashboard.kube.rules import document_of
from dashboard.store.denied import is_denied
from dashboard.store.views import Views

VIEW, SET = "members", "set"


def _nobody(_error: errors.Forbidden | None) -> None:
    """For whoever does not want to hear of refusals."""


@dataclass(slots=True)
class Members:
    """`set_role(pod_uid, role)` tells a pod's role (None: unknown), `note` the story, `now` is the wall clock.

    `refused` hears after each round whether the agents may be asked.
    """

    views: Views
    asking: Asking
    set_role: Callable[[str, str | None], None]
    note: Callable[..., None]
    now: Callable[[], datetime]
    refused: Callable[[errors.Forbidden | None], None] = _nobody
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """What every agent said last, by pod."""
    _elections: Elections = field(default_factory=Elections)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tick(self) -> None:
        """Asks every agent once; called every few seconds."""
        self.look()

    def look(self) -> Picture:
        """Asks every agent now, and tells every browser what they say: so we ask in our own name, whoever wants it."""
        with self._lock, acting_as(None):
            pods = [row for row in self.views.rows("pods").values() if is_member(row)]
            self.answers = self.asking.all(pods)
            seen = picture(pods, self.answers)
            for pod in pods:
                self.set_role(str(pod["uid"]), _role(self.answers.get(str(pod["name"]))))
            denied = next((answer.denied for answer in self.answers.values() if answer.denied), None)
            self.refused(denied)
            self._publish(seen, denied)
            return seen

    def forget(self) -> None:
        """Another cluster has another set."""
        with self._lock:
            self.answers = {}
            self._elections.forget()

    def _publish(self, seen: Picture, denied: errors.Forbidden | None) -> None:
        at = self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        told = [rows.member(each, seen) for each in seen.members]
        self.views.replace(VIEW, {str(row["uid"] or row["name"]): row for row in told})
        change = self._elections.seen(seen, at=at)
        self.views.put("data", "elections", {"rows": self._elections.rows()})
        self.views.put(
            "data", SET,
            rows.of_set(
                seen, deployed=self._deployed(), rule=document_of(denied),
                detail=denied.message if denied else None, at=at,
                unseen=is_denied(self.views.rows("connection"), "pods", "statefulsets"),
            ),
        )  # fmt: skip
        if change is not None:
            self.note("failover", _sentence(change), about=_about(change["winner"]))

    def _deployed(self) -> bool:
        workloads = self.views.rows("workloads").values()
        return any(row["namespace"] == NAMESPACE and row["name"] == WORKLOAD for row in workloads)


def _role(answer: Answer | None) -> str | None:
    """In small letters; None when nobody knows."""
    status = answer.status if answer else None
    return status.state.lower() if status is not None and status.state != "UNKNOWN" else None


def _sentence(election: Mapping[str, Any]) -> str:
    before = f", before it was {election['before']}" if election["before"] else " again"
    why = f": {election['why']}" if election["why"] else ""
    return f"{election['winner']} is primary now{before}{why}"


def _about(pod: str) -> dict[str, Any]:
    return {"kind": "Pod", "namespace": NAMESPACE, "name": pod}
