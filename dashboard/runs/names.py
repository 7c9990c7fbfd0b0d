"""What runs may be called: their ids, and the names, notes and tags that people give them. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime

from dashboard.errors import Refused

NAME_MAX = 80
NOTE_MAX = 2000
TAG_MAX = 30
TAGS_MAX = 10

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: they are misread
_ID = re.compile(f"[{_ALPHABET}]{{26}}\\Z")
_TAG = re.compile(r"\w[\w.:-]*\Z")


def run_id(at: datetime, randbits: Callable[[int], int]) -> str:
    """A new id: 26 letters and digits, in the order of time to the millisecond, the rest by chance."""
    number = (round(at.timestamp() * 1000) << 80) | randbits(80)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def is_run_id(text: object) -> bool:
    """Whether it could be one."""
    return isinstance(text, str) and bool(_ID.match(text))


def checked_name(text: object) -> str:
    """A name as it is kept: one line; empty takes the name away. Raises Refused."""
    return _text("name", text, NAME_MAX, lines=False)


def checked_note(text: object) -> str:
    """A note as it is kept. Raises Refused."""
    return _text("note", text, NOTE_MAX, lines=True)


def checked_tags(tags: Sequence[object]) -> tuple[str, ...]:
    """Tags as they are kept: small letters, each once, in order. Raises Refused."""
    if isinstance(tags, str) or not isinstance(tags, Sequence):
        raise Refused("Tags must be a list of words.", status=422)
    kept = sorted({_tag(tag) for tag in tags})
    if len(kept) > TAGS_MAX:
        raise Refused(f"A run takes {TAGS_MAX} tags at most; these are {len(kept)}.", status=422)
    return tuple(kept)


def _tag(tag: object) -> str:
    text = _text("tag", tag, TAG_MAX, lines=False).lower()
    if not _TAG.match(text):
        raise Refused(
            f"{text!r} is no tag: it takes letters, digits, '.', ':', '_' and '-', and begins with a letter or digit.",
            status=422,
        )
    return text


def _text(what: str, text: object, most: int, *, lines: bool) -> str:
    if not isinstance(text, str):
        raise Refused(f"The {what} must be text.", status=422)
    kept = text.replace("\r\n", "\n").strip()
    if len(kept) > most:
        raise Refused(f"The {what} has {len(kept)} characters; at most {most} are kept.", status=422)
    for character in kept:
        # Cc: control characters; Cs: halves of a character, which no file can hold.
        if unicodedata.category(character) in ("Cc", "Cs") and not (lines and character in "\n\t"):
            shown = f"U+{ord(character):04X}"
            raise Refused(f"The {what} holds the control character {shown}; leave it out.", status=422)
    return kept
