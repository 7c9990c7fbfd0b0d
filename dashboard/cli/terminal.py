"""What a command says to a person and to a script: lines, colours, a question, one JSON document. Knows no Kubernetes.

Text of the cluster reaches a terminal without its control characters. With --json stdout holds the document alone.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TextIO

Style = Literal["bold", "dim", "red", "green", "yellow", "cyan"]
_CODES: Mapping[Style, str] = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
WIDTH = 80
"""Columns of a terminal that does not say."""


@dataclass(slots=True)
class Terminal:
    """`is_json`: what people read goes to stderr. `below` is redrawn under whatever is said on stderr."""

    out: TextIO
    err: TextIO
    into: TextIO
    is_json: bool = False
    environ: Mapping[str, str] = field(default_factory=dict)
    below: Callable[[], None] | None = None
    _bar: str = ""

    @property
    def can_ask(self) -> bool:
        """Whether a person sits there: reads stderr and types on stdin."""
        return _is_terminal(self.into) and _is_terminal(self.err)

    @property
    def can_redraw(self) -> bool:
        """Whether stderr is a terminal that can go back in its line."""
        return _is_terminal(self.err) and self.environ.get("TERM", "dumb") != "dumb"

    def tell(self, line: str = "", style: Style | None = None, *, before_asking: bool = False) -> None:
        """What the command was asked for, in lines for people. `before_asking`: to be seen, wherever stdout goes."""
        if self.is_json or (before_asking and not _is_terminal(self.out)):
            self.say(line, style)
            return
        self._undraw()
        self.out.write(self._styled(self.out, line, style) + "\n")
        self.out.flush()
        self._redraw()

    def say(self, line: str, style: Style | None = None) -> None:
        """What goes on, on stderr. A terminal that was closed hears no more, and the work goes on."""
        self._undraw()
        self._write(self._styled(self.err, line, style) + "\n")
        self._redraw()

    def document(self, document: Mapping[str, Any]) -> None:
        """The one document on stdout; plain ASCII, so that it is JSON in any locale."""
        print(json.dumps(document), file=self.out, flush=True)

    def ask(self, question: str) -> str | None:
        """What the person types; None at the end of input."""
        self._undraw()
        self._write(safe(question))
        answer = ""
        try:
            answer = self.into.readline()
        finally:
            if not answer.endswith("\n"):  # the person went away, or pressed Ctrl-C
                self._write("\n")
        return answer.strip() if answer else None

    def draw(self, line: str) -> None:
        """A line that the next one replaces; it must be shorter than the terminal is wide."""
        if line == self._bar:
            return
        if cells(self._bar) >= self.columns():  # the terminal got narrower and has wrapped it
            self._write("\n")
        self._write(f"\r{line}\x1b[K")
        self._bar = line

    def clear(self) -> None:
        """Takes the drawn line away."""
        self._undraw()

    def columns(self) -> int:
        """How wide stderr is now."""
        with contextlib.suppress(OSError, ValueError):
            return os.get_terminal_size(self.err.fileno()).columns or WIDTH
        return WIDTH

    def _undraw(self) -> None:
        if self._bar:
            self._write("\r\x1b[K")
            self._bar = ""

    def _redraw(self) -> None:
        if self.below is not None:
            self.below()

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.err.write(text)
            self.err.flush()

    def _styled(self, stream: TextIO, line: str, style: Style | None) -> str:
        told = safe(line)
        has_colours = _is_terminal(stream) and not self.environ.get("NO_COLOR")
        if style is None or not has_colours or self.environ.get("TERM", "dumb") == "dumb":
            return told
        return f"\x1b[{_CODES[style]}m{told}\x1b[0m"


class Log(logging.Handler):
    """Log lines among what is said; a traceback only where somebody asked for DEBUG."""

    def __init__(self, terminal: Terminal, *, tracebacks: bool) -> None:
        super().__init__()
        self._terminal = terminal
        self._tracebacks = tracebacks

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        self._terminal.say(f"surgeboard: {record.getMessage()}", "dim")
        if self._tracebacks and record.exc_info:
            for line in logging.Formatter().formatException(record.exc_info).splitlines():
                self._terminal.say(line, "dim")


def safe(line: str) -> str:
    """One line in which whatever could steer a terminal is shown instead of sent."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in line)


def cells(text: str) -> int:
    """How many columns a text takes."""
    return sum(_cells(each) for each in text)


def cut(text: str, columns: int) -> str:
    """As much of a text as fits, with an ellipsis where it was cut."""
    if cells(text) <= columns:
        return text
    kept, left = "", columns - 3
    for each in text:
        left -= _cells(each)
        if left < 0:
            break
        kept += each
    return f"{kept}..." if columns > 3 else ""


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False
