"""A manifest as YAML for the page. Of a Secret only the keys: no value of it may reach a browser. Pure."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import yaml

from dashboard.stack.bundles.bundle import GeneratedSecret

KEPT_BACK = "<not shown>"


def as_yaml(manifest: Mapping[str, Any]) -> str:
    """The manifest in its own order."""
    return yaml.safe_dump(without_values(manifest), sort_keys=False, allow_unicode=True, width=100)


def without_values(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The same object, a Secret's values taken out, also those that an annotation would repeat."""
    shown = copy.deepcopy(dict(manifest))
    if shown.get("kind") == "Secret":
        for field in ("data", "stringData"):
            if isinstance(shown.get(field), dict):
                shown[field] = dict.fromkeys(shown[field], KEPT_BACK)
        shown.get("metadata", {}).pop("annotations", None)
    return shown


def of_generated(secret: GeneratedSecret) -> str:
    """What is known of a Secret that is made at deploy time: its keys and where their values come from."""
    keys = {key: f"<{length} random characters, made once, never shown>" for key, length in secret.generate.items()}
    copied = {
        key: f"<copied from Secret {each.namespace}/{each.name}, key {each.key}>" for key, each in secret.copy.items()
    }
    metadata = {"namespace": secret.namespace, "name": secret.name}
    shown = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": keys | copied}
    return yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=100)
