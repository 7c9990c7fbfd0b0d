"""The file that keeps share links between two runs of the process: hashes only, written in one step, never guessed at.

A file that cannot be read as a whole is left as it is: a link that was revoked must not come back, nor one get lost.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dashboard.access.links import write_private

FILE_NAME = "share-links.json"
VERSION = 1
LARGEST = 1024 * 1024
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_ID = re.compile(r"[0-9a-f]{8}\Z")


class Broken(Exception):
    """The file is there and cannot be used; the text is for people."""


class ShareLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One link. Times are seconds since 1970. Neither the link nor a browser's cookie can be made of it."""

    id: str
    label: str
    by: str
    made_at: float
    expires_at: float
    hash: str
    last_used_at: float | None = None


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    links: tuple[ShareLink, ...]


@dataclass(frozen=True, slots=True)
class ShareFile:
    """`share-links.json` of one data folder."""

    path: Path

    def read(self) -> tuple[ShareLink, ...]:
        """Every link in it; none when there is no file yet. Raises Broken."""
        try:
            content = self._bytes()
            kept = msgspec.json.decode(content, type=_Kept) if content is not None else _Kept(VERSION, ())
        except OSError as error:
            raise self._broken(f"cannot be read: {error.strerror or error}") from error
        except msgspec.MsgspecError as error:
            raise self._broken(f"is not what the dashboard wrote: {error}") from error
        if kept.version != VERSION:
            raise self._broken(f"is of version {kept.version}, this dashboard knows {VERSION}")
        self._check(kept.links)
        return kept.links

    def write(self, links: tuple[ShareLink, ...]) -> None:
        """Replaces the file. Raises OSError."""
        write_private(self.path, msgspec.json.encode(_Kept(VERSION, links)).decode() + "\n")

    def _bytes(self) -> bytes | None:
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o022:
                raise self._broken("can be written by others than its owner")
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise self._broken(f"is larger than {LARGEST} bytes")
        return content

    def _check(self, links: tuple[ShareLink, ...]) -> None:
        if not all(_ID.match(each.id) and _HASH.match(each.hash) for each in links):
            raise self._broken("holds a link whose id or hash is none")
        if len({each.id for each in links}) != len(links) or len({each.hash for each in links}) != len(links):
            raise self._broken("holds a link twice")

    def _broken(self, what: str) -> Broken:
        return Broken(
            f"The file of the share links, {self.path}, {what}. No share link works, and none can be made or revoked. "
            "Mend the file, or move it away, which ends every link in it; then start the dashboard again."
        )
