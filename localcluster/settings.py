"""What the command line and the environment say, checked; must not start or open anything."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from localcluster.node.settings import LimitsChoice

Command = Literal["up", "kubeconfig", "down"]
DEFAULT_PORT = 6443
_DEFAULT_DIRECTORY = Path(".surgeboard/in-memory")
"""Not the dashboard's `.surgeboard/cluster`, whose objects are kept."""

_LAST_PORT = 65535
LOG_REQUESTS = "LOCALCLUSTER_LOG_REQUESTS"
"""In the environment of whatever starts the cluster, 1 is as good as `--log-requests`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One cluster. `port` 0 takes any free one. `keep`: whether `directory` keeps the objects for the next run.

    `log_requests`: whether every request is written down, and not only those that are to change something.
    """

    command: Command
    directory: Path
    port: int = DEFAULT_PORT
    node_port_address: str = "127.0.0.1"
    limits: LimitsChoice = "auto"
    exit_with_parent: bool = False
    keep: bool = False
    verbose: bool = False
    log_requests: bool = False

    @property
    def kubeconfig(self) -> Path:
        return self.directory / "kubeconfig"

    @property
    def pid_file(self) -> Path:
        return self.directory / "pid"

    @property
    def audit_file(self) -> Path:
        return self.directory / "audit.log"

    @property
    def requests_file(self) -> Path | None:
        return self.directory / "requests.log" if self.log_requests else None

    @property
    def log_file(self) -> Path:
        return self.directory / "log"


def parse(arguments: Sequence[str] | None = None) -> Settings:
    """The settings; ends the program with a usage message (exit 2) when they make no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m localcluster", description="A stand-in for Kubernetes on one machine."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="run the cluster in the foreground until it is stopped")
    up.add_argument("--port", type=_port, default=DEFAULT_PORT, help="port of the API on 127.0.0.1; 0 takes any")
    up.add_argument("--node-port-address", default="127.0.0.1", help="address on which NodePorts are opened")
    up.add_argument("--limits", choices=get_args(LimitsChoice), default="auto", help="how limits are enforced")
    up.add_argument("--exit-with-parent", action="store_true", help="stop when the process that started this ends")
    up.add_argument("--verbose", action="store_true", help="tell on the terminal what else goes to DIR/log, and more")
    up.add_argument(
        "--log-requests", action="store_true", default=os.environ.get(LOG_REQUESTS) == "1",
        help=f"write every request to DIR/requests.log, reads too, as audit.log has the changes ({LOG_REQUESTS}=1)",
    )  # fmt: skip
    commands.add_parser("kubeconfig", help="print the admin's kubeconfig")
    commands.add_parser("down", help="stop the running cluster")
    for choice in commands.choices.values():
        choice.add_argument(
            "--dir", type=Path, help="where the cluster keeps its objects and files; without it they end with it"
        )
    given = parser.parse_args(arguments)
    directory = (given.dir or _DEFAULT_DIRECTORY).expanduser().resolve()
    command = cast("Command", given.command)
    if command != "up":
        return Settings(command, directory)
    return Settings(
        command, directory, given.port, given.node_port_address, given.limits, given.exit_with_parent,
        keep=given.dir is not None, verbose=given.verbose, log_requests=given.log_requests,
    )  # fmt: skip


def _port(text: str) -> int:
    number = int(text) if text.isdigit() else -1
    if not 0 <= number <= _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number (0 to {_LAST_PORT})")
    return number
