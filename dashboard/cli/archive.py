"""One `runs` or `report` from first line to exit status: on the archive of a data folder, with no cluster at all."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cli.options import Misused
from dashboard.cli.session import FAILED, USAGE, Ended, failed
from dashboard.cli.terminal import Terminal
from dashboard.errors import Refused
from dashboard.runs.archive import FILE_NAME, Archive
from dashboard.settings import Settings, WrongSetting
from dashboard.web.runs.kept import Runs

log = logging.getLogger(__name__)

BEGINNING_MIN = 4
"""Letters of an id that may stand for it."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a command works with."""

    arguments: argparse.Namespace
    terminal: Terminal
    settings: Settings
    archive: Archive

    @property
    def runs(self) -> Runs:
        """The archive as it may be shown to anyone."""
        return Runs(self.archive, self.settings.runs_max_count, self.settings.runs_max_days)

    def has_any(self) -> bool:
        """Whether something was ever recorded here; asking the archive would make its file."""
        return self.archive.path.is_file()

    def found(self, named: str) -> str:
        """The id of the run that is meant: an id, the beginning of one, or `last`. Raises Refused."""
        ids = [run["run_id"] for run in self.archive.list()] if self.has_any() else []
        fits = ids[:1] if named == "last" else [each for each in ids if each == named.upper()]
        if not fits and len(named) >= BEGINNING_MIN:
            fits = [each for each in ids if each.startswith(named.upper())]
        if len(fits) == 1:
            return str(fits[0])
        if fits:
            raise Refused(f"{len(fits)} runs begin with {named}; give more of the id.", status=409)
        count = "1 run" if len(ids) == 1 else f"{len(ids) or 'no'} runs"
        where = f"{self.settings.data_dir} holds {count}"
        raise Refused(f"There is no run {named}: {where}. `surgeboard runs` lists them.", status=404)


def carry_out(work: Callable[[Work], Ended], arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Does one command; the exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    terminal = Terminal(sys.stdout, sys.stderr, sys.stdin, is_json=arguments.json, environ=environ)
    try:
        ended = _ended(work, arguments, terminal, environ)
        if arguments.json:
            terminal.document(ended.document)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python itself flushes at its end
        return FAILED
    return ended.status


def _ended(
    work: Callable[[Work], Ended], arguments: argparse.Namespace, terminal: Terminal, environ: Mapping[str, str]
) -> Ended:
    try:
        settings = Settings.from_environment(environ, data_dir=arguments.data_dir)
        archive = Archive(settings.data_dir / FILE_NAME)
        try:
            return work(Work(arguments, terminal, settings, archive))
        finally:
            archive.close()
    except Misused as misused:
        return failed(terminal, misused.sentence, USAGE)
    except WrongSetting as wrong:
        return failed(terminal, str(wrong), USAGE)
    except Refused as refused:
        return failed(terminal, refused.sentence, FAILED, code=refused.status)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        return failed(terminal, f"{error.filename or 'A file'}: {error.strerror or error}.", FAILED, code=500)
    except KeyboardInterrupt:
        return failed(terminal, "Ended. Nothing was changed.", FAILED)


def told(document: Mapping[str, Any]) -> Ended:
    """An end that went well."""
    return Ended(0, document)
