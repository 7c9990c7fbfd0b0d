"""What a caller may say besides the object: `metav1` options of writes and deletes, and who asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from localcluster.client import PropagationPolicy

FieldValidation = Literal["Strict", "Warn", "Ignore", "Trusted"]
"""`Trusted` is ours: an in-process writer sends what the schema knows, so nothing is looked up."""


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """Of create, update and patch. `warnings` collects what a client is told in `Warning` headers."""

    field_manager: str
    dry_run: bool = False
    force: bool = False
    field_validation: FieldValidation = "Trusted"
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """Of delete and deletecollection."""

    grace_period_seconds: int | None = None
    propagation_policy: PropagationPolicy | None = None
    uid: str = ""
    resource_version: str = ""
    dry_run: bool = False
