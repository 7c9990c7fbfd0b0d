"""`python -m tests.contract.conformance`: play the recordings against a cluster and print how alike it is."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path

from tests.contract.conformance import recording, report, target
from tests.contract.conformance.running import run
from tests.contract.conformance.target import CannotPlay


def main() -> int:
    given = _arguments()
    where = recording.folder()
    if not where.is_dir():
        print(f"there are no recordings in {where}: name their folder by SURGEBOARD_GOLDEN", file=sys.stderr)
        return 1
    wrong = sorted(set(given.scenario) - set(recording.names(where)))
    if wrong:
        print(f"no recording of {', '.join(wrong)}; there are {', '.join(recording.names(where))}", file=sys.stderr)
        return 1
    results, unplayed = [], []
    for name in given.scenario or recording.names(where):
        try:
            with _cluster(given) as reached:
                results.append(asyncio.run(run(recording.read(where, name=name), target=reached)))
        except CannotPlay as error:
            unplayed.append(name)
            print(f"{name} could not be played: {error}", flush=True)
        else:
            print(report.differences(results[-1], full=given.full), flush=True)
    print("\n" + report.table(results))
    return 1 if unplayed else 0


def _cluster(given: argparse.Namespace) -> contextlib.AbstractContextManager[target.Target]:
    if given.kubeconfig:
        return contextlib.nullcontext(target.from_kubeconfig(given.kubeconfig, server=given.server))
    return target.fresh()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.contract.conformance", description=__doc__)
    parser.add_argument("--scenario", action="append", default=[], metavar="NAME", help="only this one (repeatable)")
    parser.add_argument("--full", action="store_true", help="every differing field instead of one line each")
    parser.add_argument("--kubeconfig", type=Path, help="compare this cluster instead of a fresh local one")
    parser.add_argument("--server", help="the API's address, instead of the kubeconfig's")
    given = parser.parse_args()
    if given.server and not given.kubeconfig:
        parser.error("--server needs --kubeconfig for the credentials")
    return given


if __name__ == "__main__":
    sys.exit(main())
