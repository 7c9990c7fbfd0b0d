"""Brings one object to what its manifest says, if it is not so already. Knows nothing of stages or progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.applying import replicas, secrets
from dashboard.stack.applying.work import Item
from dashboard.stack.bundles.bundle import GeneratedSecret
from dashboard.stack.cluster import Cluster, Locator, Manifest
from dashboard.stack.planning import dry_run
from dashboard.stack.planning.refusals import scrubbed
from dashboard.stack.planning.trial import is_settled

Result = Literal["created", "changed", "unchanged"]


@dataclass(frozen=True, slots=True)
class Sending:
    """`keep` is called before every write and raises when this process may not write any more."""

    cluster: Cluster
    locator: Locator
    keep: Callable[[], None]

    def send(self, item: Item, *, force: bool = False) -> tuple[Result, str]:
        """What was done, and the object's UID. Raises Refused with what the API has against it."""
        try:
            if isinstance(item.content, GeneratedSecret):
                self.keep()
                created, uid = secrets.ensure(self.cluster, item.content)
                return "created" if created else "unchanged", uid
            return self._send(item, item.content, force)
        except errors.Conflict as error:
            raise Refused(f"{item.ref}: {dry_run.conflict_sentence(error)}", status=409) from error
        except (errors.BadRequest, errors.Forbidden, errors.NotFound, errors.Invalid) as error:
            raise Refused(f"{item.ref}: {_told(error, item)}", status=422) from None
        except errors.ApiError as error:
            error.message = _told(error, item)
            raise

    def _send(self, item: Item, manifest: Manifest, force: bool) -> tuple[Result, str]:
        path = self.locator.path(manifest)
        try:
            live = self.cluster.get(path)
        except errors.NotFound:
            return self._create(item, manifest, path, force)
        if item.is_scaled and replicas.is_ours(live):
            self.keep()
            live = replicas.hand_over(self.cluster, path, live, count=live["spec"]["replicas"])
            self._apply(path, manifest, force)
            return "changed", live["metadata"]["uid"]
        try:
            merged = self.cluster.apply(path, manifest, force=force, dry_run=True)
        except errors.Forbidden as error:
            if is_settled(error, live, manifest):
                return "unchanged", live["metadata"]["uid"]
            raise
        if dry_run.comparable(live) == dry_run.comparable(merged):
            if not dry_run.is_made_by_us(live):  # alike by chance: from now on its fields are ours as well
                self._apply(path, manifest, force)
            return "unchanged", live["metadata"]["uid"]
        return "changed", self._apply(path, manifest, force)["metadata"]["uid"]

    def _create(self, item: Item, manifest: Manifest, path: str, force: bool) -> tuple[Result, str]:
        live = self._apply(path, manifest, force)
        if item.initial is not None and item.initial != live["spec"].get("replicas"):
            self.keep()
            replicas.hand_over(self.cluster, path, live, count=item.initial)
        return "created", live["metadata"]["uid"]

    def _apply(self, path: str, manifest: Manifest, force: bool) -> Any:
        self.keep()
        return self.cluster.apply(path, manifest, force=force)


def _told(error: errors.ApiError, item: Item) -> str:
    """The API's words, without a Secret's value that it may echo: they are shown and recorded."""
    return error.message if isinstance(item.content, GeneratedSecret) else scrubbed(error.message, item.content)
