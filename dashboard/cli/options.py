"""What `deploy`, `teardown` and `status` take on the command line, and what their --help promises. Imports no one else.

Nothing of the dashboard may be imported here: the parser is built before `serve` patches the process.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any, NoReturn

EXITS = "Exit status: 0 done, 1 failed, 2 wrong usage (nothing was changed)."

DEPLOY = f"""Plans, shows the plan, asks, applies in stages, and waits until everything is well.
Without a name it deploys every bundle that comes with Surgeboard. Running it again completes what was cut off.
A PATH is a folder of YAML, a file or a kustomization: an argument with a slash, that begins with a dot,
or that exists and is not the name of a bundle.

Without a terminal there is nobody to ask: say --yes to apply, or --plan to look only.
Ctrl-C stops after the object at hand; what is applied stays. A second Ctrl-C ends at once.
With --plan, 1 means that the plan could not be applied as it is.

{EXITS}"""

TEARDOWN = f"""Shows what would be deleted and what stays, asks for the name, deletes in reverse order, and waits.
Namespaces, Secrets, volume claims and definitions of kinds stay unless named one by one with --also. Only what was
recorded when it was deployed goes. Running it again completes what was cut off.

{EXITS}"""

STATUS = """Says of each stack whether it is well, and of each object that is not, why.
Without a name: the bundles that come with Surgeboard, your own, and what was deployed from a PATH.

Exit status: 0 when all are well; a stack that is not deployed counts as well unless it was named.
1 when one is not: failed, incomplete, still starting, not readable, not deployed though named, or, with --drift,
changed by others. 2 wrong usage. So a script can wait: until surgeboard status shop; do sleep 2; done"""


WHY = """Says of each HPA what it does and why, in one sentence, with the sum it was worked out by, what that rests on,
and what to do. Reads the cluster once and changes nothing: what the controller did before is known from Events alone,
so the end of a wait may be a guess here that a running dashboard knows.

Exit status: 0 every one asked about computes and gets the replicas it asks for; 1 one cannot scale (no metrics, no CPU
request, no target, paused at zero, blocked by a quota, …), or there is none; 2 wrong usage."""

RUNS = """Lists the recorded runs, shows one, or deletes one. RUN is an id, the beginning of one, or `last`.
No cluster is asked: the runs are in the data folder.

Exit status: 0 done, 1 failed (there is no such run, or it is being recorded), 2 wrong usage (nothing was changed)."""

STORY = """Tells what happened: Events, deploys, swarms, scale decisions, elections, kills, oldest first.
Lines that say the same are one. No cluster is asked: a dashboard that runs keeps the story in the data folder, for each
cluster apart; told is that of the cluster it saw last.

Exit status: 0 done, 1 failed (no story is kept here), 2 wrong usage."""

REPORT = """Writes a run as one HTML file that opens anywhere, without a network: chart, reasons, events, manifests.
With --output the ending decides: .html, .json (the whole document) or .csv (its samples).
A picture of the chart is drawn by a browser only: open the report and press "Save as PNG".

Exit status: 0 done, 1 failed (there is no such run, the file cannot be written), 2 wrong usage."""

SWARM = """Starts a swarm of load users on a Service of the configuration, stops the one that runs, or says how it is.

`start` shows the plan, asks, and starts just that. A swarm that nobody follows ends by itself after 25 s, so without
--wait it starts only where a dashboard runs with this data folder on the same cluster. With --wait this command follows
until the load has ended and the replicas are back, and keeps the run in the data folder, unless that dashboard does.
Ctrl-C then stops the swarm and returns once it is quiet for certain. A second Ctrl-C ends at once.
`stop` returns once it is quiet for certain; where none runs there is nothing to do. `status` asks the swarm itself.

Exit status: 0 done (of `start --wait`: the swarm ended as planned), 1 failed, refused or stopped by Ctrl-C,
2 wrong usage (nothing was changed)."""

ASSERT_NAMES = (
    "p95_ms", "p99_ms", "failures", "rps", "requests", "peak_users", "peak_replicas", "load_to_decision_s",
    "load_to_new_pod_s", "load_to_ready_s", "load_to_latency_ok_s", "stop_to_scale_down_s",
)  # fmt: skip

REHEARSE = f"""Deploys, loads, waits until it has scaled up, stops the load, and waits until it has scaled back.
Without --kubeconfig on a fresh local cluster, which ends with it.

--assert holds the run to a list, set apart by commas: 'p95_ms<800,failures<1%,peak_replicas>=3'.
Names: {", ".join(ASSERT_NAMES[:7])},
{", ".join(ASSERT_NAMES[7:10])},
{", ".join(ASSERT_NAMES[10:])}. failures counts, or with % is the share of all requests.
Operators: < <= > >= ==. A value that is not known meets nothing.

