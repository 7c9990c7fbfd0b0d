"""The record of one apply or teardown as a browser sees it: the row `current` of the view `deploy`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from dashboard.stack.bundles.bundle import ObjectRef

State = Literal["idle", "planning", "applying", "waiting", "pruning", "deleting", "done", "failed", "cancelled"]
Action = Literal["deploy", "roll back", "teardown"]
Result = Literal["pending", "created", "changed", "unchanged", "waiting", "ready", "deleted", "kept", "failed"]

IDLE: Mapping[str, Any] = {
    "state": "idle", "action": None, "bundle": None, "bundles": [], "by": None, "steps": [], "error": None,
    "started_at": None, "finished_at": None,
}  # fmt: skip


@dataclass(slots=True)
class Step:
    """One object on its way; `object` is {id, kind, namespace, name}. `detail`: what it waits for, or why it failed."""

    bundle: str
    stage: str
    object: dict[str, str]
    result: Result = "pending"
    detail: str | None = None


@dataclass(slots=True)
class Progress:
    """All steps of one apply or teardown; every change is published whole.

    `publish` takes the row; it is called from the thread that works. `bundle` is the one at hand, `bundles` are all.
    """

    publish: Callable[[Mapping[str, Any]], None]
    now: Callable[[], datetime]
    state: State = "idle"
    action: Action | None = None
    bundles: tuple[str, ...] = ()
    by: str | None = None
    bundle: str | None = None
    steps: list[Step] = field(default_factory=list)
    error: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def is_over(self) -> bool:
        """Whether it has come to its end, whichever."""
        return self.finished_at is not None

    def row(self) -> dict[str, Any]:
        """As it stands."""
        return {
            "state": self.state,
            "action": self.action,
            "bundle": self.bundle,
            "bundles": list(self.bundles),
            "by": self.by,
            "steps": [asdict(step) for step in self.steps],
            "error": self.error,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
        }

    def start(self, steps: list[Step], *, state: State) -> None:
        """Begins with all steps pending."""
        self.steps, self.error, self.finished_at = steps, None, None
        self.started_at = _text(self.now())
        self.enter(state)

    def add(self, steps: Iterable[Step]) -> None:
        """More steps, as the plan found them."""
        self.steps.extend(steps)
        self._publish()

    def enter(self, state: State, *, bundle: str | None = None) -> None:
        """Moves on to another phase."""
        self.state, self.bundle = state, bundle
        self._publish()

    def mark(self, step: Step, result: Result, detail: str | None = None) -> None:
        """One step's news; nothing is published when there is none."""
        if (step.result, step.detail) != (result, detail):
            step.result, step.detail = result, detail
            self._publish()

    def finish(self, state: State, error: str | None = None) -> None:
        """The end: done, failed or cancelled."""
        self.state, self.error, self.finished_at = state, error, _text(self.now())
        self._publish()

    def _publish(self) -> None:
        with self._lock:
            self.publish(self.row())


def step_for(bundle: str, stage: str, ref: ObjectRef) -> Step:
    """A pending step for an object."""
    named = {"id": ref.id, "kind": ref.kind, "namespace": ref.namespace, "name": ref.name}
    return Step(bundle=bundle, stage=stage, object=named)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
