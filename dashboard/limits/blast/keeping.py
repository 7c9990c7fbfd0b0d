"""The last result of each variant on a cluster, kept in the data directory as JSON. Rows are as the page shows them."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.limits.blast.variants import VARIANTS

log = logging.getLogger(__name__)
FILE_NAME = "blast.json"
MOST = 4 * 1024 * 1024
FORM = 1
"""Raised when rows look otherwise; results of another form are left out."""


@dataclass(frozen=True, slots=True)
class Results:
    """One file, of the API server that was asked last. What cannot be read, or was seen at another one, is absent; what
    cannot be written is told in the log."""

    path: Path
    server: str

    def read(self) -> dict[str, Mapping[str, Any]]:
        """By variant."""
        try:
            if self.path.stat().st_size > MOST:
                return {}
            document = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            log.warning("the last results of the blast radius cannot be read: %s", error)
            return {}
        is_ours = isinstance(document, dict) and (document.get("form"), document.get("server")) == (FORM, self.server)
        kept = document.get("results") if is_ours else None
        rows = kept if isinstance(kept, dict) else {}
        return {name: row for name, row in rows.items() if name in VARIANTS and isinstance(row, dict)}

    def keep(self, variant: str, row: Mapping[str, Any]) -> None:
        """In place of the one before; whole or not at all."""
        document = {"form": FORM, "server": self.server, "results": {**self.read(), variant: row}}
        beside = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(document, file, ensure_ascii=True)
            beside.replace(self.path)
        except OSError as error:
            log.warning("the result of the blast radius could not be kept: %s", error)
