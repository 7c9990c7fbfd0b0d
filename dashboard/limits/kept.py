"""A document about one cluster, kept in the data directory as JSON. It must not know what is in it."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)
MOST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """One file, of the API server that was asked last. What cannot be read, was seen at another one, or has another
    form is absent; what cannot be written is told in the log. `form` is raised when what is in it looks otherwise."""

    path: Path
    server: str
    name: str
    form: int = 1

    def read(self) -> Any:
        """What was kept last; None when there is nothing."""
        try:
            if self.path.stat().st_size > MOST:
                return None
            document = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("%s cannot be read: %s", self.path, error)
            return None
        is_ours = isinstance(document, dict) and (document.get("form"), document.get("server")) == (
            self.form, self.server,
        )  # fmt: skip
        return document.get(self.name) if is_ours else None

    def write(self, what: Any) -> None:
        """In place of the one before; whole or not at all."""
        document = {"form": self.form, "server": self.server, self.name: what}
        beside = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(document, file, ensure_ascii=True)
            beside.replace(self.path)
        except OSError as error:
            log.warning("%s could not be written: %s", self.path, error)
