"""Discovery documents, compared in what both clusters serve; what only the recorded one serves is named once.

A real cluster serves kinds nothing here acts on; one field each of a missing kind would hide the differences that
matter.
"""

from __future__ import annotations

from typing import Any

_LISTS = {"APIGroupList": "groups", "APIResourceList": "resources", "APIGroupDiscoveryList": "items"}


def served_by_both(recorded: Any, received: Any) -> tuple[Any, Any]:
    """The recorded document without what the other does not name, and the other as it is."""
    if not _is_discovery(recorded, received):
        return recorded, received
    return _without(recorded, _paths(recorded) - _paths(received)), received


def unserved(recorded: Any, received: Any) -> list[str]:
    """What the recorded document names and the other does not, without what lies below an unserved one."""
    if not _is_discovery(recorded, received):
        return []
    missing = _paths(recorded) - _paths(received)
    return sorted("/".join(path) for path in missing if not any(path[:n] in missing for n in range(1, len(path))))


def _is_discovery(recorded: Any, received: Any) -> bool:
    both = isinstance(recorded, dict) and isinstance(received, dict)
    return both and recorded.get("kind") in _LISTS and recorded["kind"] == received.get("kind")


def _below(node: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    names = (*_LISTS.values(), "versions", "subresources")
    return {key: value for key, value in node.items() if key in names and isinstance(value, list)}


def _name(node: dict[str, Any]) -> str:
    for key in ("name", "version", "resource", "subresource"):
        if key in node:
            return str(node[key])
    return str((node.get("metadata") or {}).get("name", ""))


def _paths(node: dict[str, Any], at: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found = set()
    for items in _below(node).values():
        for item in items:
            path = (*at, _name(item))
            found |= {path, *_paths(item, path)}
    return found


def _without(node: dict[str, Any], missing: set[tuple[str, ...]], at: tuple[str, ...] = ()) -> dict[str, Any]:
    kept = {}
    for key, items in _below(node).items():
        named = [((*at, _name(item)), item) for item in items]
        kept[key] = [_without(item, missing, path) for path, item in named if path not in missing]
    return {**node, **kept}
