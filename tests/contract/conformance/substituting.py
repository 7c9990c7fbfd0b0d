"""What was learnt from answers put into later requests: uids, versions, paging tokens and made-up names."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

_LEARNT = ("uid", "resourceVersion", "continue")
_QUERY = re.compile(r"((?:resourceVersion|continue)=)([^&]+)")


class Substitutes:
    """Recorded value → the value this cluster gave in its place."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self.names: dict[str, str] = {}

    def learn(self, recorded: Any, received: Any) -> None:
        """Walk both answers side by side."""
        if isinstance(recorded, dict) and isinstance(received, dict):
            for key in recorded.keys() & received.keys():
                if key in _LEARNT and isinstance(recorded[key], str):
                    self._values[recorded[key]] = str(received[key])
                else:
                    self.learn(recorded[key], received[key])
            if recorded.get("generateName") and recorded.get("name") and received.get("name"):
                self.names[str(recorded["name"])] = str(received["name"])
        elif isinstance(recorded, list) and isinstance(received, list):
            for one, other in zip(recorded, received, strict=False):
                self.learn(one, other)

    def into(self, value: Any) -> Any:
        """The request's body with this cluster's values."""
        if isinstance(value, dict):
            return {
                key: self._values.get(item, item) if key in _LEARNT and isinstance(item, str) else self.into(item)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.into(item) for item in value]
        return self._named(value) if isinstance(value, str) else value

    def path(self, path: str) -> str:
        """The request's path with this cluster's values."""
        known = _QUERY.sub(lambda match: match[1] + quote(self._values.get(match[2], match[2])), path)
        return self._named(known)

    def _named(self, text: str) -> str:
        for recorded, ours in self.names.items():
            text = text.replace(recorded, ours)
        return text
