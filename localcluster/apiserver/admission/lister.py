"""What admission may ask about other objects: reads only, and at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from localcluster.client import Object
from localcluster.resources import Resource


class Lister(Protocol):
    """Objects as they are now. They are shared: nobody changes them."""

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Object | None: ...

    def list(self, resource: Resource, *, namespace: str = "") -> Sequence[Object]: ...
