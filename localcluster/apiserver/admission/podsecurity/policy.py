"""Which standard a namespace asks for, from its labels; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PREFIX = "pod-security.kubernetes.io/"
NEWEST = 36
"""The minor version `latest` stands for: that of the Kubernetes we stand in for."""

_LEVELS = ("privileged", "baseline", "restricted")
_VERSION = re.compile(r"v1\.(0|[1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class Standard:
    """A level at a version; `minor` None means the latest."""

    level: str = "privileged"
    minor: int | None = None

    def __str__(self) -> str:
        return f"{self.level}:{'latest' if self.minor is None else f'v1.{self.minor}'}"

    @property
    def effective(self) -> int:
        """The minor version whose rules hold."""
        return NEWEST if self.minor is None else min(self.minor, NEWEST)

    def stricter_than(self, other: Standard) -> bool:
        return _LEVELS.index(self.level) > _LEVELS.index(other.level)


@dataclass(frozen=True, slots=True)
class Policy:
    """What is refused, what is noted in the audit log, and what is warned of."""

    enforce: Standard
    audit: Standard
    warn: Standard


def policy_of(labels: Mapping[str, Any] | None) -> tuple[Policy, list[dict[str, str]]]:
    """The policy, and the causes of what cannot be read in it. Senseless labels enforce all and warn of nothing."""
    found = {mode: labels_of(labels or {}, mode) for mode in ("enforce", "audit", "warn")}
    causes = [cause for _, mode_causes in found.values() for cause in mode_causes]
    enforce, warn = found["enforce"][0], found["warn"][0]
    given, stated = labels or {}, f"{PREFIX}warn" in (labels or {})
    if not stated and given.get(f"{PREFIX}enforce") in _LEVELS and enforce.stricter_than(warn):
        warn = Standard(enforce.level, warn.minor if f"{PREFIX}warn-version" in given else enforce.minor)
    return Policy(enforce, found["audit"][0], warn), causes


def labels_of(labels: Mapping[str, Any], mode: str) -> tuple[Standard, list[dict[str, str]]]:
    """The standard of one mode."""
    causes = []
    key = f"{PREFIX}{mode}"
    level = labels.get(key, "privileged")
    if level not in _LEVELS:
        causes.append(_invalid(key, level, f"must be one of {', '.join(_LEVELS)}"))
        level = "restricted" if mode == "enforce" else "privileged"
    version = labels.get(f"{key}-version", "latest")
    match = _VERSION.fullmatch(version)
    if match is None and version != "latest":
        causes.append(_invalid(f"{key}-version", version, 'must be "latest" or "v1.x"'))
    return Standard(level, int(match[1]) if match else None), causes


def _invalid(key: str, value: str, problem: str) -> dict[str, str]:
    message = f'Invalid value: "{value}": {problem}'
    return {"reason": "FieldValueInvalid", "message": message, "field": f"metadata.labels[{key}]"}