Exit status: 0 it scaled up and back, and every assertion holds; 1 not so; 2 wrong usage (nothing was begun)."""


class Misused(Exception):
    """The command line makes no sense; `usage` says what would."""

    def __init__(self, sentence: str, usage: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.usage = usage


class Parser(argparse.ArgumentParser):
    """Raises Misused where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        """What is wrong with the command line."""
        raise Misused(f"{message}.", self.format_usage())


def add_deploy(commands: Any) -> None:
    """`surgeboard deploy`."""
    parser = _command(commands, "deploy", "plan and apply bundles or a folder of YAML, and wait until they are well",
                      DEPLOY)  # fmt: skip
    parser.add_argument("what", nargs="*", metavar="NAME|PATH", help="what to deploy (every bundle of ours)")
    parser.add_argument("--plan", action="store_true", help="only show the plan; changes nothing, asks nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--verbose", action="store_true", help="show every field of new objects too")
    parser.add_argument(
        "--take-over", action="append", default=[], metavar="ID",
        help="settle this object's conflicts in favour of the manifest; may be given more than once",
    )  # fmt: skip
    parser.add_argument(
        "--remove", action="append", default=[], metavar="ID",
        help="delete this object, which an earlier revision made and this one does not hold; `all`: all that the plan "
        "lists. Without it they stay",
    )  # fmt: skip
    parser.add_argument(
        "--kubelet-insecure-tls", action=argparse.BooleanOptionalAction, default=None,
        help="metrics-server only: do not check the certificates of the nodes. For development clusters such as kind "
        "and minikube, whose kubelets sign their own: whoever stands in the network of the nodes could send false "
        "figures. It is kept from one deploy to the next",
    )  # fmt: skip
    parser.add_argument("--revision", type=_number, metavar="N", help="go back to this recorded revision of one NAME")
    parser.add_argument("--cluster-scoped", action="store_true",
                        help="a PATH may hold Namespaces and other objects of the whole cluster")  # fmt: skip
    parser.add_argument("--name", help="what to call the stack of a PATH (as its folder or file)")
    parser.add_argument("--timeout", type=_seconds, metavar="S", help="seconds a stage may take to be well (300)")
    _add_common(parser)


def add_teardown(commands: Any) -> None:
    """`surgeboard teardown`."""
    parser = _command(commands, "teardown", "delete what a stack made; volumes, Secrets and namespaces stay", TEARDOWN)
    parser.add_argument("what", metavar="NAME|PATH", help="the stack to delete")
    parser.add_argument("--confirm", metavar="NAME", help="the stack's name, typed once more, instead of being asked")
    parser.add_argument(
        "--also", action="append", default=[], metavar="ID",
        help="delete this Namespace, Secret, volume claim or definition of a kind too; may be given more than once",
    )  # fmt: skip
    _add_common(parser)


def add_status(commands: Any) -> None:
    """`surgeboard status`."""
    parser = _command(commands, "status", "say how the stacks are: health with causes, revision, drift", STATUS)
    parser.add_argument("what", nargs="*", metavar="NAME|PATH", help="which stacks (all)")
    parser.add_argument("--drift", action="store_true", help="compare every object with what was deployed")
    parser.add_argument("--history", action="store_true", help="list the recorded revisions")
    _add_common(parser)


def add_why(commands: Any) -> None:
    """`surgeboard why`."""
    parser = _command(commands, "why", "say why each HPA scales as it does, or why it cannot", WHY)
    parser.add_argument("--hpa", metavar="NAMESPACE/NAME", help="only this one (all)")
    _add_common(parser)


