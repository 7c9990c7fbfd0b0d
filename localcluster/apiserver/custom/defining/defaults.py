"""Defaults of CustomResourceDefinitions, and the versions their status says objects may lie in."""

from __future__ import annotations

from localcluster.client import Object


def default_definition(obj: Object) -> None:
    """In place; tolerant of what validation will refuse."""
    spec = obj["spec"]
    names = spec.setdefault("names", {})
    if names.get("kind"):
        names.setdefault("singular", names["kind"].lower())
        names.setdefault("listKind", f"{names['kind']}List")
    spec.setdefault("conversion", {}).setdefault("strategy", "None")
    status = obj["status"]
    stored = status.get("storedVersions") or []
    storage = [version["name"] for version in spec.get("versions") or () if version.get("storage")]
    status["storedVersions"] = [*stored, *(name for name in storage[:1] if name not in stored)]
