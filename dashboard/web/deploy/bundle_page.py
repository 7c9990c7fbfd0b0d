"""One bundle → its page: every object with health, reason and YAML, by stage; its history. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.stack.bundles.bundle import Bundle, ref_of
from dashboard.stack.bundles.options import OPTIONS
from dashboard.stack.stages import STAGES, stage_of
from dashboard.web.deploy import manifest_text
from dashboard.web.deploy.overview import revision
from dashboard.web.deploy.words import OBJECT_STATES, Row, named

GENERATED = (
    "Made on the cluster at the first deploy with random values and kept from then on: "
    "a password in a file is a password in git."
)


def stages(bundle: Bundle, row: Row) -> list[dict[str, Any]]:
    """The objects in the order in which they are applied; what the cluster says of each comes from `row`."""
    said: dict[str, Row] = {each["id"]: each for each in row.get("objects", [])}
    generated = {secret.ref: secret for secret in bundle.secrets}
    contents = [
        *((secret.ref, "Secret", manifest_text.of_generated(secret), GENERATED) for secret in bundle.secrets),
        *(
            (ref_of(each), each["kind"], manifest_text.as_yaml(each), "")
            for each in bundle.objects
            if ref_of(each) not in generated
        ),
    ]
    objects = [
        {
            "id": ref.id,
            "object": str(ref),
            "kind": ref.kind,
            "name": f"{ref.namespace}/{ref.name}" if ref.namespace else ref.name,
            "stage": stage_of({"kind": kind}).name,
            "reason": bundle.reasons.get(ref.id) or reason,
            "yaml": text,
            **health(said.get(ref.id, {})),
        }
        for ref, kind, text, reason in contents
    ]
    grouped = [(stage.name, [each for each in objects if each["stage"] == stage.name]) for stage in STAGES]
    return [{"stage": name, "objects": members} for name, members in grouped if members]


def health(row: Row) -> dict[str, Any]:
    """State as tone and word, and the sentence; unknown until the cluster said something."""
    state = str(row.get("state") or "unknown")
    sentence = "" if state == "absent" else row.get("sentence") or ""  # the word has said it
    return {"tone": state, "word": OBJECT_STATES.get(state, state), "sentence": sentence}


def history(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The kept revisions, newest first."""
    return [
        {
            **(revision(row) or {}),
            "state": row.get("state"),
            "names": [named(each) for each in row.get("objects") or []],
            "from": row.get("rolled_back_from"),
            "note": row.get("note") or "",
            "options": [each for each in OPTIONS if each.name in (row.get("options") or ())],
            "may_return": row.get("has_manifests", True),
            "current": place == 0 and row.get("state") == "applied",
        }
        for place, row in enumerate(rows)
    ]
