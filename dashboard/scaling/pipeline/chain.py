"""The whole way judged: which link is the fault, what the others come to because of it, one sentence, what mends it.

A link that is out of order only because another is, is not red too: it is unknown, and says since when of which. The
exact words that were seen of it stay beside it. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashboard.scaling.pipeline import api, autoscaler, figures, kubelet, telling
from dashboard.scaling.pipeline.facts import Facts, Reader
from dashboard.scaling.pipeline.links import NAMES, Link

BUNDLE = "metrics-server"
REPAIRED = ("api_service", "available", "endpoints", "kubelet_tls")
"""Links that deploying the bundle can mend."""

Found = Mapping[str, Link]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`fault`: the id of the link that is the cause. `repair`: what mends it by one button, None where nothing does."""

    links: tuple[Link, ...]
    fault: str | None
    sentence: str
    repair: Mapping[str, Any] | None

    def row(self) -> dict[str, Any]:
        """As it stands in the view."""
        return {
            "links": [each.row() for each in self.links],
            "fault": self.fault,
            "sentence": self.sentence,
            "repair": dict(self.repair) if self.repair else None,
        }


def judge(facts: Facts, reader: Reader) -> Pipeline:
    """The seven links of one HPA at one moment."""
    seen = (
        api.registered(facts), api.available(facts), api.ready(facts), kubelet.readable(facts),
        figures.fresh(reader, resolution_s=facts.resolution_s), figures.requests(reader), autoscaler.reading(reader),
    )  # fmt: skip
    found = {each.id: each for each in seen}
    trouble = kubelet.trouble(facts)
    fault: str | None
    if trouble is not None and _is_kept_by_nodes(facts, found):
        found["kubelet_tls"] = trouble.link
        fault = "kubelet_tls"
    elif found["endpoints"].state == "broken" and api.is_starting(facts.server, reader.now):
        return _starting(found)
    else:
        fault = _first_broken(found)
    links = _excused(found, fault, reader)
    fault = fault if fault is not None and links[fault].state == "broken" else None
    told = tuple(links[each] for each in NAMES)
    return Pipeline(told, fault, telling.sentence(links, fault, facts, reader), _repair(fault, facts))


def _starting(found: dict[str, Link]) -> Pipeline:
    """Nothing is wrong with a server that has only just been made."""
    for each in ("available", "kubelet_tls", "fresh", "hpa"):
        if found[each].state != "ok":
            found[each] = _since(found[each], "starting")
    found["endpoints"] = replace(found["endpoints"], state="unknown", text=telling.STARTING, advice=None)
    return Pipeline(tuple(found[each] for each in NAMES), None, telling.IS_STARTING, None)


def _is_kept_by_nodes(facts: Facts, found: Found) -> bool:
    """Its server runs and is not ready: metrics-server is ready once it has read a node."""
    return found["endpoints"].state == "broken" and facts.server is not None and api.is_up(facts.server.pods)


def _first_broken(found: Found) -> str | None:
    """The deepest of what the API server sees from outside, then the others in order.

    An API whose server has no endpoint is not available because of that, not the other way round.
    """
    order = ("api_service", "endpoints", "available", "kubelet_tls", "fresh", "requests", "hpa")
    return next((each for each in order if found[each].state == "broken"), None)


def _excused(found: Found, fault: str | None, reader: Reader) -> dict[str, Link]:
    """Whatever follows from the fault is not broken by itself."""
    links = dict(found)
    if fault in REPAIRED:
        for each in (*REPAIRED, "fresh"):
            if each != fault and links[each].state in ("broken", "unknown"):
                links[each] = _since(links[each], fault)
    if links["hpa"].state == "broken":
        links["hpa"] = _of_hpa(links, fault, reader)
    return links


def _of_hpa(links: Found, fault: str | None, reader: Reader) -> Link:
    hpa = links["hpa"]
    words = hpa.cause or ""
    if "missing request for" in words and links["requests"].state == "broken":
        return _since(hpa, "requests")
    if hpa.text.startswith("its target") or fault is None:
        return hpa
    if fault in (*REPAIRED, "fresh"):
        return _since(hpa, fault)
    if fault == "hpa" and reader.well_for_s < autoscaler.PATIENCE_S and "missing request" not in words:
        return replace(hpa, state="unknown", text="failed at its last reading; it reads every 15 s", advice=None)
    return hpa


def _since(link: Link, fault: str) -> Link:
    return Link(
        link.id, "unknown", f"{telling.SEEN.get(link.id, 'not known')}, since {telling.SINCE[fault]}", link.cause
    )


def _repair(fault: str | None, facts: Facts) -> Mapping[str, Any] | None:
    if fault not in REPAIRED:
        return None
    provider = facts.provider
    if provider is not None and not (provider.is_metrics_server and provider.is_own_place):
        return None
    return {"bundle": BUNDLE, "needed": True, "why": telling.WHY[fault]}
