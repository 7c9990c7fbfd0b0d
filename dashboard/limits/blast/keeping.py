"""The last result of each variant on a cluster, kept in the data directory. Rows are as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dashboard.limits.blast.variants import VARIANTS
from dashboard.limits.kept import Kept

FILE_NAME = "blast.json"
FORM = 1
"""Raised when rows look otherwise; results of another form are left out."""


class Results:
    """One file, of the API server that was asked last."""

    def __init__(self, path: Path, server: str) -> None:
        self._kept = Kept(path, server, "results", FORM)

    def read(self) -> dict[str, Mapping[str, Any]]:
        """By variant."""
        kept = self._kept.read()
        rows = kept if isinstance(kept, dict) else {}
        return {name: row for name, row in rows.items() if name in VARIANTS and isinstance(row, dict)}

    def keep(self, variant: str, row: Mapping[str, Any]) -> None:
        """In place of the one before."""
        self._kept.write({**self.read(), variant: row})
