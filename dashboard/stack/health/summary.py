"""What the states of a bundle's objects come to: one state and one sentence. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dashboard.kube.rules import Rule
from dashboard.stack.bundles.bundle import ObjectRef
from dashboard.stack.health import verdict
from dashboard.stack.health.cause import ended
from dashboard.stack.stages import KEPT, stage_of

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class ObjectState:
    """One object: its health, or `absent`. `rule`: the right that is missing, where it may not be read.

    `is_apart`: it is not meant to be read here at all, so that nothing is missing where nothing is known of it.
    """

    ref: ObjectRef
    state: verdict.State | Literal["absent"]
    sentence: str
    rule: Rule | None = None
    is_apart: bool = False

    def document(self) -> dict[str, Any]:
        """As a row."""
        stage = stage_of({"apiVersion": self.ref.api_version, "kind": self.ref.kind}).name
        return {
            "id": self.ref.id, "kind": self.ref.kind, "namespace": self.ref.namespace, "name": self.ref.name,
            "stage": stage, "state": self.state, "sentence": self.sentence,
            **({"rule": self.rule.of_all().document()} if self.rule else {}),
            **({"is_apart": True} if self.is_apart else {}),
        }  # fmt: skip


def summed_up(objects: Sequence[ObjectState]) -> tuple[str, str]:
    """State and sentence: absent, failed, partial, progressing or ok; unknown when nothing at all can be read."""
    if not objects:
        return "ok", "It holds no objects."
    objects = [each for each in objects if not each.is_apart] or objects
    by = {state: [each for each in objects if each.state == state] for state in
          ("failed", "absent", "progressing", "suspended", "unknown", "ok")}  # fmt: skip
    total, unread = len(objects), len(by["unknown"])
    if unread == total:
        return "unknown", f"None of its {total} objects may be read."
    if _is_gone(objects):
        kept = [each for each in objects if each.state not in ("absent", "unknown")]
        return "absent", f"Not deployed; {_listed(kept)} {_are(kept)} kept." if kept else "Not deployed."
    rest = f" {unread} may not be read." if unread else ""
    if by["failed"]:
        return "failed", f"{_told(by['failed'])}{rest}"
    if by["absent"]:
        return "partial", f"{_listed(by['absent'])} {_are(by['absent'])} not there; deploy again to complete it.{rest}"
    if by["progressing"]:
        return "progressing", f"{_told(by['progressing'])}{rest}"
    stopped = f" {_told(by['suspended'])}" if by["suspended"] else ""
    well = f"All {total - unread} objects are well." if total - unread != 1 else "1 object is well."
    return "ok", f"{well}{stopped}{rest}"


def _is_gone(objects: Sequence[ObjectState]) -> bool:
    # What a teardown leaves does not make a bundle deployed.
    remade = [each for each in objects if each.ref.kind not in KEPT] or objects
    return all(each.state in ("absent", "unknown") for each in remade) and any(
        each.state == "absent" for each in remade
    )


def _told(found: Sequence[ObjectState]) -> str:
    """The first one's sentence, and how many more there are."""
    first = found[0]
    more = f" ({len(found) - 1} more)" if len(found) > 1 else ""
    return f"{first.ref}: {ended(first.sentence)}{more}"


def _listed(found: Sequence[ObjectState]) -> str:
    names = [str(each.ref) for each in found[:MOST_NAMED]]
    if len(found) > MOST_NAMED:
        names.append(f"{len(found) - MOST_NAMED} more")
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _are(found: Sequence[ObjectState]) -> str:
    return "is" if len(found) == 1 else "are"
