"""What an entry of the guestbook is and which input may become one. Pure: no I/O, no Flask."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

TEXT_LENGTH = 280
NAME_LENGTH = 40


class BadInput(Exception):
    """Input that cannot become an entry. The message is a sentence for the person who sent it."""


@dataclass(frozen=True, kw_only=True)
class NewEntry:
    """An entry that is valid and not stored yet."""

    text: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A stored entry."""

    id: str
    text: str
    name: str
    pod: str
    created_at: datetime

    def as_json(self) -> dict[str, str]:
        """The entry as the API shows it."""
        moment = self.created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"id": self.id, "text": self.text, "name": self.name, "pod": self.pod, "created_at": moment}


def from_json(body: bytes) -> NewEntry:
    """The entry in a JSON document."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInput('The body is not JSON. Send {"text": "…"}.') from error
    if not isinstance(document, dict):
        raise BadInput('The body is not a JSON object. Send {"text": "…"}.')
    return from_fields(document)


def from_fields(fields: Mapping[str, object]) -> NewEntry:
    """The entry in named fields: `text`, which may be called `message` too, and `name`, which may be absent."""
    text = _line(fields.get("text", fields.get("message")), field="text", longest=TEXT_LENGTH)
    if not text:
        raise BadInput("The text is empty. Write something first.")
    return NewEntry(text=text, name=_line(fields.get("name"), field="name", longest=NAME_LENGTH))


def _line(value: object, *, field: str, longest: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadInput(f"The {field} is not a string.")
    if any(_is_unprintable(character) for character in value):
        raise BadInput(f"The {field} holds a character that cannot be shown, such as NUL.")
    line = " ".join(value.split())
    if len(line) > longest:
        raise BadInput(f"The {field} has {len(line)} characters. At most {longest} fit.")
    return line


def _is_unprintable(character: str) -> bool:
    """Control characters, and halves of surrogate pairs, which no database can encode."""
    return unicodedata.category(character) in {"Cc", "Cs"} and character not in "\t\n\r"
