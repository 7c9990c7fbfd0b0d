"""The command `surgeboard`: reads the command line and hands over. The commands are stable; scripts rely on them."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from dashboard.cli import ending, options

DONE, FAILED, USAGE = 0, 1, 2


def main(argv: list[str] | None = None) -> int:
    """Runs one command; returns 0 done, 1 failed, 2 usage."""
    try:
        arguments = _parser().parse_args(argv)
    except options.Misused as misused:
        return _misused(misused, is_json="--json" in (sys.argv[1:] if argv is None else argv))
    if arguments.command in ("deploy", "teardown", "status", "swarm", "why"):
        return _on_stacks(arguments)
    if arguments.command in ("runs", "report", "story"):
        return _on_runs(arguments)
    if arguments.command in ("up", "rehearse"):
        ending.by_first_signal()
    if arguments.command in ("serve", "rehearse"):
        _patch()
    try:
        return _run(arguments)
    except options.Misused as misused:
        return _misused(misused, is_json=getattr(arguments, "json", False))
    except KeyboardInterrupt:
        return DONE if arguments.command == "up" else FAILED


def _misused(misused: options.Misused, *, is_json: bool) -> int:
    print(f"{misused.usage}surgeboard: {misused.sentence}", file=sys.stderr)
    if is_json:
        print(json.dumps({"error": {"sentence": misused.sentence, "status": None}}))
    return USAGE


def _on_stacks(arguments: argparse.Namespace) -> int:
    """The commands that work on a cluster without serving anything: plain threads, nothing patched."""
    from dashboard.cli import deploy, session, status, swarm, teardown, why

    commands = {
        "deploy": (deploy.check, deploy.work),
        "teardown": (teardown.check, teardown.work),
        "swarm": (swarm.check, swarm.work),
        "status": (status.check, status.work),
        "why": (why.check, why.work),
    }
    return session.carry_out(*commands[arguments.command], arguments, os.environ)


def _on_runs(arguments: argparse.Namespace) -> int:
    """The commands that work on the archive alone."""
    from dashboard.cli import archive, report, runs, story

    work = {"runs": runs.work, "report": report.work, "story": story.work}[arguments.command]
    return archive.carry_out(work, arguments, os.environ)


def _patch() -> None:
    """Before anything else is imported: everything that waits must yield to the others (gevent)."""
    from gevent import get_hub, monkey

    monkey.patch_all()
    hub = get_hub()
    hub.NOT_ERROR = (*hub.NOT_ERROR, KeyboardInterrupt)  # a person's Ctrl-C is no fault to print


def _run(arguments: argparse.Namespace) -> int:
    from dashboard.cli import rehearse, serve, up, url
    from dashboard.settings import Settings, WrongSetting

    commands = {"up": up.run, "serve": serve.run, "rehearse": rehearse.run, "url": url.run}
    given = {
        name: getattr(arguments, name, None) for name in ("port", "data_dir", "kubeconfig", "context", "read_only")
    }
    if getattr(arguments, "verbose", False):
        given["log_level"] = "INFO"
    try:
        settings = Settings.from_environment(os.environ, **given)
    except WrongSetting as wrong:
        print(f"surgeboard: {wrong}", file=sys.stderr)
        return USAGE
    return commands[arguments.command](settings, arguments)


def _parser() -> argparse.ArgumentParser:
    parser = options.Parser(prog="surgeboard", description="Deploy a stack, load it, watch it scale, see why.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    up = commands.add_parser("up", help="start the local cluster and the dashboard; prints a sign-in URL")
    _add_cluster(up)
    _add_serving(up)
    up.add_argument("--api-port", type=int, default=6443, help="port of the local cluster's API server (6443)")

    serve = commands.add_parser("serve", help="start the dashboard alone, on the kubeconfig's cluster")
    _add_cluster(serve)
    _add_serving(serve)

    options.add_deploy(commands)
    options.add_teardown(commands)
    options.add_status(commands)
    options.add_why(commands)
    options.add_swarm(commands)
    options.add_runs(commands)
    options.add_report(commands)
    options.add_story(commands)

    options.add_rehearse(commands)

    url = commands.add_parser("url", help="print the sign-in URL of the dashboard that is running here")
    url.add_argument("--data-dir", type=Path, help="the dashboard's data folder (.surgeboard)")
    return parser


def _add_cluster(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kubeconfig", type=Path, help="use this kubeconfig's cluster instead of the local one")
    parser.add_argument("--context", help="context of the kubeconfig (its current one)")


def _add_serving(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="port of the page (8080)")
    parser.add_argument("--data-dir", type=Path, help="folder for the sign-in file and the local cluster (.surgeboard)")
    parser.add_argument("--read-only", action="store_true", default=None,
                        help="take nothing that changes the cluster from anybody")  # fmt: skip
    parser.add_argument("--verbose", action="store_true", help="tell more; the local cluster's log is in a file anyway")
