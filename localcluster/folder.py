"""What a cluster keeps from one run to the next: its keys and its objects. Without a folder, nothing is kept."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from localcluster.apiserver.journal import Journal
from localcluster.certificates import Authority, KeyPair, new_key, private_key

log = logging.getLogger(__name__)

OBJECTS = "state.db"
_KEYS = "pki"


class UnreadableFolder(Exception):
    """A file of the folder is not what it should be; the text says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """`signing_key` signs service account tokens; without `journal` objects live in memory only."""

    authority: Authority
    signing_key: bytes
    journal: Journal | None = None


def in_memory() -> Kept:
    """Nothing but fresh keys."""
    return Kept(Authority(), new_key())


def opened(directory: Path) -> Kept:
    """The folder's keys and objects, made when they are missing. Raises UnreadableFolder or UnreadableJournal."""
    keys = directory / _KEYS
    certificate, key, signing = keys / "ca.crt", keys / "ca.key", keys / "sa.key"
    try:
        keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not certificate.exists():  # written last, so that it is there only with its key
            authority = Authority().pair
            _write(key, authority.key)
            _write(certificate, authority.certificate)
        if not signing.exists():
            _write(signing, new_key())
        authority = KeyPair(certificate.read_bytes(), key.read_bytes())
        private_key(signing.read_bytes())
        found = Authority(kept=authority)
    except OSError as error:
        raise UnreadableFolder(
            f"the keys in {keys} cannot be kept ({error}): make room, or see who may write"
        ) from error
    except ValueError as error:
        raise UnreadableFolder(
            f"the keys in {keys} cannot be read ({error}): restore them, or remove {keys}"
        ) from error
    return Kept(found, signing.read_bytes(), Journal(directory / OBJECTS))


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing, readable by nobody else."""
    fresh = path.with_suffix(path.suffix + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
    fresh.replace(path)
