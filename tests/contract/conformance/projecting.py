"""An object as it is compared: maskings applied, lists of named things keyed by name."""

from __future__ import annotations

import json
from typing import Any

from tests.contract.conformance.masks import (
    COUNTING_WRITES,
    FIELDS,
    LEFT_OUT,
    NO_LIMIT,
    VENDOR_CONFIG_MAPS,
    VENDOR_PATHS,
    masked_text,
)
from tests.contract.conformance.names import Names

_METADATA = ("labels", "annotations", "finalizers", "deletionGracePeriodSeconds", "generation")
_KEYS = ("type", "name", "ip", "uid", "version", "resource", "subresource", "manager")


def project(obj: Any, *, names: Names) -> dict[str, Any]:
    """What a controller sets in the object, masked."""
    metadata = obj.get("metadata") or {}
    chosen = {key: value for key, value in obj.items() if key not in ("kind", "apiVersion", "metadata")}
    about = {key: metadata[key] for key in _METADATA if key in metadata}
    if obj.get("kind") in COUNTING_WRITES:
        about.pop("generation", None)
        chosen["status"] = {k: v for k, v in (obj.get("status") or {}).items() if k != "observedGeneration"}
    if obj.get("kind") == "EndpointSlice":
        chosen["endpoints"] = _endpoints(obj.get("endpoints") or [])
    about["deleted"] = "deletionTimestamp" in metadata
    about["owners"] = [f"{owner['kind']} {owner['name']}" for owner in metadata.get("ownerReferences") or []]
    return {**mask(chosen, names=names), "metadata": mask(about, names=names)}


def _endpoints(endpoints: list[dict[str, Any]]) -> dict[str, Any]:
    """How many of each condition, and what one is made of: their order is that of no list, but of a set."""
    counts = {
        condition: sum(1 for each in endpoints if (each.get("conditions") or {}).get(condition))
        for condition in ("ready", "serving", "terminating")
    }
    made_of = sorted({key for each in endpoints for key in each if key != "conditions"})
    return {"number": len(endpoints), **counts, "made of": " ".join(made_of)}


def mask(value: Any, *, names: Names) -> Any:
    """The value with everything masked that may differ."""
    if isinstance(value, dict):
        return {
            names.masked(str(key)): "<masked>" if key in FIELDS and item is not None else mask(item, names=names)
            for key, item in value.items()
            if key not in LEFT_OUT and item != NO_LIMIT
        }
    if isinstance(value, list):
        masked = [mask(item, names=names) for item in value if not _is_vendors(item)]
        return sorted(masked, key=json.dumps) if _are_rules(masked) else _keyed(masked)
    if isinstance(value, str):
        return masked_text(names.masked(value))
    return value


def flat(value: Any, *, at: str = "") -> dict[str, Any]:
    """Path → leaf of a masked value; nothing, an empty list and a zero count are alike to Go's `omitempty`."""
    if isinstance(value, dict):
        leaves: dict[str, Any] = {}
        for key, item in value.items():
            leaves.update(flat(item, at=f"{at}.{key}" if at else str(key)))
        return leaves
    if isinstance(value, list):
        leaves = {}
        for index, item in enumerate(value):
            leaves.update(flat(item, at=f"{at}[{index}]"))
        return leaves
    return {} if value is None else {at: value}


def _are_rules(items: list[Any]) -> bool:
    """A reviewer's rules come in the order in which maps of roles were walked."""
    return bool(items) and all(isinstance(item, dict) and "verbs" in item and "kind" not in item for item in items)


def _look(item: dict[str, Any], key: str) -> Any:
    """A list's item by its key; documents of discovery have their name in the metadata."""
    metadata = item.get("metadata")
    return metadata.get("name") if key == "name" and isinstance(metadata, dict) else item.get(key)


def _is_vendors(item: Any) -> bool:
    """A volume's source or a rule that the recorded build adds."""
    if not isinstance(item, dict):
        return False
    source, urls = item.get("configMap"), item.get("nonResourceURLs")
    names_theirs = isinstance(source, dict) and source.get("name") in VENDOR_CONFIG_MAPS
    return names_theirs or (isinstance(urls, list) and tuple(urls) == VENDOR_PATHS)


def _keyed(items: list[Any]) -> Any:
    for key in _KEYS:
        found = [_look(item, key) for item in items if isinstance(item, dict)]
        texts = [one for one in found if isinstance(one, str)]
        if items and len(texts) == len(items) == len(set(texts)):
            return {f"[{name}]": item for name, item in zip(texts, items, strict=True)}
    return items
