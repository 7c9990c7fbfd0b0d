"""Names a cluster makes up: replaced by what they were made from, so that two clusters' objects can be paired."""

from __future__ import annotations

import re
from typing import Any

_HASH_LABELS = ("pod-template-hash", "controller-revision-hash")
_NEVER_MADE = re.compile(r"(<hash \d+>-)[bcdfghjklmnpqrstvwxz2456789]{5}\b")
"""A name a refusal tells, of an object that was not created."""
_RANDOM = re.compile(r"[bcdfghjklmnpqrstvwxz2456789]{5}$")


class Names:
    """Learns made-up parts from objects in the order they are seen; one for each side."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._hashes = 0
        self._pattern: re.Pattern[str] | None = None

    def observe(self, obj: Any) -> None:
        """Learn from one object or a list of them."""
        if not isinstance(obj, dict):
            return
        for item in obj.get("items") or [] if isinstance(obj.get("items"), list) else []:
            self.observe(item)
        metadata = obj.get("metadata")
        if not isinstance(metadata, dict):
            return
        self._learn_node(obj)
        for label in _HASH_LABELS:
            self._learn_hash(str((metadata.get("labels") or {}).get(label, "")))
        prefix, name = metadata.get("generateName"), metadata.get("name")
        if prefix and name and str(name).startswith(prefix) and _RANDOM.search(name):
            self._learn(str(name), self.masked(str(prefix)) + "<random>")

    def masked(self, text: str) -> str:
        """The text with every made-up name in it replaced."""
        if not self._known:
            return text
        if self._pattern is None:
            longest_first = sorted(self._known, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return _NEVER_MADE.sub(r"\1<random>", self._pattern.sub(lambda match: self._known[match[0]], text))

    def _learn_node(self, obj: dict[str, Any]) -> None:
        """A node may be called anything; `local` is a word besides, which the patterns of masks.py tell apart."""
        spec = obj.get("spec")
        name = spec.get("nodeName") if isinstance(spec, dict) else None
        if obj.get("kind") == "Node":
            name = obj["metadata"].get("name")
        if name and name != "local":
            self._learn(str(name), "<node>")

    def _learn_hash(self, value: str) -> None:
        hashed = value.rpartition("-")[2]
        if len(hashed) >= 5 and hashed not in self._known:
            self._hashes += 1
            self._learn(hashed, f"<hash {self._hashes}>")

    def _learn(self, text: str, replacement: str) -> None:
        if text not in self._known:
            self._known[text] = replacement
            self._pattern = None
