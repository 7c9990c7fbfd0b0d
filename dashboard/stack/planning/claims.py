"""Which volume claims a StatefulSet's pods have: its controller names them after template, set and ordinal. Pure."""

from __future__ import annotations

import re

from dashboard.stack.cluster import Manifest
from dashboard.stack.health.fields import mappings, text


def has_claims(stateful_set: Manifest) -> bool:
    """Whether it makes any."""
    return bool(_templates(stateful_set))


def pod_of(stateful_set: Manifest, claim: str) -> str | None:
    """The pod whose claim is called so, or None when it is none of this set's."""
    name = text(stateful_set, "metadata", "name")
    templates = "|".join(map(re.escape, _templates(stateful_set)))
    match = re.fullmatch(rf"(?:{templates})-({re.escape(name)}-\d+)", claim) if templates else None
    return match[1] if match else None


def _templates(stateful_set: Manifest) -> list[str]:
    return [text(each, "metadata", "name") for each in mappings(stateful_set, "spec", "volumeClaimTemplates")]
