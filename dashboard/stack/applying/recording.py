"""The record of one bundle's turn while it goes on: what was seen so far, written when a stage ends and at the end."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.stack.applying.lease import LeaseLost
from dashboard.stack.applying.revisions import Revision, Revisions, State
from dashboard.stack.applying.waiting import Cancelled
from dashboard.stack.bundles.bundle import ObjectRef

log = logging.getLogger(__name__)


class Recording:
    """One revision on its way."""

    def __init__(self, revisions: Revisions, revision: Revision) -> None:
        self._revisions = revisions
        self._revision = revision
        self._uids: dict[str, str] = {}

    def saw(self, ref: ObjectRef, uid: str) -> None:
        """An object is there."""
        self._uids[ref.id] = uid

    def write(self, *, gone: Collection[str] = ()) -> None:
        """What was seen since, and the ids of what is gone. Nothing is sent without news."""
        self._revision = self._revisions.record(self._revision, self._uids, gone=gone)

    @contextmanager
    def ending(self, state: State, *, note: str | None = None) -> Iterator[None]:
        """Ends the record as the block ends: in `state`, or failed. A lost lease leaves it to whoever comes next."""
        try:
            yield
        except LeaseLost:
            raise
        except Cancelled:
            self._fail("a person stopped it")
            raise
        except Refused as refused:
            self._fail(refused.sentence)
            raise
        except errors.ApiError as error:
            self._fail(error.message)
            raise
        self._revision = self._revisions.finish(self._revision, state, note=note)

    def _fail(self, why: str) -> None:
        """As far as it can be written down; the next run goes on from whatever the record says."""
        try:
            self.write()
            self._revisions.finish(self._revision, "failed", note=why)
        except (Refused, errors.ApiError) as error:
            log.warning("that %s failed could not be recorded: %s", self._revision.name, error)
