"""What of the story somebody asks for: a filter from an address or a command, checked, and as SQL. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.errors import Refused
from dashboard.store.times import iso

TEXT_MAX = 200
"""Characters of a search."""
FIELDS = ("kind", "namespace", "object", "text", "from", "to", "routine")
_SPAN = re.compile(r"(\d{1,5})\s*([smhd])")
_ZONE = re.compile(r"(Z|[+-]\d\d:?\d\d)$")
_MOMENT = timedelta(milliseconds=1)
_REST = {10: timedelta(days=1) - _MOMENT, 16: timedelta(minutes=1) - _MOMENT, 19: timedelta(seconds=1) - _MOMENT}
"""Length of a time without its zone → what is left of the day, minute or second it names."""
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Empty fields ask for everything; `since` and `until` are ISO times, `routine` wants what is quiet too."""

    kind: str = ""
    namespace: str = ""
    object: str = ""
    text: str = ""
    since: str = ""
    until: str = ""
    routine: bool = False

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves out more than routine."""
        return any((self.kind, self.namespace, self.object, self.text, self.since, self.until))

    def where(self) -> tuple[str, list[Any]]:
        """A condition with its values."""
        conditions, values = ["1"], []
        for column, wanted in (("kind", self.kind), ("namespace", self.namespace)):
            if wanted:
                conditions.append(f"{column} = ?")
                values.append(wanted)
        if self.object:
            conditions.append("object_kind || '/' || name LIKE ? ESCAPE '\\'")
            values.append(_like(self.object))
        if self.text:
            conditions.append("text || ' ' || ifnull(reason, '') || ' ' || ifnull(by, '') LIKE ? ESCAPE '\\'")
            values.append(_like(self.text))
        if self.since:
            conditions.append("t >= ?")
            values.append(self.since)
        if self.until:
            conditions.append("t <= ?")
            values.append(self.until)
        if not self.routine and not self.kind:
            conditions.append("quiet = 0")
        return " AND ".join(conditions), values

    def fits(self, row: Mapping[str, Any]) -> bool:
        """The same of a line that is in memory."""
        about = row.get("object") or {}
        told = f"{row['text']} {row.get('reason') or ''} {row.get('by') or ''}"
        return (
            (not self.kind or row["kind"] == self.kind)
            and (not self.namespace or about.get("namespace") == self.namespace)
            and self.object.lower() in (f"{about.get('kind')}/{about.get('name')}".lower() if about else "")
            and self.text.lower() in told.lower()
            and (not self.since or row["t"] >= self.since)
            and (not self.until or row["t"] <= self.until)
            and (self.routine or bool(self.kind) or not row.get("quiet"))
        )

    def document(self) -> dict[str, Any]:
        """As it was asked for, for whoever wants to ask again."""
        return {
            "kind": self.kind, "namespace": self.namespace, "object": self.object, "text": self.text,
            "from": self.since, "to": self.until, "routine": self.routine,
        }  # fmt: skip


def asked(arguments: Mapping[str, str]) -> Asked:
    """From the fields of an address. Raises Refused 422 with what a field takes."""
    text = {name: _plain(name, arguments.get(name, "")) for name in FIELDS}
    return Asked(
        kind=text["kind"], namespace=text["namespace"], object=text["object"], text=text["text"],
        since=moment(text["from"], what="from"), until=moment(text["to"], what="to", is_end=True),
        routine=text["routine"] not in ("", "0", "false", "off"),
    )  # fmt: skip


def moment(text: str, *, what: str, is_end: bool = False) -> str:
    """A time as the lines have it; without a zone it is UTC. `is_end`: to the end of the minute or day it names."""
    if not text:
        return ""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"`{what}` is {text!r}; it takes a time such as 2026-11-23T14:05 (UTC).", status=422) from error
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    try:
        if is_end:
            found += _REST.get(len(_ZONE.sub("", text)), timedelta())
        return iso(found.timestamp())
    except (OverflowError, ValueError, OSError) as error:
        raise Refused(f"`{what}` is {text!r}; there is nothing from then.", status=422) from error


def span(text: str) -> timedelta | None:
    """`2h`, `30m`, `7d`; None for what is none."""
    found = _SPAN.fullmatch(text.strip())
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def place(text: str) -> tuple[str, str] | None:
    """Where a page begins, as `after` and `before` carry it: the time and id of a line."""
    at, found, key = text.partition("~")
    return (at, key) if found and at and key and len(text) <= 2 * TEXT_MAX else None


def shown_place(row: Mapping[str, Any]) -> str:
    """The other way."""
    return f"{row['t']}~{row['id']}"


def _plain(name: str, text: str) -> str:
    text = text.strip().replace("\0", "")
    if len(text) > TEXT_MAX:
        raise Refused(f"`{name}` takes {TEXT_MAX} characters at most.", status=422)
    return text.encode("utf-8", "replace").decode()


def _like(text: str) -> str:
    return "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
