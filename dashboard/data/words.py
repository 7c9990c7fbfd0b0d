"""MongoDB's states and figures as people read them. Pure; rows carry these words, so that both paints agree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

UNKNOWN = "–"

STATES: dict[str, tuple[str, str]] = {
    "PRIMARY": ("primary", "ready"),
    "SECONDARY": ("secondary", "ready"),
    "STARTUP": ("starting", "starting"),
    "STARTUP2": ("copying the data", "starting"),
    "RECOVERING": ("recovering", "starting"),
    "ROLLBACK": ("rolling back", "trouble"),
    "ARBITER": ("arbiter", "ready"),
    "REMOVED": ("not in the set", "trouble"),
    "DOWN": ("down", "trouble"),
    "NOT_INITIATED": ("waits for the set", "starting"),
    "UNKNOWN": ("unknown", "unknown"),
}
"""mongod's word for a member → ours, and the tone."""

ALIVE = frozenset({"PRIMARY", "SECONDARY"})

REASONS = {
    "electionTimeout": "no primary was heard of for the election timeout",
    "stepUpRequest": "the former primary handed over",
    "stepUpRequestSkipDryRun": "the former primary handed over as it was told to stop",
    "priorityTakeover": "it has a higher priority than the former primary",
    "catchupTakeover": "it had more of the data than the former primary",
    "singleNodePromptElection": "it is the only member",
}
"""mongod's `lastElectionReason` → why, in words."""


def state(raw: str | None) -> tuple[str, str]:
    """(word, tone) of a member's state."""
    return STATES.get(raw or "UNKNOWN", ((raw or "unknown").lower(), "unknown"))


def is_handover(raw: str | None) -> bool | None:
    """Whether the former primary let another one be elected; None when mongod tells no reason."""
    return None if not raw else raw.startswith("stepUpRequest")


def reason(raw: str | None) -> str | None:
    """Why an election was held; mongod's own word where there is no better one."""
    return REASONS.get(raw, raw) if raw else None


TROUBLES = (
    (("host not found", "could not find address", "name or service not known"), "its name leads nowhere yet"),
    (("connection refused",), "nothing listens at its address"),
    (("time limit", "timed out", "timeout", "no response"), "it does not answer in time"),
    (("hostunreachable", "no route", "unreachable"), "its address cannot be reached"),
    (("reset by peer", "closed by peer", "connection closed", "broken pipe"), "it broke the connection off"),
    (("shutdown", "shutting down"), "it is shutting down"),
    (("not yet initialized", "no replset config", "notyetinitialized"), "it has not heard of the set yet"),
    (("authentication", "unauthorized"), "it does not accept the key of the set"),
)
"""What a heartbeat failed with, told by any of these words of mongod → in words for people; the first that fits."""


def heard(trouble: str) -> str:
    """What a member says of another that it does not reach: its own words are long, and cut off by its agent."""
    lower = trouble.lower()
    return next((told for signs, told in TROUBLES if any(sign in lower for sign in signs)), f"“{trouble}”")


def pod(state: str) -> str:
    """What a pod that does not run is doing, in plain words; Kubernetes' own word stays beside them."""
    begins = state in ("ContainerCreating", "PodInitializing") or state.startswith("Init:")
    if begins and not state.endswith(("BackOff", "Error", "ErrImagePull")):
        return f"Its pod is being prepared ({state})"
    return f"Its pod waits for a place ({state})" if state == "Pending" else f"Its pod does not run ({state})"


def seconds(value: float | None) -> str:
    """A short time: `0.0 s`, `12.4 s`, `3 min`."""
    if value is None:
        return UNKNOWN
    return f"{value:.1f} s" if value < 90 else lasting(value)


def lasting(value: float | None) -> str:
    """`45 s`, `12 min`, `5.2 h`, `9 d`."""
    if value is None:
        return UNKNOWN
    if value < 90:
        return f"{value:.0f} s"
    if value < 5400:
        return f"{value / 60:.0f} min"
    return f"{value / 3600:.1f} h" if value < 172_800 else f"{value / 86_400:.0f} d"


def size(value: int | None) -> str:
    """`812 B`, `12 KiB`, `3.4 MiB`, `1.2 GiB`."""
    if value is None:
        return UNKNOWN
    amount, unit = float(value), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.0f} {unit}" if unit in ("B", "KiB") else f"{amount:.1f} {unit}"


def ago(moment: str | None, now: str | None) -> str:
    """How long before `now`; both are by the same clock."""
    then, here = parsed(moment), parsed(now)
    return UNKNOWN if then is None or here is None else f"{seconds(max(0.0, (here - then).total_seconds()))} ago"


def parsed(moment: str | None) -> datetime | None:
    """An ISO time; None for what is none."""
    try:
        found = datetime.fromisoformat(moment) if moment else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def listed(names: Sequence[str]) -> str:
    """`mongo-0`, `mongo-0 and mongo-2`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
