"""Shows a deploy or teardown while it goes on: a line for what has happened, and a bar under them on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.cli.terminal import Style, Terminal, cells, cut, safe
from dashboard.stack.stages import STAGES

BAR = 24
"""Columns of the bar at most."""

SLICE_S = 0.2
"""How often the bar's clock is redrawn while something is waited for, and a signal takes effect."""

_WAITING = frozenset(stage.name for stage in STAGES if stage.waits)
_STYLES: Mapping[str, Style] = {
    "created": "green", "changed": "yellow", "deleted": "yellow", "ready": "green", "failed": "red",
}  # fmt: skip

Row = Mapping[str, Any]


@dataclass(slots=True)
class Following:
    """`show` takes the rows of the view `deploy`; `sleep` waits and keeps the bar alive."""

    terminal: Terminal
    clock: Callable[[], float]
    pause: Callable[[float], Any]
    last: Row = field(default_factory=dict)
    _seen: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    _began: float | None = None

    def show(self, row: Row) -> None:
        """Tells what is new in it."""
        self._began = self.clock() if self._began is None else self._began
        self.last = row
        self.terminal.below = self._draw
        for step in row["steps"]:
            key, news = f"{step['bundle']} {step['object']['id']}", (step["result"], step["detail"])
            if self._seen.get(key, ("pending", None)) != news:
                self._seen[key] = news
                self._tell(step)
        self._draw()

    def sleep(self, seconds: float) -> None:
        """In slices."""
        until = self.clock() + seconds
        while (left := until - self.clock()) > 0:
            self.pause(min(left, SLICE_S))
            self._draw()

    def end(self) -> None:
        """No bar from now on."""
        self.terminal.below = None
        self.terminal.clear()

    def _tell(self, step: Row) -> None:
        """What stays to be read; on a terminal the bar says what is waited for, and what stays as it was is silent."""
        result, detail = step["result"], step["detail"]
        if result == "unchanged" or (result == "waiting" and self.terminal.can_redraw):
            return
        told = f"{step['bundle']}: {named(step)} {result}"
        self.terminal.say(f"{told}: {detail}" if detail else told, _STYLES.get(result))

    def _draw(self) -> None:
        if self.terminal.can_redraw and self.last and self.last["finished_at"] is None:
            seconds = self.clock() - (self._began or 0.0)
            self.terminal.draw(bar(self.last, seconds, columns=self.terminal.columns() - 1))


def bar(row: Row, seconds: float, *, columns: int) -> str:
    """One line of at most `columns`: a bar, how many of how many, what is waited for, how long. Narrower: less."""
    steps = row["steps"]
    done, total = sum(is_done(step) for step in steps), len(steps)
    count = f"{done}/{total} " if total else ""
    clock = f"{int(seconds) // 60}:{int(seconds) % 60:02}"
    if columns < len(count) + len(clock):
        return cut(count.rstrip(), columns)
    width = min(BAR, columns // 4) if total and columns >= 30 else 0
    filled = width * done // total if total else 0
    drawn = f"[{'#' * filled}{'.' * (width - filled)}] " if width else ""
    left = columns - cells(drawn) - len(count) - len(clock) - 1
    text = cut(safe(_doing(row)), max(left, 0))
    return f"{drawn}{count}{text}{' ' * (left - cells(text) + 1)}{clock}" if text else f"{drawn}{count}{clock}"


def is_done(step: Row) -> bool:
    """Whether nothing more comes of an object: of one that is waited for, only once it is well."""
    if step["stage"] in _WAITING and step["result"] in ("created", "changed", "unchanged"):
        return False
    return step["result"] not in ("pending", "waiting")


def named(step: Row) -> str:
    """The object as it is said in a sentence."""
    object_ = step["object"]
    where = f"{object_['namespace']}/" if object_["namespace"] else ""
    return f"{object_['kind']} {where}{object_['name']}"


def _doing(row: Row) -> str:
    waiting = [step for step in row["steps"] if step["result"] == "waiting"]
    if waiting:
        first = waiting[0]
        more = f" (and {len(waiting) - 1} more)" if len(waiting) > 1 else ""
        return f"{named(first)}: {first['detail'] or 'waiting'}{more}"
    return f"{row['state']} {row['bundle']}" if row["bundle"] else str(row["state"])
