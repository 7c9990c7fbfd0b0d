"""What a CustomResourceDefinition says of one version of its resource, as the rest of the API asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from localcluster.schema import Schema


@dataclass(frozen=True, slots=True, eq=False)
class CustomType:
    """Read only. `head` types an object's metadata and nothing else: the rest is judged by `document`.

    `digest` changes with every change of the definition. `deprecation`: what clients of this version are told, or "".
    """

    list_kind: str
    document: Mapping[str, Any]
    schema: Schema
    head: Schema
    digest: str
    columns: tuple[Mapping[str, Any], ...] = ()
    scale: Mapping[str, str] | None = None
    selectable: tuple[str, ...] = ()
    served: bool = True
    terminating: bool = False
    deprecation: str = ""
