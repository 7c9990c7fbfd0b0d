"""Holds what the whole suite asked for against the roles of the bundle and the declared rest. It reads nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from tests.in_cluster.rights import Call

MOST_TOLD = 40


@dataclass(frozen=True, slots=True)
class Verdict:
    """`undeclared`: calls that nobody has granted or declared. `idle`: declarations that no call needed."""

    undeclared: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return not (self.undeclared or self.idle)

    def lines(self) -> list[str]:
        """For whoever reads the end of a failed run."""
        told = []
        if self.undeclared:
            told += ["Asked of a cluster, and in no role of manifests/dashboard nor declared in tests/recording:"]
            told += [f"  {each}" for each in self.undeclared[:MOST_TOLD]]
            more = len(self.undeclared) - MOST_TOLD
            told += [f"  … and {more} more"] if more > 0 else []
        if self.idle:
            told += ["Declared in tests/recording/declared.py, and never asked for by the whole suite:"]
            told += [f"  {each}" for each in self.idle]
        return [*told, "docs/in-cluster.md says how to read this (Who adds a call to the dashboard)."] if told else []


def judged(ungranted: Iterable[Call], declared: Mapping[str, str], *, is_whole: bool) -> Verdict:
    """`declared`: pattern of a call → why only an administrator makes it. `is_whole`: every test ran, and well."""
    calls = {str(call) for call in ungranted}
    return Verdict(
        tuple(sorted(each for each in calls if not _matches(each, declared))),
        tuple(each for each in declared if is_whole and not any(re.fullmatch(each, call) for call in calls)),
    )


def _matches(call: str, patterns: Collection[str]) -> bool:
    return any(re.fullmatch(pattern, call) for pattern in patterns)