def add_swarm(commands: Any) -> None:
    """`surgeboard swarm`. What is not given is as in `dashboard.load.request.SwarmRequest`."""
    parser = _command(commands, "swarm", "start, stop or look at a swarm of load users", SWARM)
    parser.add_argument("action", choices=("start", "stop", "status"), help="what to do")
    asked = parser.add_argument_group("for start")
    asked.add_argument("--target", metavar="ID", help="the Service to load (guestbook)")
    asked.add_argument("--users", type=int, metavar="N", help="load users at the most (60)")
    asked.add_argument("--spawn-rate", type=int, metavar="N", help="load users started per second (10)")
    asked.add_argument("--duration", type=_seconds, metavar="S", dest="duration_s", help="seconds of load (180)")
    asked.add_argument("--profile", help="steady, steps, spike, double wave, soak or ceiling (steady)")
    asked.add_argument("--workers", type=int, metavar="N", help="pods that carry the load users (1)")
    asked.add_argument("--no-keep-alive", action="store_false", dest="keep_alive", default=None,
                       help="open a new connection for each request")  # fmt: skip
    asked.add_argument("--scenario", metavar="NAME", help="an own locustfile of the configured folder (guestbook)")
    asked.add_argument("--p95-limit", type=int, metavar="MS", dest="p95_limit_ms", help="what counts as slow (1000)")
    asked.add_argument("--failed-limit", type=float, metavar="PERCENT", dest="failed_limit_percent",
                       help="what counts as failing, for the profile ceiling (1)")  # fmt: skip
    asked.add_argument("--why", metavar="TEXT", dest="note", help="why, in one line, for the record")
    asked.add_argument("--yes", action="store_true", help="do not ask")
    asked.add_argument("--wait", action="store_true", help="follow until it is over, and record it")
    _add_common(parser)


def add_rehearse(commands: Any) -> None:
    """`surgeboard rehearse`."""
    parser = _command(commands, "rehearse", "play the whole demonstration without a person", REHEARSE)
    parser.add_argument("--kubeconfig", type=Path, help="use this kubeconfig's cluster instead of the local one")
    parser.add_argument("--context", help="context of the kubeconfig (its current one)")
    parser.add_argument("--data-dir", type=Path, help="folder for the local cluster (.surgeboard)")
    parser.add_argument("--output", type=Path, help="write the run's document to this file")
    parser.add_argument("--json", action="store_true", help="print the run's document on stdout")
    parser.add_argument("--users", type=int, default=60, help="load users (60)")
    parser.add_argument("--duration", type=int, default=150, help="seconds of load (150)")
    parser.add_argument("--assert", dest="asserts", metavar="LIST", help="what the run is held to, see above; may be "
                        "given more than once", action="append", default=[])  # fmt: skip


def add_runs(commands: Any) -> None:
    """`surgeboard runs`."""
    parser = _command(commands, "runs", "list, show and delete recorded runs", RUNS)
    parser.add_argument("action", nargs="?", choices=("list", "show", "delete"), help="what to do (list)")
    parser.add_argument("run", nargs="?", metavar="RUN", help="which run to show or delete")
    parser.add_argument("--text", help="list only runs with this in name, note, tags, who, why, target or profile")
    parser.add_argument("--tag", help="list only runs with this tag")
    parser.add_argument("--yes", action="store_true", help="delete without asking")
    _add_archive(parser)


def add_story(commands: Any) -> None:
    """`surgeboard story`."""
    parser = _command(commands, "story", "tell what happened, beyond the hour that Events live", STORY)
    parser.add_argument("--since", metavar="SPAN", help="only what is younger: 30m, 2h, 7d, or a time (UTC)")
    parser.add_argument("--kind", help="only this kind: scaled, swarm, apply, warning, normal, oom, failover, …")
    parser.add_argument("--namespace", help="only objects of this namespace")
    parser.add_argument("--object", metavar="TEXT", help="only objects with this in Kind/name")
    parser.add_argument("--text", help="only lines with this in what they say, in the reason or in who")
    parser.add_argument("--routine", action="store_true", help="routine too: how pods start and stop all day")
    parser.add_argument("--limit", type=_count, metavar="N", default=200, help="the newest so many lines (200)")
    _add_archive(parser)


def add_report(commands: Any) -> None:
    """`surgeboard report`."""
    parser = _command(commands, "report", "write a recorded run as one file that opens anywhere", REPORT)
    parser.add_argument("run", metavar="RUN", help="which run: an id, the beginning of one, or `last`")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to (surgeboard-run-ID.html, here)")
    _add_archive(parser)


def _add_archive(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data-dir", type=Path, help="folder that holds the recorded runs (.surgeboard)")
    parser.add_argument("--json", action="store_true", help="print one JSON document on stdout, all else on stderr")


def _command(commands: Any, name: str, summary: str, promise: str) -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=promise, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    return added


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kubeconfig", type=Path, help="use this kubeconfig's cluster (the local cluster if it runs, "
                        "else kubectl's own)")  # fmt: skip
    parser.add_argument("--context", help="context of the kubeconfig (its current one)")
    parser.add_argument("--data-dir", type=Path, help="folder of the local cluster (.surgeboard)")
    parser.add_argument("--json", action="store_true", help="print one JSON document on stdout, all else on stderr")


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no revision; it takes a number from 1 up")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no count; it takes a number from 1 up")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text.removesuffix("s"))
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; it takes seconds, such as 120")
    return seconds
