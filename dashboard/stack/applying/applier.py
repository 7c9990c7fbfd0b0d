"""Applies bundles stage by stage, waits for health between stages, and tells every step. One apply at a time.

Running it again completes what an earlier one left: unchanged objects are not sent, Secrets are kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.applying import secrets
from dashboard.stack.applying.progress import Progress, Step, step_for
from dashboard.stack.applying.stages import Stage, in_stages
from dashboard.stack.bundles.bundle import Bundle, GeneratedSecret
from dashboard.stack.cluster import Cluster, Locator, Manifest
from dashboard.stack.health.rules import health_of
from dashboard.stack.planning import dry_run as plan

DEADLINE_S = 300
"""Seconds one stage may take to become healthy; a real cluster pulls images meanwhile."""

POLL_S = 1.0


class Cancelled(Exception):
    """A person stopped the apply; what is applied stays."""


@dataclass(frozen=True, slots=True)
class _Item:
    step: Step
    content: Manifest | GeneratedSecret


@dataclass(frozen=True, slots=True)
class Applier:
    """Applies to one cluster. `clock` counts seconds, `sleep` waits; `cancelled` is looked at between steps."""

    cluster: Cluster
    progress: Progress
    cancelled: threading.Event
    clock: Callable[[], float]
    sleep: Callable[[float], Any]

    def apply(self, bundles: Sequence[Bundle]) -> None:
        """Plans, then applies every bundle in order. The outcome is in `progress`; nothing is raised for a refusal."""
        work = [(bundle, _items(bundle)) for bundle in bundles]
        steps = [item.step for _, stages in work for _, items in stages for item in items]
        self.progress.start(steps, state="planning")
        try:
            locator = Locator(self.cluster)
            plan.refuse_what_fails(self.cluster, locator, bundles)
            for bundle, stages in work:
                for stage, items in stages:
                    self._apply_stage(locator, bundle, stage, items)
        except Cancelled:
            self.progress.finish("cancelled", "Stopped. What is applied stays; deploy again to complete it.")
        except Refused as refused:
            self.progress.finish("failed", refused.sentence)
        except errors.ApiError as error:
            self.progress.finish("failed", f"The cluster did not answer as expected: {error.message}. Deploy again.")
        else:
            self.progress.finish("done")

    def _apply_stage(self, locator: Locator, bundle: Bundle, stage: Stage, items: Sequence[_Item]) -> None:
        self.progress.enter("applying", bundle=bundle.name)
        for item in items:
            self._check_cancelled()
            self._apply_one(locator, item)
        if stage.waits:
            self.progress.enter("waiting", bundle=bundle.name)
            self._wait(locator, items)

    def _apply_one(self, locator: Locator, item: _Item) -> None:
        try:
            if isinstance(item.content, GeneratedSecret):
                created = secrets.ensure(self.cluster, item.content)
                self.progress.mark(item.step, "created" if created else "unchanged")
                return
            change = plan.change_of(self.cluster, locator, item.content)
            if change != "unchanged":
                self.cluster.apply(locator.path(item.content), item.content)
            results = {"create": "created", "change": "changed", "unchanged": "unchanged"}
            self.progress.mark(item.step, results[change])  # type: ignore[arg-type]
        except errors.ApiError as error:
            why = plan.conflict_sentence(error) if isinstance(error, errors.Conflict) else error.message
            self.progress.mark(item.step, "failed", why)
            named = item.step.object
            raise Refused(f"{named['kind']} {named['name']}: {why}", status=422) from error

    def _wait(self, locator: Locator, items: Sequence[_Item]) -> None:
        deadline = self.clock() + DEADLINE_S
        waiting = [item for item in items if not isinstance(item.content, GeneratedSecret)]
        while waiting:
            self._check_cancelled()
            waiting = [item for item in waiting if not self._is_healthy(locator, item)]
            if waiting and self.clock() > deadline:
                late = waiting[0].step
                self.progress.mark(late, "failed", late.detail)
                raise Refused(
                    f"{late.object['kind']} {late.object['name']} is not ready after {DEADLINE_S} s: {late.detail}. "
                    "Look at its pods and Events, then deploy again.",
                    status=504,
                )
            if waiting:
                self.sleep(POLL_S)

    def _is_healthy(self, locator: Locator, item: _Item) -> bool:
        assert not isinstance(item.content, GeneratedSecret)  # noqa: S101 - narrowed by the caller
        health = health_of(self.cluster.get(locator.path(item.content)))
        if health.state == "ok":
            self.progress.mark(item.step, "ready")
            return True
        if health.state == "failed":
            self.progress.mark(item.step, "failed", health.sentence)
            raise Refused(f"{item.step.object['kind']} {item.step.object['name']}: {health.sentence}", status=422)
        self.progress.mark(item.step, "waiting", health.sentence)
        return False

    def _check_cancelled(self) -> None:
        if self.cancelled.is_set():
            raise Cancelled


def _items(bundle: Bundle) -> list[tuple[Stage, list[_Item]]]:
    """The bundle's work by stage; generated Secrets come first in the stage of Secrets."""
    generated = [(_secret_manifest(each), each) for each in bundle.secrets]
    contents: dict[int, Manifest | GeneratedSecret] = {id(manifest): secret for manifest, secret in generated}
    objects = [*(manifest for manifest, _ in generated), *bundle.objects]
    return [
        (stage, [_Item(step_for(bundle.name, stage.name, each), contents.get(id(each), each)) for each in members])
        for stage, members in in_stages(objects)
    ]


def _secret_manifest(secret: GeneratedSecret) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": secret.namespace, "name": secret.name}}
