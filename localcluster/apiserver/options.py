"""What a caller may say besides the object: `metav1` options of writes and deletes, and who asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from localcluster.client import Object, PropagationPolicy
from localcluster.resources import Resource

FieldValidation = Literal["Strict", "Warn", "Ignore", "Trusted"]
"""`Trusted` is ours: an in-process writer sends what the schema knows, so nothing is looked up."""

Guard = Callable[[Resource, Object | None, Object], None]
"""Told what an object was and is to become, just before it is judged and stored; raises when its writer may not."""


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """Of create, update and patch. `warnings` collects what a client is told in `Warning` headers.

    `annotations` are for its line in the audit log. `guard` is that of a request; writers inside the cluster have none.
    """

    field_manager: str
    dry_run: bool = False
    force: bool = False
    field_validation: FieldValidation = "Trusted"
    warnings: list[str] = field(default_factory=list)
    annotations: dict[str, str] = field(default_factory=dict)
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """Of delete and deletecollection."""

    grace_period_seconds: int | None = None
    propagation_policy: PropagationPolicy | None = None
    uid: str = ""
    resource_version: str = ""
    dry_run: bool = False
