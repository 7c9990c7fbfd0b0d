"""Writes a run's document as a file, so that a reader never finds half of one. Must not know the archive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write(document: Mapping[str, Any], file: Path) -> None:
    """Beside its place first, then in one step to it."""
    half = file.with_name(file.name + ".part")
    half.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    half.replace(file)
