"""A manifest laid over a live object: what applying would roughly give, for who may read but not try. Pure.

The API server's own dry run is better in every way: it knows which lists are replaced whole and what it would default.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from dashboard.stack.planning import diff
from dashboard.stack.planning.addressing import key_of, label_of


def overlaid(live: Mapping[str, Any], manifest: Mapping[str, Any]) -> dict[str, Any]:
    """`live` with every field that the manifest names as the manifest has it; all else stays."""
    found: dict[str, Any] = _over(live, _with_data(manifest))
    return found


def is_as_wanted(live: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
    """Whether every field that the manifest names has its value already, so that applying would change nothing."""
    return not diff.changes(live, overlaid(live, manifest))


def _over(live: Any, wanted: Any) -> Any:
    if isinstance(live, dict) and isinstance(wanted, dict):
        return {**live, **{name: _over(live.get(name), value) for name, value in wanted.items()}}
    if isinstance(live, list) and isinstance(wanted, list):
        return _over_list(live, wanted)
    return wanted


def _over_list(live: list[Any], wanted: list[Any]) -> list[Any]:
    key = key_of(live, wanted)
    if live and wanted and key is not None:
        asked = {label_of(item, key): item for item in wanted}
        there = {label_of(item, key): item for item in live}
        kept = [_over(item, asked.get(label, item)) for label, item in there.items()]
        return [*kept, *(item for label, item in asked.items() if label not in there)]
    if len(live) == len(wanted):
        return [_over(one, other) for one, other in zip(live, wanted, strict=True)]
    return wanted


def _with_data(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A Secret as it is stored: `stringData` is only another way to write `data`."""
    rest = dict(manifest)
    texts = rest.pop("stringData", None) if rest.get("kind") == "Secret" else None
    if texts:
        encoded = {key: base64.b64encode(str(value).encode()).decode() for key, value in texts.items()}
        rest["data"] = {**(rest.get("data") or {}), **encoded}
    return rest
