"""The two ways in which it leaks, and the ceilings. The program in the pod has the same ones (sampleapp/blast).

Nothing here can be chosen by a person but the variant: fewer choices are fewer ways to do harm.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.errors import Refused

LEAK_MB = 320
"""Mebibytes at which the leak ends by itself, whatever the container's limit is."""
RATE_MB_S = 24
LEAK_S = 40
"""Seconds after which the leak ends by itself."""
DEADLINE_S = 180
"""Seconds after which the cluster ends every pod of it (Job activeDeadlineSeconds)."""
UNWATCHED_S = 15
"""Seconds without a dashboard that looks on, after which it ends by itself."""
MACHINE_FREE = "512 MiB, or a tenth of the memory, is free on its node"


@dataclass(frozen=True, slots=True)
class Variant:
    """`parties`: who is asked, and in which pod and container each of them lives."""

    id: str
    title: str
    shared: str
    """What exactly the leaker and its neighbour share."""
    parties: tuple[tuple[str, str, str], ...]
    containers: tuple[str, ...]
    """Those in which it leaks: their memory counts against the bound."""


_ELSEWHERE = ("elsewhere", "watch", "elsewhere")
OWN = Variant(
    "own",
    "with a limit of its own",
    "One pod with two containers, each with a memory limit of its own. They share the pod and the node, but no bound.",
    (("leaker", "subject", "leaker"), ("beside", "subject", "beside"), _ELSEWHERE),
    ("leaker",),
)
SHARED = Variant(
    "shared",
    "without a limit of its own",
    "One container with two processes, whose manifest sets no limit. The namespace's LimitRange puts one in, and that "
    "bounds both together.",
    (("leaker", "subject", "both"), ("beside", "subject", "both"), _ELSEWHERE),
    ("leaker", "beside"),
)
VARIANTS = {each.id: each for each in (OWN, SHARED)}
NAMES = {
    "leaker": "The leaker",
    "beside": "Its neighbour in the same pod",
    "elsewhere": "A neighbour in another pod",
}


def variant_of(text: str) -> Variant:
    """By its id. Raises Refused."""
    found = VARIANTS.get(text)
    if found is None:
        raise Refused(f"There is no variant {text[:40]!r}; choose one of {', '.join(VARIANTS)}.")
    return found
