"""The manifests that were deployed under a run, where they are still at hand, without what must not be shown. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.redaction import scrub
from dashboard.stack.bundles.bundle import Bundle, ref_of
from dashboard.web.deploy.manifest_text import KEPT_BACK, as_yaml, of_generated

_CREDENTIAL = re.compile(r"(?i)(password|passwd|passphrase|secret|token|api[_-]?key|credentials?|private[_-]?key)$")


def manifests(document: Mapping[str, Any], bundles: Iterable[Bundle]) -> list[dict[str, str]]:
    """Bundle, object and YAML of each object; only of bundles whose files are those of the run's revision."""
    deployed = document.get("revisions") or {}
    rows = []
    for bundle in bundles:
        if (deployed.get(bundle.name) or {}).get("revision") != bundle.revision:
            continue
        rows += [
            {"bundle": bundle.name, "object": str(ref_of(each)), "yaml": as_yaml(withheld(each))}
            for each in bundle.objects
        ]
        rows += [
            {"bundle": bundle.name, "object": str(each.ref), "yaml": of_generated(each)} for each in bundle.secrets
        ]
    return rows


def withheld(value: Any, *, called: str = "") -> Any:
    """The same value; a text below a name that sounds like a credential's is not shown, others are scrubbed."""
    if isinstance(value, Mapping):
        name = str(value.get("name", ""))
        return {key: withheld(each, called=name if key == "value" else str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [withheld(each, called=called) for each in value]
    if isinstance(value, str):
        return KEPT_BACK if _CREDENTIAL.search(called) else scrub(value)
    return value
