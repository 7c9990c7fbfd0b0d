"""One `deploy`, `teardown` or `status` from first line to exit status; whatever goes wrong ends in a sentence."""

from __future__ import annotations

import argparse
import getpass
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.cli import choosing
from dashboard.cli.following import Following
from dashboard.cli.options import Misused
from dashboard.cli.stopping import Stopping
from dashboard.cli.terminal import Log, Terminal
from dashboard.core import connect, stack_on
from dashboard.errors import Refused
from dashboard.kube.client import KubeClient
from dashboard.kube.errors import ApiError
from dashboard.settings import Settings, WrongSetting
from dashboard.stack.actions import Stack
from dashboard.stack.bundles.reading import ITSELF

DONE, FAILED, USAGE = 0, 1, 2

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its exit status and its document."""

    status: int
    document: Mapping[str, Any]


@dataclass(slots=True)
class Session:
    """What a command works with. `cluster` is {name, server}; `is_local`: the data folder's own cluster."""

    arguments: argparse.Namespace
    terminal: Terminal
    stack: Stack
    following: Following
    stopping: Stopping
    cluster: Mapping[str, str]
    settings: Settings
    is_local: bool = False

    @property
    def by(self) -> str:
        """Who asks, for the records."""
        try:
            return getpass.getuser()
        except (KeyError, OSError):  # a user without a name
            return f"user {os.getuid()}"

    def run(self, work: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        """Does it while it is shown; a signal stops it in order. The last row, cancelled when a second signal came."""
        try:
            with self.stopping.by(self.stack.stop):
                return work()
        except KeyboardInterrupt:
            sentence = "Ended at once. What was done stays; run it again to complete it."
            return {**self.following.last, "state": "cancelled", "error": sentence}
        finally:
            self.following.end()


Check = Callable[[argparse.Namespace, Terminal], None]
"""Raises Misused for what can be told before any cluster is asked."""

Work = Callable[[Session], Ended]


def carry_out(check: Check, work: Work, arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Does one command; the exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    terminal = Terminal(sys.stdout, sys.stderr, sys.stdin, is_json=arguments.json, environ=environ)
    stopping = Stopping()
    with stopping.heard():
        try:
            ended = _ended(check, work, arguments, environ, terminal, stopping)
            if arguments.json:
                terminal.document(ended.document)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python itself flushes at its end
            return FAILED
    return ended.status


def _ended(
    check: Check,
    work: Work,
    arguments: argparse.Namespace,
    environ: Mapping[str, str],
    terminal: Terminal,
    stopping: Stopping,
) -> Ended:
    try:
        check(arguments, terminal)
        return work(_session(arguments, environ, terminal, stopping))
    except Misused as misused:
        return failed(terminal, misused.sentence, USAGE)
    except WrongSetting as wrong:
        return failed(terminal, str(wrong), USAGE)
    except Refused as refused:
        return failed(terminal, refused.sentence, FAILED, code=refused.status)
    except ApiError as error:
        return failed(terminal, error.message, FAILED, code=error.status or 503)
    except KeyboardInterrupt:
        return failed(terminal, "Ended. Nothing was changed.", FAILED)
    except BrokenPipeError:
        raise
    except Exception as error:  # the outermost frame: a person gets a sentence, not a traceback
        log.debug("unexpected", exc_info=True)
        told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        again = "SURGEBOARD_LOG_LEVEL=DEBUG shows where."
        return failed(terminal, f"Something unexpected went wrong ({told}). {again}", FAILED, code=500)


def _session(
    arguments: argparse.Namespace, environ: Mapping[str, str], terminal: Terminal, stopping: Stopping
) -> Session:
    if arguments.kubeconfig is not None and not arguments.kubeconfig.expanduser().is_file():
        raise Misused(f"--kubeconfig {arguments.kubeconfig}: there is no such file.")
    given = {name: getattr(arguments, name) for name in ("data_dir", "kubeconfig", "context")}
    settings = Settings.from_environment(environ, **given)
    _log_to(terminal, settings.log_level)
    where = choosing.cluster_of(settings)
    client = _connected(where)
    terminal.say(f"cluster {client.cluster.name} at {client.cluster.server} ({where.why})", "dim")
    following = Following(terminal, time.monotonic, time.sleep)
    stack = stack_on(where.settings, client, publish=following.show, note=lambda *_, **__: None)
    stack.sleep = following.sleep
    stack.catalogue.itself = ITSELF in _named(arguments)
    choosing.refuse_silent(client)
    cluster = {"name": client.cluster.name, "server": client.cluster.server}
    return Session(arguments, terminal, stack, following, stopping, cluster, where.settings, where.is_local)


def _named(arguments: argparse.Namespace) -> Sequence[str]:
    """What a command was told to work on."""
    what = getattr(arguments, "what", None) or ()
    return [what] if isinstance(what, str) else what


def _connected(where: choosing.Where) -> KubeClient:
    """Opens no connection; a wrong kubeconfig is told here."""
    try:
        return connect(where.settings)
    except ApiError as error:
        if where.is_named:
            raise Refused(f"There is no cluster to speak to: {error.message}", status=503) from error
        raise Refused(
            f"There is no cluster to speak to: none runs in {where.settings.data_dir}, and {error.message} "
            "Start one (surgeboard up), or name one with --kubeconfig and --context.",
            status=503,
        ) from error


def failed(terminal: Terminal, sentence: str, status: int, *, code: int | None = None) -> Ended:
    """The end of a command that has no document of its own to show."""
    terminal.below = None
    terminal.clear()
    terminal.say(f"surgeboard: {sentence}", "red")
    return Ended(status, {"error": error_of(sentence, code)})


def error_of(sentence: str, code: int | None = None) -> Mapping[str, Any]:
    """An error in a document. `status`: as HTTP has it, null where none is known."""
    return {"sentence": sentence, "status": code}


def _log_to(terminal: Terminal, level: str) -> None:
    root = logging.getLogger()
    root.handlers[:] = [Log(terminal, tracebacks=level == "DEBUG")]
    root.setLevel(logging.WARNING)
    logging.getLogger("dashboard").setLevel(level)
