"""ResourceQuotas as bars: what is used of what there is, as the API server wrote both. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.kube.quantities import number
from dashboard.limits import amounts

Manifest = Mapping[str, Any]
Row = dict[str, Any]

NEAR = 80.0
"""Percent from which a quota is told to be near its end: one pod more of a small workload is about that."""
FIRST = ("pods", "requests.cpu", "limits.cpu", "requests.memory", "limits.memory")
NOTHING = "No quota: nothing bounds this namespace."


def rows(quotas: Sequence[Manifest]) -> list[Row]:
    """One row a quota of one namespace, by name."""
    return [_row(each) for each in sorted(quotas, key=lambda each: str(each["metadata"]["name"]))]


def sentence(found: Sequence[Row]) -> str:
    """How a namespace stands, in plain words."""
    if not found:
        return NOTHING
    bars = [bar for row in found for bar in row["bars"]]
    full = _named(bars, ("full", "over"))
    near = _named(bars, ("near",))
    of_pods, others = [each for each in full if _is_of_pods(each)], [each for each in full if not _is_of_pods(each)]
    if of_pods:
        return f"Full: {_listed(of_pods)}. The next pod that needs {'it' if len(of_pods) == 1 else 'them'} is refused."
    if near:
        return f"Near the end: {_listed(near)}."
    if others:
        return f"Room for pods; {_listed(others)} {'is' if len(others) == 1 else 'are'} used up."
    return "There is room in everything that is bounded."


def tone(found: Sequence[Row]) -> str:
    """The worst of its bars; what bounds no pods may well be used up."""
    tones = {bar["tone"] for row in found for bar in row["bars"] if _is_of_pods(bar["resource"])}
    return next((each for each in ("over", "full", "near", "unknown") if each in tones), "good" if found else "absent")


def _row(quota: Manifest) -> Row:
    spec, status = quota.get("spec") or {}, quota.get("status") or {}
    hard, used = status.get("hard") or spec.get("hard") or {}, status.get("used") or {}
    selector = (spec.get("scopeSelector") or {}).get("matchExpressions") or ()
    scopes = [*(spec.get("scopes") or ()), *(str(each.get("scopeName")) for each in selector)]
    name = str(quota["metadata"]["name"])
    bars = [_bar(resource, used.get(resource), hard[resource]) for resource in sorted(hard, key=_rank)]
    none = _named(bars, ("none",))
    return {
        "key": name,
        "name": name,
        "scopes": f"counts only pods that are {', '.join(scopes)}" if scopes else "",
        "bars": [each for each in bars if each["tone"] != "none"],
        "none": f"None allowed: {_listed(none)}." if none else "",
    }


def _bar(resource: str, used: Any, hard: Any) -> Row:
    share = amounts.percent(used, hard)
    word, how = _judged(used, hard, share)
    return {
        "key": resource,
        "resource": resource,
        "used": amounts.UNKNOWN if used is None else str(used),
        "hard": str(hard),
        "percent": "" if share is None else f"{share:.0f} %",
        "fill": 0 if share is None else max(0, min(100, round(share))),
        "word": word,
        "tone": how,
    }


def _judged(used: Any, hard: Any, share: float | None) -> tuple[str, str]:
    """Word and tone."""
    whole, part = number(hard), number(used)
    if whole is None or part is None:
        return "not counted yet", "unknown"
    if whole == 0:
        return ("none allowed", "none") if part == 0 else ("over", "over")
    if share is None or share < NEAR:
        return "room", "good"
    if share < 100:
        return "near full", "near"
    return ("full", "full") if share == 100 else ("over", "over")


def _rank(resource: str) -> tuple[int, str]:
    return (FIRST.index(resource) if resource in FIRST else len(FIRST), resource)


def _is_of_pods(resource: str) -> bool:
    """Whether a pod counts against it; the others bound objects that are made once."""
    return resource in ("pods", "count/pods", "cpu", "memory") or resource.startswith(("requests.", "limits."))


def _named(bars: Sequence[Row], tones: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(str(bar["resource"]) for bar in bars if bar["tone"] in tones))


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
