"""Recorded steps to patch against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

_FIXTURES = Path(__file__).parent.parent / "fixtures"


@pytest.fixture
def applying() -> list[dict[str, Any]]:
    """Two writers applying one ConfigMap, step by step, with what a real API server answered."""
    steps: list[dict[str, Any]] = json.loads((_FIXTURES / "applying.json").read_text())
    return steps


@pytest.fixture
def creating() -> list[dict[str, Any]]:
    """Objects as sent and as stored."""
    created: list[dict[str, Any]] = json.loads((_FIXTURES / "creating.json").read_text())
    return created
