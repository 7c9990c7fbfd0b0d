"""Short names for contents: the hash in a ReplicaSet's or ControllerRevision's name.

Kubernetes hashes its own in-memory structs, so the letters differ from a real cluster's; length and alphabet do not.
"""

from __future__ import annotations

import json
from typing import Any

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""No vowels and no digits that read like letters, so that no name spells a word."""


def content_hash(content: Any, *, collisions: int | None = None) -> str:
    """Eight to ten safe characters for `content`; another set of them for each number of `collisions`."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    if collisions is not None:
        text += f"#{collisions}"
    return "".join(ALPHABET[ord(digit) % len(ALPHABET)] for digit in str(_fnv32a(text.encode())))


def _fnv32a(data: bytes) -> int:
    value = 2166136261
    for byte in data:
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value
