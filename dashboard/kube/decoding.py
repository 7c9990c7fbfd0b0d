"""List pages and watch lines as Structs. Pure: bytes in, objects out; one odd object never hides the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from dashboard.kube.errors import ApiError, Garbled, from_status
from dashboard.kube.structs import KubeObject, Meta

Change = Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]
_CHANGES = ("ADDED", "MODIFIED", "DELETED", "BOOKMARK")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `skipped` objects could not be read."""

    objects: list[KubeObject]
    resource_version: str
    skipped: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a watch. `object` is None for a bookmark and for an object that could not be read."""

    change: Change
    meta: Meta
    object: KubeObject | None


class _ListMeta(msgspec.Struct, rename="camel"):
    resource_version: str = ""


class _RawPage(msgspec.Struct):
    metadata: _ListMeta
    items: list[msgspec.Raw] | None = None


class _RawLine(msgspec.Struct):
    type: str
    object: msgspec.Raw


class ErrorEvent(Exception):
    """An ERROR line in a watch; `error` is what it told."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(str(error))
        self.error = error


class Decoder:
    """Reads one resource's pages and lines."""

    def __init__(self, struct: type[KubeObject]) -> None:
        typed_page = msgspec.defstruct("Page", [("metadata", _ListMeta), ("items", list[struct] | None, None)])  # type: ignore[valid-type]
        self._page = msgspec.json.Decoder(typed_page)
        self._raw_page = msgspec.json.Decoder(_RawPage)
        self._line = msgspec.json.Decoder(_RawLine)
        self._object = msgspec.json.Decoder(struct)
        self._meta = msgspec.json.Decoder(KubeObject)

    def page(self, body: bytes) -> Page:
        """A page of a list; `Garbled` when it is none."""
        try:
            page: Any = self._page.decode(body)
            return Page(page.items or [], page.metadata.resource_version, 0)
        except msgspec.ValidationError:
            return self._page_by_items(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Garbled(f"a list that is not JSON: {error}") from error

    def line(self, text: bytes) -> Line:
        """A line of a watch. An ERROR event is raised as the `ApiError` it tells of."""
        try:
            raw = self._line.decode(text)
            if raw.type == "ERROR":
                raise ErrorEvent(from_status(bytes(raw.object)))
            if raw.type not in _CHANGES:
                raise Garbled(f"a watch event of the unknown type {raw.type[:40]!r}")
            meta = self._meta.decode(raw.object).metadata
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
            raise Garbled(f"a watch line that is none: {error}") from error
        if not meta.resource_version:
            raise Garbled(f"a {raw.type} event without a resourceVersion")
        change: Change = raw.type  # type: ignore[assignment]
        return Line(change, meta, None if change == "BOOKMARK" else self._read(raw.object))

    def _page_by_items(self, body: bytes) -> Page:
        try:
            raw = self._raw_page.decode(body)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise Garbled(f"a list that is none: {error}") from error
        items = raw.items or []
        objects = [found for item in items if (found := self._read(item)) is not None]
        return Page(objects, raw.metadata.resource_version, len(items) - len(objects))

    def _read(self, item: msgspec.Raw) -> KubeObject | None:
        try:
            return self._object.decode(item)
        except (msgspec.DecodeError, msgspec.ValidationError):
            return None
