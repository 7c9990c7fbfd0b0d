"""Text for browsers that came by a share link: our own sentences, told again without whoever or whatever is not theirs.

A text is taken when every word of it is one of ours; what the story says is made anew from the parts that it is known
to have. All that fits nothing becomes one general sentence. Pure.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\Z")
_TOKEN = re.compile(r"[A-Za-z]+|\d[\d,]*(?:\.\d+)?|\s+|[%().,;:?×÷=→⌈⌉–≤≥<>+-]|.")
_NUMBER = re.compile(r"\d")
_LONGEST = 400
_ADDRESS_LIKE = re.compile(r"\d+\.\d+\.\d+|\d:\d|://|\d\d-\d\d-")

WORDS = frozenset(
    """
    a above add adds after again ago all allow allows and anew another answers any api are as asks at available
    back been before behavior behind below between blocked bound bounds brought but by calm cannot change
    changes cluster come compute computed container controller count counted counts cpu custom decides deciding
    decision deleted deployment direction do does down driven due each else enough every exactly external far fast
    figure figures first for found from full get getting goes going growing has have held higher highest holding
    holds hpa hpas idle if in inside is it its itself just kubernetes last leads least leaves lets limit limited
    little load long longer look looked looks lower lowest m maximum may metric metrics mi min minimum minute
    minutes missing more most ms needed never new newest next no nobody nodes none not nothing now of off old on
    one only or out over pause paused peak per percent plus pod pods policies policy proposal quota rate rates
    readable readiness reads ready refused registered replica replicas reports request requests room rps s said
    same says scale scaled scales scaling second seconds see seems server serves set share silent since size so
    somebody stabilization start started starting starts stays steady step steps still stops switched switches
    sync takes target than that the their them then there these they this those time to together tolerance too
    two under unknown up updated usage used users utilisation utilization version wait waiting waits want wanted
    wants was way what when whether which while will window wish with within without work worked would yes yet
    young younger zero
    """.split()  # noqa: SIM905 - a hundred quoted words would not be read
)
"""All the words that the explanations of an autoscaler and the states of a workload are made of."""

GENERIC = {
    "scaled": "The number of replicas was changed.",
    "swarm": "A swarm puts the app under load.",
    "stop": "The swarm ended.",
    "apply": "Something was deployed.",
    "oom": "A container went over its memory limit and was killed.",
    "failover": "The database elected a primary.",
}
"""The kinds of the story that are told at all, and what is said when nothing more can be."""

FLAGS = frozenset(
    {"swarm", "stop", "apply", "failover", "OOM", "kill", "deploy", "deployed", "remove", "removed", "stopped",
     "roll back", "back"}
)  # fmt: skip
_FLAG = re.compile(r"(\d{1,5} )?→ \d{1,5}\Z")
_SAYS_NOTHING = "What the autoscaler does has a reason that is not shown here."

_N = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
_NAMES = rf"{_N}(?:(?:, | and ){_N})*"
_ENDING = r"(?=[,.:;]|\s*\Z)"
_TEXT_MAX = 1000
"""Characters of a line that are looked at; ours are a tenth of it."""
_Made = Callable[[re.Match[str]], str]


def is_name(value: Any) -> bool:
    """Whether it has the form of a Kubernetes name, and not that of an address."""
    return isinstance(value, str) and bool(_NAME.match(value)) and not _is_address(value)


def own_words(text: str) -> bool:
    """Whether it is made of our own words, numbers and signs alone."""
    if not text or len(text) > _LONGEST or _ADDRESS_LIKE.search(text):
        return False
    return all(_is_own(piece) for piece in _TOKEN.findall(text))


def why_sentence(told: Any, *, word: str | None, about: str | None) -> str:
    """The explanation, if it holds nothing but our own words; else only the state it is in."""
    if isinstance(told, str) and own_words(told):
        return told
    return f"{about or 'The autoscaler'}: {word}." if word else _SAYS_NOTHING


def cluster_name(told: Any) -> str:
    """The cluster of a kubeconfig's context: without its user, and nothing where it is the server's address."""
    name = told.rpartition("@")[2] if isinstance(told, str) else ""
    return name if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", name) else ""


def flag_text(kind: str, told: Any) -> str:
    """What stands on a flag: the sizes, or one of a few words."""
    if isinstance(told, str) and (_FLAG.match(told) or told in FLAGS):
        return told
    return "OOM" if kind == "oom" else kind


def said(kind: str, told: Any) -> str:
    """A line of the story made anew from its parts; GENERIC when it has none that we know."""
    if isinstance(told, str) and len(told) <= _TEXT_MAX:
        for pattern, made in _TOLD.get(kind, ()):
            found = pattern.match(told)
            if found is not None and not any(_is_address(each) for each in found.groups() if each):
                return made(found)
    return GENERIC[kind]


def _is_own(piece: str) -> bool:
    if piece[0].isalpha():
        return piece.lower() in WORDS
    return bool(_NUMBER.match(piece)) or piece.isspace() or piece in "%().,;:?×÷=→⌈⌉–≤≥<>+-"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _scaled(found: re.Match[str]) -> str:
    head = f"{found['name']} {found['change']}"
    cause = (found["cause"] or "").strip().rstrip(".")
    return f"{head}: {cause}." if cause and own_words(cause) else f"{head}."


def _elected(found: re.Match[str]) -> str:
    before = f", before it was {found['before']}" if found["before"] else ""
    return f"{found['now']} is primary now{before}."


_TOLD: dict[str, tuple[tuple[re.Pattern[str], _Made], ...]] = {
    "scaled": (
        (re.compile(rf"(?P<name>{_N}) (?P<change>(?:\d+ )?→ \d+ replicas?)(?:: (?P<cause>.*))?"), _scaled),
        (
            re.compile(rf"The HPA (?P<hpa>{_N}) scaled [A-Z]\w+ (?P<name>{_N}) (?P<change>(?:from \d+ )?to \d+)"),
            lambda found: f"The HPA {found['hpa']} scaled {found['name']} {found['change']}.",
        ),
        (
            re.compile(rf".{{0,200}}? set (?:Deployment|StatefulSet) (?P<name>{_N}) (?P<change>(?:from \d+ )?to \d+)"),
            lambda found: f"{found['name']} was set {found['change']}, not by the HPA.",
        ),
    ),
    "swarm": (
        (
            re.compile(rf"(?P<users>\d+) load users on (?P<on>{_N}(?:/{_N})?)(?: for \d+ \w+)?{_ENDING}"),
            lambda found: f"{found['users']} load users on {found['on']}.",
        ),
        (
            re.compile(rf"(?P<users>\d+) load users from now on{_ENDING}"),
            lambda found: f"{found['users']} load users from now on.",
        ),
    ),
    "stop": (
        (re.compile(r"Swarm ended after its time"), lambda _found: "The swarm ended after its time."),
        (re.compile(r"(?:The s|S)warm (?:was )?stopped\b"), lambda _found: "The swarm was stopped."),
    ),
    "apply": (
        (
            re.compile(rf"(?P<doing>Deploying|Removing) (?P<names>{_NAMES})(?=, asked|\.?\s*\Z)"),
            lambda found: f"{found['doing']} {found['names']}.",
        ),
        (
            re.compile(rf"(?P<names>{_NAMES}) (?P<done>deployed|removed){_ENDING}"),
            lambda found: f"{found['names']} {found['done']}.",
        ),
        (
            re.compile(rf"Rolling (?P<name>{_N}) back to revision (?P<number>\d+)"),
            lambda found: f"Rolling {found['name']} back to revision {found['number']}.",
        ),
    ),
    "oom": (
        (
            re.compile(rf"The container (?P<container>{_N}) of pod (?P<pod>{_N}) went over its memory limit"),
            lambda found: f"The container {found['container']} of pod {found['pod']} went over its memory limit.",
        ),
    ),
    "failover": (
        (re.compile(rf"(?P<now>{_N}) is primary now(?:, before it was (?P<before>{_N}))?"), _elected),
        (
            re.compile(rf"(?P<before>{_N}) stepped down, (?P<now>{_N}) is primary(?P<took> after [\d.]+ s)?"),
            lambda found: f"{found['before']} stepped down, {found['now']} is primary{found['took'] or ''}.",
        ),
        (
            re.compile(rf".{{0,200}}? killed the primary (?P<name>{_N}) to see a failover"),
            lambda found: f"The primary {found['name']} was killed to see a failover.",
        ),
    ),
}
"""How each kind begins, and what of it is told again. What does not fit is not told."""
